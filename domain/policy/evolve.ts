import { canonical } from '../kernel/canonical.ts';
import type { PolicyEvent } from './events.ts';
import type { PolicyState } from './state.ts';

/** Proposals kept in the state: at most this many, and no more bytes than leave room for the policy in force. */
const PROPOSALS_MAX = 4;
const PROPOSALS_BYTES_MAX = 18_000;
/** More changes of policy than a city makes in a generation; a change older than that can no longer be approved either. */
const SPENT_MAX = 40;

/** The newest proposals that fit. The oldest makes way: a proposal that was pushed out can be made again, one that is refused room cannot. */
const newest = (proposals: PolicyState['proposals']): PolicyState['proposals'] => {
  const kept: PolicyState['proposals'] = [];
  let bytes = 0;
  for (const proposal of proposals.toReversed()) {
    bytes += Buffer.byteLength(canonical(proposal.policy));
    if (kept.length === PROPOSALS_MAX || bytes > PROPOSALS_BYTES_MAX) break;
    kept.unshift(proposal);
  }
  return kept;
};

/** The state after one event. One case an event and no default, so that the compiler finds the one that is forgotten. */
export const evolvePolicy = (state: PolicyState, event: PolicyEvent): PolicyState => {
  switch (event.type) {
    case 'PolicyAdopted': {
      const { number, sha256, at, policy, by } = event;
      return {
        inForce: { number, sha256, since: at, policy },
        proposals: state.proposals.filter((proposal) => proposal.sha256 !== sha256),
        spent: 'change' in by ? [...state.spent, by.change].slice(-SPENT_MAX) : state.spent,
      };
    }
    case 'PolicyProposed': {
      const { sha256, at, policy } = event;
      return {
        ...state,
        proposals: newest([...state.proposals.filter((proposal) => proposal.sha256 !== sha256), { sha256, at, policy }]),
      };
    }
  }
};
