import * as fc from 'fast-check';
import type { DecisionContext } from '../../../domain/feature/commands.ts';
import type { FeatureCommand } from '../../../domain/feature/decide.ts';
import { type ChangeState, type FeatureState, isOpen } from '../../../domain/feature/state.ts';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { endOfLocalDay, lastMomentOf, localDateOf, localMoment } from '../../../domain/kernel/zone.ts';
import type { PinnedRequirement } from '../../../domain/policy/schema.ts';
import { holdersOf } from '../../../domain/roster/holders.ts';
import { advise, ballot, certify, confirm, facts, notify, repin, revoke, sign, tick } from '../../domain/feature/support.ts';
import { wait } from './steps.ts';
import { Dice, PERSONS, type Town } from './towns.ts';

// What persons do in a town: mostly what the rules wait for, often by the wrong person, on other terms, too late, or about another meeting.

/** One command or a few at one instant. `wait`: which of the waits before it; `luck`: the seed of all else. */
export interface Turn {
  readonly wait: number;
  readonly luck: number;
}

const HOUR_MS = 3_600_000;
const WAITS_MS = [0, 0, 0, 0, 0, 1, 1, 6, 24, 24, 72, 240].map((hours) => hours * HOUR_MS);

export const turns: fc.Arbitrary<readonly Turn[]> = fc.array(
  fc.record({ wait: fc.nat(WAITS_MS.length - 1), luck: fc.nat(2 ** 31) }),
  { minLength: 25, maxLength: 60, size: 'max' },
);

/** Where a story is decided: by the rules alone, or in a log that the judge reads. */
export interface Table {
  readonly state: FeatureState;
  readonly rules: Pick<DecisionContext, 'roster' | 'policy'>;
  decide(command: FeatureCommand): void;
  changeRoster(index: number, at: string): void;
  changePolicy(index: number, at: string): void;
}

const START = '2026-03-01T12:00:00.000Z';

const later = (now: string, ms: number) => new Date(Date.parse(now) + ms).toISOString();

/** About the moment of a deadline, or of the end of a day: exactly then, a millisecond before it or after it. */
const edgeAfter = (now: string, dice: Dice, zone: string, state: FeatureState) =>
  dice.chance(50)
    ? wait(now, 40 + dice.below(12), [state])
    : later(endOfLocalDay(localDateOf(now, zone), zone), dice.below(3) - 1);

/** Plays the turns of a town; returns the instant at which they end. */
export const play = ({ luck, zone }: Town, list: readonly Turn[], table: Table): string => {
  const town = new Dice(luck + 1);
  const usual: Terms = town.of([
    NO_TERMS,
    { ...NO_TERMS, audience: ['Police'] },
    { ...NO_TERMS, audience: ['Police'] },
    { ...NO_TERMS, audience: ['Police'], until: town.of(['2026-03-10T00:00:00.000Z', '2026-04-01T00:00:00.000Z']) },
  ]);
  const meetings: string[] = [];
  let now = START;
  for (const { wait: index, luck: seed } of list) {
    const dice = new Dice(seed);
    now = dice.chance(80) ? later(now, WAITS_MS[index] ?? 0) : edgeAfter(now, dice, zone, table.state);
    if (dice.chance(3)) table.changeRoster(dice.below(3), now);
    if (dice.chance(1)) table.changePolicy(dice.below(2), now);
    const terms = dice.chance(93) ? usual : dice.of([NO_TERMS, { ...NO_TERMS, conditions: 'Keep it for 30 days at most.' }]);
    const seat = new Place(dice, { at: now, zone, ...table.rules }, terms, meetings);
    for (let index = 0; index < 6; index += 1) {
      const command = seat.next(table.state);
      if (command === undefined) break;
      table.decide(command);
    }
  }
  return now;
};

/** The commands of one turn, each made for the state that the one before it left. */
class Place {
  readonly #dice: Dice;
  readonly #context: DecisionContext;
  readonly #terms: Terms;
  /** The days of meetings so far, of the whole story. */
  readonly #meetings: string[];
  #left: (() => FeatureCommand)[] | undefined;

