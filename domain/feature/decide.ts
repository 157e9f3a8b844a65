import { EVENTS_MAX } from '../kernel/commit.ts';
import { accept, type Decider } from '../kernel/decider.ts';
import { ascending } from '../kernel/order.ts';
import type { FeatureCommand, FeatureRejection } from './commands.ts';
import { certify, confirm } from './decide/certify.ts';
import { attested, type Decided, named } from './decide/guard.ts';
import { attach, notify, withdraw } from './decide/notify.ts';
import { pinUnpinned, repin } from './decide/pin.ts';
import { confirmRollback, contest, decideOptOut, revoke } from './decide/revoke.ts';
import { advise, castBallot, sign } from './decide/sign.ts';
import { due } from './due.ts';
import type { FeatureEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { type ChangeState, type FeatureState, initialState } from './state.ts';

type ChangeCommand = Exclude<
  FeatureCommand,
  { readonly type: 'notify' | 'withdraw' | 'contest' | 'opt-out' | 'confirm-rollback' | 'repin' | 'tick' }
>;

type Decide<C> = (command: C, state: FeatureState, change: ChangeState) => Decided;

const ON_CHANGE: { readonly [T in ChangeCommand['type']]: Decide<Extract<ChangeCommand, { type: T }>> } = {
  attach: (command, _state, change) => attach(command, change),
  certify,
  sign,
  ballot: castBallot,
  advise,
  confirm,
  revoke,
};

const dispatch = (command: FeatureCommand, state: FeatureState): Decided => {
  switch (command.type) {
    case 'notify':
      return notify(command, state);
    case 'withdraw':
      return withdraw(command, state);
    case 'contest':
      return contest(command, state);
    case 'opt-out':
      return decideOptOut(command, state);
    case 'confirm-rollback':
      return confirmRollback(command, state);
    case 'repin':
      return accept(...repin(state, command));
    case 'tick':
      return accept();
    default: {
      const found = named(state, command.change);
      return found.ok ? (ON_CHANGE[command.type] as Decide<ChangeCommand>)(command, state, found.change) : found;
    }
  }
};

/** A decision produces at most three events, a notice two. */
const OWN_MAX = 4;

/**
 * Returns the time events that this command depends on, in order, as many as the commit has space for: first those of its own change, the
 * approval in force and the one that waits, then others. Omitted events stay true and are recorded by a later command.
 */
const overdue = (command: FeatureCommand, state: FeatureState): readonly FeatureEvent[] => {
  const all = due(state, command.at);
  const eventsMax = command.type === 'tick' ? EVENTS_MAX : EVENTS_MAX - OWN_MAX - 1;
  if (all.length <= eventsMax) return all;
  const own = 'change' in command ? command.change : undefined;
  const first = [own, state.standing, state.waiting];
  const ends = new Map(all.map(({ change, at }) => [change, first.includes(change) ? '' : at]));
  const chosen = new Set<number>();
  let count = 0;
  for (const [change] of [...ends].sort(([, one], [, other]) => ascending(one, other))) {
    const size = all.filter((event) => event.change === change).length;
    if (count + size > eventsMax) continue;
    chosen.add(change);
    count += size;
  }
  return all.filter(({ change }) => chosen.has(change));
};

const unpinned = (command: FeatureCommand, state: FeatureState, eventsMax: number): readonly FeatureEvent[] => {
  const concerned = pinUnpinned(state, command).filter(({ change }) => !('change' in command) || change === command.change);
  return concerned.slice(0, eventsMax);
};

/**
 * Decides a command: first time events and the pinned policy, then the command itself. A command decided a second time yields no events.
 */
const decide = (command: FeatureCommand, state: FeatureState): Decided => {
  const passed = overdue(command, state);
  const current = passed.reduce(evolve, state);
  const records = command.type === 'tick' || command.type === 'repin';
  const binds = records ? EVENTS_MAX : EVENTS_MAX - OWN_MAX;
  const pinned = unpinned(command, current, binds - passed.length);
  const bound = pinned.reduce(evolve, current);
  const decided = attested(command, bound, dispatch(command, bound));
  if (!decided.ok) return decided;
  const own = decided.events.slice(0, EVENTS_MAX - passed.length - pinned.length);
  if (own.length === 0 && !records) return decided;
  return accept(...passed, ...pinned, ...own);
};

export const featureDecider: Decider<FeatureCommand, FeatureState, FeatureEvent, FeatureRejection> = {
  initialState,
  decide,
  evolve,
};
