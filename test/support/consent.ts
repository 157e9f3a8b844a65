import type { EventOf, FeatureEvent } from '../../domain/feature/events.ts';
import type { Terms } from '../../domain/feature/terms.ts';
import type { Policy, Requirement, Rule } from '../../domain/policy/schema.ts';
import type { Roster } from '../../domain/roster/schema.ts';
import { type WallClock, wallClock } from './wallClock.ts';

// A second opinion on what was consented to, from the acts of persons and the clock alone, written from the text of the rules. It believes
// no event that follows from an act: no requirement that is said to be met, no veto, no approval, and none of their dates.

type Words = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;
type Vote = EventOf<'VoteCertified'>;
type Answer = EventOf<'ConfirmationGiven'>;
type Signature = EventOf<'SignatureGiven'>;
type Ballot = EventOf<'BallotCast'>;
type Act = Vote | Answer | Signature | Ballot;

/** The policies and rosters that events name by number, and the city's time zone. */
export interface Books {
  readonly zone: string;
  readonly policies: ReadonlyMap<number, Policy>;
  readonly rosters: ReadonlyMap<number, Roster>;
}

/** The result of an act: an approval, its end (`fell`), a refusal by persons, or none of these. `void`: the rules do not admit the act. */
type Outcome = 'approved' | 'fell' | 'refused' | 'counts' | 'void';

const moved = (end: string, from: string, to: string) =>
  new Date(Date.parse(end) + Date.parse(to) - Date.parse(from)).toISOString();
const first = (...ends: readonly (string | null | undefined)[]) => ends.filter((end) => end != null).sort()[0] ?? null;
const sameTerms = (one: Terms, other: Terms) =>
  (['from', 'until', 'audience', 'conditions', 'maintenance'] as const).every(
    (part) => JSON.stringify(one[part]) === JSON.stringify(other[part]),
  );

const sittingIn = (roster: Roster | undefined, body: string, at: string, { dayOf }: WallClock): ReadonlyMap<string, string> => {
  const today = dayOf(at);
  const held = (from: string, to: string | undefined) =>
    (from.length > 10 ? from <= at : from <= today) && (to === undefined || (to.length > 10 ? at < to : today <= to));
  const seats = roster?.bodies[body]?.seats ?? [];
  const all = (roster?.holders ?? []).filter((each) => each.body === body && held(each.from, each.to));
  return new Map(
    seats.flatMap((seat) =>
      all
        .filter((each) => each.seat === seat)
        .slice(0, 1)
        .map(({ id }) => [seat, id]),
    ),
  );
};

const votersOf = ({ roll }: Vote): readonly string[] =>
  roll.flatMap(({ holder, vote }) => (holder !== null && ['yes', 'no', 'abstain'].includes(vote) ? [holder] : []));

const enoughOf = (yes: NonNullable<Requirement['threshold']>['yes'], all: number) => {
  if (yes === 'majority') return Math.max(1, Math.floor(all / 2 + 1));
  if (yes === 'two-thirds') return Math.max(1, Math.ceil((all * 2) / 3));
  return yes === 'unanimous' ? Math.max(1, all) : yes;
};

/** Returns the result of a roll call. `size`: the yes votes that overturn a refusal, in place of the threshold. */
const resultOf = ({ threshold, quorum = 0 }: Requirement, { roll }: Vote, size?: number) => {
  if (threshold === undefined) throw new Error('a vote without a threshold');
  const number = (...votes: readonly string[]) => roll.filter(({ vote }) => votes.includes(vote)).length;
  const aside = threshold.recused === 'excluded' ? number('recused') : 0;
  const there = number('yes', 'no', 'abstain', 'recused') - aside;
  const all = { seats: roll.length - aside, filled: roll.length - number('vacant') - aside, present: there }[threshold.of];
  if (there < quorum) return 'no quorum';
  return number('yes') >= (size ?? enoughOf(threshold.yes, all)) ? 'carried' : 'fell short';
};

const lengthOf = ({ within }: NonNullable<Requirement['override']>) => (typeof within === 'string' ? within : within.notAfter);

/** Returns a policy's rule for a notice. The policies of these tests distinguish notices only by their kind. */
const ruleFor = (policy: Policy | undefined, { notice }: Words): Rule | undefined =>
  policy?.rules.find(({ when: { kind, key, impact } }) => {
    if (key !== undefined || impact !== undefined) throw new Error('this reader tells rules apart by the kind of a notice only');
    return kind === undefined || kind.includes(notice.kind);
  });

