import { canonical } from '../kernel/canonical.ts';
import type { PolicyEvent } from './events.ts';
import type { PolicyState } from './state.ts';

/** Maximum proposals kept in the state, within the bytes that leave space for the policy in force. */
const PROPOSALS_MAX = 4;
const PROPOSALS_BYTES_MAX = 18_000;
/** More policy changes than a city makes in a generation; an older change can no longer be approved either. */
const SPENT_MAX = 40;

/** Returns the newest proposals that fit. The oldest is dropped: a dropped proposal can be made again, a refused one cannot. */
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

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
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
