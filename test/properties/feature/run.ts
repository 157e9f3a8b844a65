import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import type { FeatureEvent } from '../../../domain/feature/events.ts';
import { type FeatureState, initialState, isOpen } from '../../../domain/feature/state.ts';
import { inForce, tick } from '../../domain/feature/support.ts';
import type { Books } from '../../support/consent.ts';
import { commandsOf } from './commandsOf.ts';
import { play, type Turn } from './sessions.ts';
import { KEYS, type Scene, type Step, wait } from './steps.ts';
import type { Town } from './towns.ts';

export interface Decided {
  readonly key: string;
  readonly command: FeatureCommand;
  readonly before: FeatureState;
  readonly after: FeatureState;
  readonly events: readonly FeatureEvent[];
  readonly rejected: string | null;
}

/** A whole run: each decision in order, and where the features ended up. */
export interface Run {
  readonly decided: readonly Decided[];
  readonly states: ReadonlyMap<string, FeatureState>;
  readonly events: ReadonlyMap<string, readonly FeatureEvent[]>;
  readonly now: string;
}

const START = '2026-03-01T12:00:00.000Z';

/** `after` sees the run after each step. */
export const run = (steps: readonly Step[], scene: Omit<Scene, 'now'>, after?: (told: Run, count: number) => void): Run => {
  const told = new Telling();
  let current: Scene = { ...scene, now: START };
  for (const [index, wanted] of steps.entries()) {
    const key = KEYS[wanted.key === 0 ? 0 : 1];
    const state = told.stateOf(key);
    // A feature without a notice accepts no other command.
    const step: Step = state.count === 0 && wanted.astray >= 8 ? { ...wanted, op: 'notify' } : wanted;
    const from = step.op === 'decide' ? openFrom(state) : null;
    if (from !== null && from > current.now) current = { ...current, now: from };
    else if (step.op === 'pass' || step.wait % 3 === 0) current = { ...current, now: wait(current.now, step.wait, [state]) };
    if (step.op === 'roster') current = { ...current, roster: step.a % 5 };
    if (step.op === 'policy') current = { ...current, policy: current.policy + 1, bound: true };
    const last = told.decided.at(-1);
    if (step.op === 'resend' && last !== undefined) told.decide(last.key, { ...last.command, at: current.now });
    // Each command is made for the state that the one before it left.
    for (let place = 0; place <= 15; place += 1) {
      const command = commandsOf(step, current, key, told.stateOf(key))[step.op === 'decide' ? 0 : place];
      if (command === undefined) break;
      if (!told.decide(key, command) && step.op === 'decide') break;
      if (step.op === 'decide' && step.a % 2 === 0 && command.type === 'certify') break;
    }
    after?.({ ...told.result(), now: current.now }, index + 1);
  }
  return { ...told.result(), now: current.now };
};

/** The same commands once more, with a clock that runs before those of them that `ticks` says, at any time since the one before. */
export const withTicks = ({ decided, now }: Run, ticks: (index: number) => number | null): Run => {
  const told = new Telling();
  let before = START;
  for (const [index, { key, command }] of decided.entries()) {
    const share = ticks(index);
    const at = Date.parse(before) + (Date.parse(command.at) - Date.parse(before)) * (share ?? 0);
    if (share !== null)
      for (const each of KEYS) told.decide(each, tick(new Date(Math.floor(at)).toISOString(), { policy: command.policy }));
    told.decide(key, command);
    before = command.at;
  }
  return { ...told.result(), now };
};

/** Plays a town by the rules alone: rosters and policies change as they are drawn. */
export const runTown = (town: Town, turns: readonly Turn[]): Run => {
  const told = new Telling();
  const [key] = KEYS;
  const books = { roster: 0, policy: 0, rosters: 1, policies: 1 };
  const now = play(town, turns, {
    get state() {
      return told.stateOf(key);
    },
    get rules() {
      const [roster, policy] = [town.rosters[books.roster], town.policies[books.policy]];
      if (roster === undefined || policy === undefined) throw new Error('a town has rosters and policies');
      return { roster: { number: books.rosters, roster }, policy: inForce(policy, books.policies) };
    },
    decide: (command) => {
      told.decide(key, command);
    },
    changeRoster: (index) => {
      books.roster = index;
      books.rosters += 1;
    },
    changePolicy: (index) => {
      books.policy = index;
      books.policies += 1;
    },
  });
  return { ...told.result(), now };
};

export const booksOf = ({ decided }: Pick<Run, 'decided'>): Books => ({
  zone: decided[0]?.command.zone ?? 'UTC',
  rosters: new Map(decided.flatMap(({ command: { roster } }) => (roster === null ? [] : [[roster.number, roster.roster]]))),
  policies: new Map(decided.flatMap(({ command: { policy } }) => (policy === null ? [] : [[policy.number, policy.policy]]))),
});

const openFrom = (state: FeatureState) => state.changes.find(isOpen)?.from ?? null;

/** What happens while commands are decided one after the other. */
class Telling {
  readonly decided: Decided[] = [];
  readonly #states = new Map<string, FeatureState>(KEYS.map((key) => [key, initialState]));
  readonly #events = new Map<string, FeatureEvent[]>(KEYS.map((key) => [key, []]));

  stateOf(key: string): FeatureState {
    return this.#states.get(key) ?? initialState;
  }

  decide(key: string, command: FeatureCommand): boolean {
    const before = this.stateOf(key);
    const decision = featureDecider.decide(command, before);
    const events = decision.ok ? decision.events : [];
    const after = events.reduce(featureDecider.evolve, before);
    this.#states.set(key, after);
    this.#events.get(key)?.push(...events);
    this.decided.push({ key, command, before, after, events, rejected: decision.ok ? null : decision.rejection.code });
    return events.length > 0;
  }

  result(): Pick<Run, 'decided' | 'states' | 'events'> {
    return { decided: this.decided, states: this.#states, events: this.#events };
  }
}
