import { accept, type Decider, nothing } from '../kernel/decider.ts';
import type { EndingRecorded } from './events.ts';
import { type EndingState, endingOf, grantName } from './state.ts';

/** Ends a grant. `number`: one more than the endings of it that the requester has seen. */
export type RecordEnding = Omit<EndingRecorded, 'type' | 'v'>;

/** The endings that could not enter the stream of what they end: stream `ending`. Nothing that is asked for is refused. */
export const endingDecider: Decider<RecordEnding, EndingState, EndingRecorded, never> = {
  initialState: {},
  decide: (command, state) => {
    const done = endingOf(state, command.grant)?.number ?? 0;
    return command.number !== done + 1 ? nothing : accept<EndingRecorded>({ type: 'EndingRecorded', v: 1, ...command });
  },
  evolve: (state, { grant, at, number }) => ({ ...state, [grantName(grant)]: { at, number } }),
};