interface Veto {
  readonly requirement: string;
  readonly at: string;
  readonly until: string;
  readonly by: string | null;
}

interface Waiting {
  readonly vote: Vote;
  readonly since: string;
  readonly until: string;
  readonly disputed: boolean;
  readonly disputers: readonly string[];
}

/** Words, and the kinds of documents attached to them since. */
interface Stated {
  readonly said: Words;
  readonly attached: Set<string>;
}

/** The decisions on one revision of a change under one rule. Other words or another rule begin a new round. */
class Round {
  readonly #words: Words;
  readonly #rule: Rule;
  readonly #books: Books;
  readonly #clock: WallClock;
  readonly #from: string;
  /** The kinds of documents attached to the words. */
  readonly #attached: ReadonlySet<string>;
  #closes: string | null;
  /** The requirements that have opened, with their deadlines, and until when a second vote can follow a missed one. */
  readonly #turns = new Map<string, { readonly end: string | null; readonly second: string | null }>();
  /** The requirements that have been granted, with the day. */
  readonly #granted = new Map<string, string>();
  /** Every record of a vote that counts; `#about` has the refusal that a second vote is about. */
  readonly #votes: Vote[] = [];
  readonly #about = new Map<Vote, Veto>();
  readonly #acted: (Signature | Ballot)[] = [];
  readonly #confirmers = new Set<string>();
  #terms: Terms | null = null;
  #waiting: Waiting | null = null;
  #veto: Veto | null = null;
  #state: 'open' | 'approved' | 'over' = 'open';

  constructor({ said, attached }: Stated, rule: Rule, at: string, books: Books, clock: WallClock) {
    this.#words = said;
    this.#attached = attached;
    this.#rule = rule;
    this.#books = books;
    this.#clock = clock;
    this.#from = rule.notice === undefined ? said.at : this.#clock.after(said.at, rule.notice);
    this.#closes = rule.window === undefined ? null : this.#clock.after(at, rule.window);
    this.#openTurns(at);
  }

  isOpenAt(now: string): boolean {
    this.#pass(now);
    return this.#state === 'open';
  }