  constructor(dice: Dice, context: DecisionContext, terms: Terms, meetings: string[]) {
    this.#dice = dice;
    this.#context = context;
    this.#terms = terms;
    this.#meetings = meetings;
  }

  next(state: FeatureState): FeatureCommand | undefined {
    this.#left ??= this.#choose(state);
    return this.#left.shift()?.();
  }

  #choose(state: FeatureState): (() => FeatureCommand)[] {
    const dice = this.#dice;
    const { at } = this.#context;
    const open = state.changes.filter(isOpen);
    if (open.length === 0 || dice.chance(2)) return [() => this.#notice(state.count + 1, null)];
    const change = dice.of(dice.chance(92) ? open : state.changes);
    const rules = change.pin === null ? [] : (state.pins[change.pin]?.require ?? []);
    if (rules.length === 0 || dice.chance(1)) return [() => tick(at, this.#context)];
    if (dice.chance(2)) return [() => this.#notice(change.number, change)];
    if (dice.chance(1)) return [() => repin(at, this.#context)];
    if (change.status === 'approved' && dice.chance(20)) return [() => this.#revoke(change, dice.of(rules))];
    if (change.confirmation !== null && dice.chance(45)) return [() => this.#confirm(change, rules)];
    if (change.veto !== null && change.confirmation?.disputed !== false && dice.chance(80))
      return [() => this.#underVeto(change, rules)];
    const second = Object.values(change.requirements).some(({ overriders }) => overriders !== undefined);
    if (dice.chance(second ? 45 : 10)) return [() => this.#correct(change, rules)];
    const turn = rules.filter(({ id }) => change.requirements[id]?.status === 'open');
    return this.#decide(change, dice.of(turn.length > 0 && dice.chance(90) ? turn : rules));
  }

  #notice(n: number, before: ChangeState | null): FeatureCommand {
    const { at } = this.#context;
    const digest = digestOf(`words of ${n} at ${at}`);
    const notice = facts({
      ...(before === null && n > 1 && this.#dice.chance(25) && { kind: 'removal' }),
      optOut: this.#dice.of(['yes', 'yes', 'no']),
      withoutAction: 'off',
      effectiveAt: this.#dice.chance(30) ? this.#days(20) : null,
      endsAt: this.#dice.chance(15) ? this.#days(25) : null,
    });
    return notify(at, n, { ...this.#context, digest, notice, revises: before === null ? null : n });
  }

  #days(n: number): string {
    return new Date(Date.parse(this.#context.at) + n * 24 * HOUR_MS).toISOString();
  }

  #on({ revision, digest }: ChangeState, requirement: string) {
    return { ...this.#context, revision, digest, terms: this.#terms, requirement };
  }

  /** Somebody of a body, or of one seat of it; sometimes anybody. */
  #who(office: string): string {
    const [body = '', seat] = office.split('/');
    const { roster, at, zone } = this.#context;
    const sitting = roster === null ? new Map<string, { id: string }>() : holdersOf(roster.roster, body, localMoment(at, zone));
    const named = [...sitting].flatMap(([each, { id }]) => (seat === undefined || seat === each ? [id] : []));
    return named.length > 0 && this.#dice.chance(95) ? this.#dice.of(named) : this.#dice.of(PERSONS);
  }

  #decide(change: ChangeState, rule: PinnedRequirement): (() => FeatureCommand)[] {
    const { at } = this.#context;
    const dice = this.#dice;
    const on = this.#on(change, rule.id);
    if (rule.instrument === 'certification') return [() => this.#certify(change, rule, 'adopt', this.#meeting())];
    if (rule.instrument === 'advice') return [() => advise(at, change.number, this.#who(rule.body), on)];
    if (rule.instrument === 'signature') {
      const decision = dice.chance(rule.override === undefined ? 90 : 60) ? 'approve' : 'refuse';
      return [() => sign(at, change.number, { ...on, holder: this.#who(rule.body), decision })];
    }
    return Array.from({ length: 1 + dice.below(5) }, () => () => {
      const decision = dice.of(['approve', 'approve', 'approve', 'approve', 'refuse', 'abstain'] as const);
      const terms = dice.chance(90) ? this.#terms : NO_TERMS;
      return ballot(at, change.number, this.#who(rule.body), { ...on, terms, decision });
    });
  }

  #meeting(): string {
    return localDateOf(this.#days(this.#dice.chance(75) ? 0 : 1 - this.#dice.below(6)), this.#context.zone);
  }

  #certify(change: ChangeState, rule: PinnedRequirement, purpose: 'adopt' | 'override' | 'correct', meetingDate: string) {
    const { at, roster, zone } = this.#context;
    const seats = roster?.roster.bodies[rule.body]?.seats ?? [];
    const there = roster === null ? undefined : holdersOf(roster.roster, rule.body, lastMomentOf(meetingDate, zone, at));
    const likely = this.#dice.chance(88)
      ? (['yes', 'yes', 'yes', 'yes', 'yes', 'yes', 'abstain'] as const)
      : (['yes', 'no', 'abstain', 'absent', 'recused'] as const);
    const votes = Object.fromEntries(seats.map((seat) => [seat, there?.has(seat) ? this.#dice.of(likely) : 'vacant']));
    const by = { holder: this.#who('clerk'), mover: null, seconder: null };
    this.#meetings.push(meetingDate);
    return certify(at, change.number, { ...this.#on(change, rule.id), ...by, purpose, meetingDate, votes });
  }

  #confirm(change: ChangeState, rules: readonly PinnedRequirement[]): FeatureCommand {
    const { requirement = '', act = '' } = change.confirmation ?? {};
    const ruleOf = (id: string | undefined): PinnedRequirement | undefined => rules.find((each) => each.id === id);
    const named =
      change.veto === null ? ruleOf(requirement)?.confirmedBy : ruleOf(change.veto.requirement)?.override?.confirmedBy;
    const holder = this.#who(this.#dice.chance(90) ? (named ?? 'council') : 'clerk');
    const decision = this.#dice.chance(85) ? 'confirm' : 'dispute';
    return confirm(this.#context.at, change.number, act, { ...this.#on(change, requirement), holder, decision });
  }

  /** A second vote; else the refusal is taken back. */
  #underVeto(change: ChangeState, rules: readonly PinnedRequirement[]): FeatureCommand {
    const vetoed = rules.find(({ id }) => id === change.veto?.requirement);
    const votes = rules.find(({ id }) => id === vetoed?.override?.requirement);
    if (votes !== undefined && this.#dice.chance(85)) return this.#certify(change, votes, 'override', this.#meeting());
    const { id = '', body = '' } = vetoed ?? {};
    const comment = digestOf('a reason');
    return sign(this.#context.at, change.number, {
      ...this.#on(change, id),
      holder: this.#who(body),
      decision: 'take-back',
      comment,
    });
  }

  /** The record of one of the last meetings, or of another day. */
  #correct(change: ChangeState, rules: readonly PinnedRequirement[]): FeatureCommand {
    const votes = rules.filter(({ instrument }) => instrument === 'certification');
    if (votes.length === 0) return tick(this.#context.at, this.#context);
    const rule = this.#dice.of(votes);
    const day = this.#dice.chance(70) && this.#meetings.length > 0 ? this.#dice.of(this.#meetings.slice(-4)) : this.#meeting();
    return this.#certify(change, rule, 'correct', day);
  }

  #revoke({ number }: ChangeState, { id, body, instrument }: PinnedRequirement): FeatureCommand {
    const certifies = instrument === 'certification';
    const holder = this.#who(certifies ? 'clerk' : body);
    return revoke(this.#context.at, number, { ...this.#context, requirement: id, holder, fileNumber: certifies ? '26-9' : null });
  }
}
