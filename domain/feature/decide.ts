import { accept, type Decider, type Decision } from '../kernel/decider.ts';
import type { FeatureCommand, FeatureRejection } from './commands.ts';
import { advise, castBallot } from './decide/ballot.ts';
import { certify } from './decide/certify.ts';
import { notify, withdraw } from './decide/notify.ts';
import { pinUnpinned, repin } from './decide/repin.ts';
import { revoke } from './decide/revoke.ts';
import { sign } from './decide/sign.ts';
import { due } from './due.ts';
import type { FeatureEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { type FeatureState, initialState } from './state.ts';

/** A commit holds at most twenty events; this many are left for what time has done before the command's own. */
const OVERDUE_MAX = 14;

type Decided = Decision<FeatureEvent, FeatureRejection>;

const dispatch = (command: FeatureCommand, state: FeatureState): Decided => {
  switch (command.type) {
    case 'notify':
      return notify(command, state);
    case 'withdraw':
      return withdraw(command, state);
    case 'certify':
      return certify(command, state);
    case 'sign':
      return sign(command, state);
    case 'ballot':
      return castBallot(command, state);
    case 'advise':
      return advise(command, state);
    case 'revoke':
      return revoke(command, state);
    case 'repin':
      return accept(...repin(state, command).slice(0, OVERDUE_MAX));
    case 'tick':
      return accept();
  }
};

/** What time has done that this command must stand on: all of it for a notice or the clock, else that of its own change and the one in force. */
const overdue = (command: FeatureCommand, state: FeatureState): readonly FeatureEvent[] => {
  const all = due(state, command.at);
  return 'change' in command
    ? all.filter(({ change }) => change === command.change || change === state.standing)
    : all.slice(0, OVERDUE_MAX);
};

/**
 * Decides a command: first what time has done and the policy that binds, then the command itself. Refused commands leave no
 * trace; a command decided a second time yields no events.
 */
export const decide = (command: FeatureCommand, state: FeatureState): Decided => {
  const passed = overdue(command, state);
  const current = passed.reduce(evolve, state);
  const pinned = pinUnpinned(current, command)
    .filter(({ change }) => !('change' in command) || change === command.change)
    .slice(0, OVERDUE_MAX - passed.length);
  const decided = dispatch(command, pinned.reduce(evolve, current));
  if (!decided.ok) return decided;
  if (decided.events.length === 0 && command.type !== 'tick') return decided;
  return accept(...passed, ...pinned, ...decided.events);
};

/** The one aggregate that matters: a feature, all its changes and all their approvals. */
export const featureDecider: Decider<FeatureCommand, FeatureState, FeatureEvent, FeatureRejection> = {
  initialState,
  decide,
  evolve,
};