  end(): void {
    if (this.#state === 'open') this.#state = 'over';
  }

  /** Returns the approval that the acts amount to. */
  approval(at: string): EventOf<'ChangeApproved'> {
    const { change, revision, digest, notice } = this.#words;
    const terms = this.#standingTerms;
    const { term } = this.#rule;
    const validUntil = first(notice.endsAt, terms.until, term === undefined ? null : this.#clock.after(at, term));
    return { type: 'ChangeApproved', v: 1, at, change, revision, digest, terms, validUntil, becomes: 'in-force', replaces: [] };
  }

  take(act: Act): Outcome {
    this.#pass(act.at);
    if (act.revision !== this.#words.revision || act.digest !== this.#words.digest) return 'void';
    // A ballot that comes after the end is recorded and changes nothing.
    if (this.#state === 'over') return act.type === 'BallotCast' && this.#asked(act.requirement, 'ballots') ? 'counts' : 'void';
    if (act.type === 'VoteCertified') return this.#vote(act);
    if (act.type === 'ConfirmationGiven') return this.#answer(act);
    return act.type === 'SignatureGiven' ? this.#sign(act) : this.#ballot(act);
  }

  get #standingTerms(): Terms {
    if (this.#terms === null) throw new Error('nobody set terms');
    return this.#terms;
  }

  #asked(id: string, instrument?: Requirement['instrument']): Requirement | undefined {
    return this.#rule.require.find((each) => each.id === id && (instrument === undefined || each.instrument === instrument));
  }

  #openTurns(at: string): void {
    for (const { id, after: earlier = [], deadline, override } of this.#rule.require)
      if (!this.#turns.has(id) && earlier.every((each) => this.#granted.has(each))) {
        const end = deadline === undefined ? null : this.#clock.after(at > this.#from ? at : this.#from, deadline);
        const second = end === null || override === undefined ? null : this.#clock.after(end, lengthOf(override));
        this.#turns.set(id, { end, second });
      }
  }

  /**
   * Applies what time alone does. A waiting certificate stops every clock but its own, and so does a veto. Once the words have ended,
   * nothing more is decided, whatever waits.
   */
  #pass(now: string): void {
    const { endsAt } = this.#words.notice;
    if (endsAt !== null && endsAt <= now) this.end();
    while (this.#state === 'open') {
      const standing = this.#waiting ?? this.#veto;
      if (standing !== null) {
        if (standing.until <= now) this.#state = 'over';
        return;
      }
      const missed = this.#rule.require
        .flatMap((rule) => {
          const { end = null, second = null } = (this.#granted.has(rule.id) ? undefined : this.#turns.get(rule.id)) ?? {};
          return end === null || end > now ? [] : [{ rule, end, second }];
        })
        .sort((one, other) => (one.end < other.end ? -1 : one.end > other.end ? 1 : 0))[0];
      const lapse = this.#closes !== null && this.#closes <= now ? this.#closes : null;
      if (missed === undefined && lapse === null) return;
      if (missed === undefined || (lapse !== null && lapse <= missed.end)) this.#state = 'over';
      else this.#refuse(missed.rule, missed.end, null, missed.second);
    }
  }

  #refuse({ id, override }: Requirement, at: string, by: string | null, second: string | null = null): void {
    if (override === undefined) this.#state = 'over';
    else this.#veto = { requirement: id, at, until: second ?? this.#clock.after(at, lengthOf(override)), by };
  }

  #resume(from: string, to: string, but?: string): void {
    // A clock that stood still has as many hours left as before, also where the time of the year has changed meanwhile.
    const later = (end: string | null) => (end === null ? null : moved(end, from, to));
    for (const [id, { end, second }] of this.#turns)
      if (id !== but && !this.#granted.has(id)) this.#turns.set(id, { end: later(end), second: later(second) });
  }

  #holds(act: Act, body: string): boolean {
    return sittingIn(this.#books.rosters.get(act.roster), body, act.at, this.#clock).get(act.seat) === act.holder;
  }

  /** Returns the newest record of a body's first vote and of each of its second votes. */
  #recordsOf(requirement: string): { readonly adopted: Vote | undefined; readonly seconds: readonly Vote[] } {
    const own = this.#votes.filter((vote) => vote.requirement === requirement);
    return {
      adopted: own.findLast((vote) => !this.#about.has(vote)),
      seconds: own.filter((vote) => this.#newestAbout(vote) === vote),
    };
  }

  /** Returns everybody who signed, balloted or voted in a requirement; for a corrected vote, by its newest record. */
  #partOf(requirement: string): readonly string[] {
    const { adopted, seconds } = this.#recordsOf(requirement);
    const own = this.#acted.filter((act) => act.requirement === requirement).map(({ holder }) => holder);
    return [...own, ...(adopted === undefined ? [] : votersOf(adopted)), ...seconds.flatMap(votersOf)];
  }

  #newestAbout(vote: Vote): Vote | undefined {
    const about = this.#about.get(vote);
    return about && this.#votes.findLast((other) => this.#about.get(other) === about);
  }

  /** Reports whether a person already counts: in another requirement, as the one who entered the notice, or as a certifying clerk. */
  #countsElsewhere(person: string, requirement: string | null): boolean {
    const certified = requirement !== null && this.#votes.some(({ holder }) => holder === person);
    const others = this.#rule.require.filter(({ id }) => id !== requirement);
    return person === this.#words.provenance.person || certified || others.some(({ id }) => this.#partOf(id).includes(person));
  }

  /**
   * Reports whether an act agrees with the terms that the first decision set, these have not ended, and every document that the rule
   * asks for is attached. `own`: the requirement of a record, whose clerk may set other terms until anyone else has agreed to them.
   */
  #agrees({ terms, at }: Vote | Signature | Ballot, own?: Requirement): boolean {
    if (this.#rule.documents?.some((kind) => !this.#attached.has(kind))) return false;
    if (terms.until !== null && terms.until <= at) return false;
    return this.#terms === null || sameTerms(this.#terms, terms) || (own !== undefined && this.#isClerksAlone(own));
  }

  #isClerksAlone({ id: own, confirmedBy }: Requirement): boolean {
    const elsewhere = this.#waiting !== null && this.#waiting.vote.requirement !== own;
    const answered = this.#acted.some((act) => act.type === 'BallotCast' && act.requirement !== own);
    const granted = [...this.#granted.keys()].some((id) => id !== own || confirmedBy !== undefined);
    return this.#state === 'open' && this.#veto === null && !elsewhere && !answered && !granted;
  }

  /** Returns the day on which a requirement was granted, for a vote that of the meeting; '' if it was not. */
  #dayOf(id: string): string {
    const day = this.#granted.get(id);
    const second = this.#votes.findLast((vote) => this.#about.get(vote)?.requirement === id);
    return day === undefined ? '' : ((this.#recordsOf(id).adopted ?? second)?.meetingDate ?? day);
  }

  #isTurnOf(id: string): boolean {
    return this.#state === 'open' && this.#veto === null && this.#turns.has(id) && !this.#granted.has(id);
  }

  #grant(requirement: string, at: string): Outcome {
    this.#granted.set(requirement, this.#clock.dayOf(at));
    this.#openTurns(at);
    const required = this.#rule.require.filter(({ instrument }) => instrument !== 'advice');
    if (!required.every(({ id }) => this.#granted.has(id))) return 'counts';
    const yes = this.#acted.flatMap(({ decision, holder }) => (decision === 'approve' ? [holder] : []));
    const persons = new Set([...yes, ...this.#confirmers, ...this.#votes.map(({ holder }) => holder)]);
    if (persons.size < 2) return 'counts';
    this.#state = 'approved';
    return 'approved';
  }

  #vote(vote: Vote): Outcome {
    const rule = this.#asked(vote.requirement, 'certification');
    if (rule === undefined || !this.#isRecord(vote, rule)) return 'void';
    if (vote.purpose === 'correct') return this.#correct(vote, rule);
    const veto = vote.purpose === 'override' ? this.#veto : null;
    const override = veto === null ? undefined : this.#asked(veto.requirement)?.override;
    const inTurn = vote.purpose === 'adopt' ? this.#isTurnOf(rule.id) : this.#isSecondVote(vote, veto);
    const waits = this.#waiting !== null && !(this.#waiting.disputed && this.#waiting.vote.requirement === rule.id);
    if (this.#state !== 'open' || !inTurn || waits) return 'void';
    const result = resultOf(rule, vote, override?.yes);
    if (result === 'no quorum' || votersOf(vote).some((person) => this.#countsElsewhere(person, rule.id))) return 'void';
    if (result === 'fell short') {
      this.#state = 'over';
      return 'refused';
    }
    if (!this.#agrees(vote, rule)) return 'void';
    this.#record(vote, veto);
    const confirmedBy = veto === null ? rule.confirmedBy : override?.confirmedBy;
    if (confirmedBy === undefined) return veto === null ? this.#grant(rule.id, vote.at) : this.#overturn(veto, vote.at);
    this.#await(vote);
    return 'counts';
  }

  /** Reports whether a record is admissible: of a meeting that could decide, seat by seat, by a clerk who is not among the voters. */
  #isRecord(vote: Vote, rule: Requirement): boolean {
    const { meetingDate, at, roll, holder } = vote;
    const roster = this.#books.rosters.get(vote.roster);
    const body = roster?.bodies[rule.body];
    const there = sittingIn(
      roster,
      rule.body,
      meetingDate === this.#clock.dayOf(at) ? at : this.#clock.endOf(meetingDate),
      this.#clock,
    );
    const complete =
      roll.length === body?.seats.length &&
      roll.every(
        (each, index) =>
          each.seat === body.seats[index] &&
          each.holder === (there.get(each.seat) ?? null) &&
          (each.vote === 'vacant') === (each.holder === null),
      );
    const begun = [this.#clock.dayOf(this.#from), ...(rule.after ?? []).map((id) => this.#dayOf(id))];
    const timely = meetingDate <= this.#clock.dayOf(at) && begun.every((day) => day <= meetingDate);
    const apart = !this.#countsElsewhere(holder, null) && !votersOf(vote).includes(holder);
    return complete && timely && apart && !this.#wasLeft(vote, rule.body) && this.#holds(vote, body.attestedBy ?? '');
  }

  /** Reports whether anyone gave up a seat on the day of the meeting, before its record, which makes it unknowable whose votes these are. */
  #wasLeft({ roster: version, meetingDate, at, roll }: Vote, body: string): boolean {
    return (this.#books.rosters.get(version)?.holders ?? []).some(({ to = '', ...term }) => {
      const sat = to.length > 10 && to <= at ? this.#clock.dayOf(new Date(Date.parse(to) - 1).toISOString()) : '';
      const isBack = roll.some(({ seat, holder }) => seat === term.seat && holder === term.id);
      return term.body === body && sat === meetingDate && !isBack;
    });
  }

  #isSecondVote({ requirement, meetingDate }: Vote, veto: Veto | null): boolean {
    const override = veto === null ? undefined : this.#asked(veto.requirement)?.override;
    if (veto === null || override?.requirement !== requirement) return false;
    const notBefore = typeof override.within === 'string' ? undefined : override.within.notBefore;
    return meetingDate >= this.#clock.dayOf(notBefore === undefined ? veto.at : this.#clock.after(veto.at, notBefore));
  }

  #record(vote: Vote, about: Veto | null): void {
    this.#votes.push(vote);
    if (about !== null) this.#about.set(vote, about);
    this.#terms = vote.terms;
  }

  /** Lets a certificate wait fourteen days for a second person. It replaces a disputed or corrected one; a correction extends nothing. */
  #await(vote: Vote): void {
    const before = this.#waiting;
    const until = before === null || before.disputed ? this.#clock.after(vote.at, 'P14D') : before.until;
    const { since = vote.at, disputers = [] } = before ?? {};
    this.#waiting = { vote, since, until, disputed: false, disputers };
  }

  /**
   * Applies a corrected record, which replaces the newest vote of its body and must meet what that vote had to. If there were several
   * second votes, it could be of any, so the result no longer stands; nor does it if the day changes after others have acted, or the
   * voters change after a second person confirmed them.
   */
  #correct(vote: Vote, rule: Requirement): Outcome {
    const { adopted, seconds } = this.#recordsOf(rule.id);
    const waiting = this.#waiting?.vote;
    if (adopted === undefined || !(this.#granted.has(rule.id) || waiting?.requirement === rule.id)) return 'void';
    const [second, ...others] = seconds;
    const about = (second && this.#about.get(second)) ?? null;
    const size = about === null ? undefined : this.#asked(about.requirement)?.override?.yes;
    const twice = votersOf(vote).some((person) => this.#countsElsewhere(person, rule.id));
    const moved = vote.meetingDate !== (second ?? adopted).meetingDate && !this.#isClerksAlone(rule);
    const asks = about === null ? rule.confirmedBy : this.#asked(about.requirement)?.override?.confirmedBy;
    const took = new Set(votersOf(second ?? adopted));
    const same = took.size === votersOf(vote).length && votersOf(vote).every((person) => took.has(person));
    const replaced = asks !== undefined && waiting?.requirement !== rule.id && !same;
    if (others.length > 0 || twice || moved || replaced || resultOf(rule, vote, size) !== 'carried') {
      const outcome = this.#state === 'approved' ? 'fell' : 'refused';
      this.#state = 'over';
      return outcome;
    }
    if (!this.#agrees(vote, rule)) return 'void';
    this.#record(vote, about);
    if (waiting?.requirement === rule.id) this.#await(vote);
    return 'counts';
  }

  #answer(answer: Answer): Outcome {
    const { at, holder, certificate, decision } = answer;
    const waiting = this.#waiting;
    if (waiting === null || waiting.disputed || waiting.vote.act !== certificate) return 'void';
    const { vote } = waiting;
    const veto = this.#about.get(vote);
    const named =
      veto === undefined ? this.#asked(vote.requirement)?.confirmedBy : this.#asked(veto.requirement)?.override?.confirmedBy;
    const [body = '', seat = answer.seat] = named?.split('/') ?? [];
    const another = holder !== vote.holder && holder !== this.#words.provenance.person && !waiting.disputers.includes(holder);
    if (answer.body !== body || answer.seat !== seat || !this.#holds(answer, body) || !another) return 'void';
    if (decision === 'dispute') {
      this.#waiting = { ...waiting, disputed: true, disputers: [...waiting.disputers, holder] };
      return 'counts';
    }
    if (!this.#agrees({ ...vote, at })) return 'void';
    this.#confirmers.add(holder);
    this.#waiting = null;
    if (veto !== undefined) return this.#overturn(veto, at);
    this.#resume(waiting.since, at);
    this.#closes &&= moved(this.#closes, waiting.since, at);
    return this.#grant(vote.requirement, at);
  }

  /** Overturns a veto: the clocks that it stopped run on. */
  #overturn(veto: Veto, at: string): Outcome {
    this.#veto = null;
    this.#resume(veto.at, at);
    this.#closes &&= moved(this.#closes, veto.at, at);
    return this.#grant(veto.requirement, at);
  }

  #sign(act: Signature): Outcome {
    const rule = this.#asked(act.requirement, 'signature');
    if (rule === undefined || !this.#holds(act, rule.body)) return 'void';
    if (act.decision === 'take-back') return this.#takeBack(act);
    const twice = this.#countsElsewhere(act.holder, rule.id);
    if (!this.#isTurnOf(rule.id) || act.at < this.#from || twice) return 'void';
    if (act.decision === 'refuse') {
      // While a certificate waits, nothing but its confirmation counts, except a final refusal, which ends the wait as well.
      if (this.#waiting !== null && rule.override !== undefined) return 'void';
      this.#acted.push(act);
      this.#refuse(rule, act.at, act.holder);
      return 'refused';
    }
    if (!this.#agrees(act)) return 'void';
    this.#terms ??= act.terms;
    this.#acted.push(act);
    return this.#grant(rule.id, act.at);
  }

  /** Takes a refusal back: within a day, by the person who refused, before a second vote, and while there is time to decide. */
  #takeBack({ requirement, holder, at }: Signature): Outcome {
    const veto = this.#veto;
    if (veto === null || veto.requirement !== requirement || veto.by !== holder || this.#waiting !== null) return 'void';
    const ends = [
      moved(veto.at, '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
      this.#turns.get(requirement)?.end,
      this.#closes,
    ];
    if (ends.some((end) => end != null && end <= at)) return 'void';
    this.#veto = null;
    this.#resume(veto.at, at, requirement);
    const mine = this.#acted.findLastIndex((act) => act.requirement === requirement);
    this.#acted.splice(mine, 1);
    return 'counts';
  }

  /** Counts a ballot, one for each seat and person. Those after the result are recorded and change nothing. */
  #ballot(act: Ballot): Outcome {
    const rule = this.#asked(act.requirement, 'ballots');
    if (rule === undefined || !this.#holds(act, rule.body)) return 'void';
    const before = this.#acted.filter(({ requirement }) => requirement === rule.id);
    const again = before.some(({ seat, holder }) => seat === act.seat || holder === act.holder);
    if (again || this.#countsElsewhere(act.holder, rule.id)) return 'void';
    const counts = this.#isTurnOf(rule.id) && act.at >= this.#from;
    if (counts && act.decision === 'approve' && !this.#agrees(act)) return 'void';
    if (!counts && !this.#granted.has(rule.id)) return 'void';
    if (counts && act.decision === 'approve') this.#terms ??= act.terms;
    this.#acted.push(act);
    return counts ? this.#tally(rule, act) : 'counts';
  }

  #tally(rule: Requirement, { roster: version, at, terms }: Ballot): Outcome {
    if (rule.threshold === undefined) throw new Error('ballots without a threshold');
    const { yes: wanted, of } = rule.threshold;
    const cast = this.#acted.filter(({ requirement }) => requirement === rule.id);
    const roster = this.#books.rosters.get(version);
    const seats = new Set([...(roster?.bodies[rule.body]?.seats ?? []), ...cast.map(({ seat }) => seat)]);
    const filled = new Set([...sittingIn(roster, rule.body, at, this.#clock).keys(), ...cast.map(({ seat }) => seat)]);
    const yes = cast.filter(({ decision }) => decision === 'approve').length;
    const needed = enoughOf(wanted, of === 'filled' ? filled.size : seats.size);
    if (yes >= needed && cast.length >= (rule.quorum ?? 0)) {
      const ended = this.#standingTerms.until !== null && this.#standingTerms.until <= at;
      return ended || !sameTerms(terms, this.#standingTerms) ? 'void' : this.#grant(rule.id, at);
    }
    const all = of === 'filled' && filled.size >= needed ? filled.size : seats.size;
    if (yes + all - cast.length >= needed || seats.size < needed) return 'counts';
    this.#state = 'over';
    return 'refused';
  }
}

/** Events that follow from others. This reader replaces them by its own. */
const FOLLOWING: readonly FeatureEvent['type'][] = [
  'RequirementMet',
  'ChangeVetoed',
  'VetoOverridden',
  'ChangeRefused',
  'ChangeLapsed',
  'ChangeApproved',
  'ApprovalBegan',
  'ApprovalEnded',
];

/**
 * The events of a feature, with the consent that its acts amount to in place of the recorded one; and the void acts, such as a notice
 * with the words of another open change.
 */
interface Consented {
  readonly happened: readonly FeatureEvent[];
  readonly void: readonly FeatureEvent[];
}

/** Returns what an act brings about, as the events that the reader of `reading.ts` looks for. */
const following = (act: Act, outcome: Outcome, round: Round): readonly FeatureEvent[] => {
  const { at, change, requirement } = act;
  const base = { v: 1, at, change } as const;
  if (outcome === 'approved') return [round.approval(at)];
  if (outcome === 'fell') return [{ ...base, type: 'ApprovalEnded', because: 'correction', ends: [] }];
  return outcome === 'refused' ? [{ ...base, type: 'ChangeRefused', requirement, because: 'vote' }] : [];
};

const isAct = (event: FeatureEvent): event is Act =>
  ['VoteCertified', 'ConfirmationGiven', 'SignatureGiven', 'BallotCast'].includes(event.type);

export const consented = (events: readonly FeatureEvent[], books: Books): Consented => {
  const clock = wallClock(books.zone);
  const words = new Map<number, Stated>();
  const rounds = new Map<number, Round>();
  const none: FeatureEvent[] = [];
  const begin = (known: Stated, pinned: { readonly policy: number } | null, at: string) => {
    const { change } = known.said;
    const rule = pinned === null ? undefined : ruleFor(books.policies.get(pinned.policy), known.said);
    words.set(change, known);
    rounds.delete(change);
    if (rule !== undefined) rounds.set(change, new Round(known, rule, at, books, clock));
  };
  const happened = events.flatMap((event): readonly FeatureEvent[] => {
    if (FOLLOWING.includes(event.type)) return [];
    const { at, change } = event;
    const round = rounds.get(change);
    const known = words.get(change);
    if (event.type === 'ChangeNotified' || event.type === 'ChangeRevised') {
      const isOpenElsewhere = [...words].some(
        ([n, { said }]) => n !== change && said.digest === event.digest && rounds.get(n)?.isOpenAt(at) === true,
      );
      if (isOpenElsewhere) none.push(event);
      begin({ said: event, attached: new Set() }, event.pinned, at);
    }
    if (event.type === 'DocumentAttached') known?.attached.add(event.kind);
    if (event.type === 'PolicyPinned' && known !== undefined && round?.isOpenAt(at) !== false) begin(known, event.pinned, at);
    if (event.type === 'ChangeWithdrawn' || (event.type === 'RollbackConfirmed' && event.of === 'rollback' && event.complete))
      round?.end();
    if (event.type === 'FeatureRemoved') for (const each of rounds.values()) each.end();
    if (!isAct(event)) return [event];
    const outcome = round?.take(event) ?? 'void';
    if (outcome === 'void') none.push(event);
    return round === undefined ? [event] : [event, ...following(event, outcome, round)];
  });
  return { happened, void: none };
};

const approvalsIn = (events: readonly FeatureEvent[]): readonly string[] =>
  events.flatMap((event) => {
    if (event.type !== 'ChangeApproved') return [];
    const { at, change, revision, digest, terms, validUntil } = event;
    return [JSON.stringify([at, change, revision, digest, terms, validUntil])];
  });

/** Returns each "no" with its instant: final refusals and vetoes by persons, and approvals that a corrected record ended. */
const nosIn = (events: readonly FeatureEvent[]): readonly string[] =>
  events.flatMap((event) => {
    const no =
      (event.type === 'ChangeVetoed' && event.by === 'holder') ||
      (event.type === 'ChangeRefused' && ['vote', 'holder', 'override-failed', 'correction'].includes(event.because)) ||
      (event.type === 'ApprovalEnded' && event.because === 'correction');
    return no ? [`${event.at} ${event.change}`] : [];
  });

/** Returns what the acts of persons do not support: void acts, approvals without consent, and refusals that are not recorded. */
export const unconsented = (events: readonly FeatureEvent[], books: Books): readonly string[] => {
  const read = consented(events, books);
  const [consent, nos] = [approvalsIn(read.happened), nosIn(events)];
  return [
    ...read.void.map(({ type, at, change }) => `the ${type} of ${change} at ${at} is no act`),
    ...approvalsIn(events).flatMap((approval) => (consent.includes(approval) ? [] : [`without consent: ${approval}`])),
    ...nosIn(read.happened).flatMap((no) => (nos.includes(no) ? [] : [`passed over: the no of ${no}`])),
  ];
};
