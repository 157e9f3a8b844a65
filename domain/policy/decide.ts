import { canonical } from '../kernel/canonical.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { digestOf } from '../kernel/digest.ts';
import type { JsonValue } from '../kernel/json.ts';
import { summaryOf } from '../kernel/problems.ts';
import type { Roster } from '../roster/schema.ts';
import { checkPolicy } from './check.ts';
import type { Adopter, PolicyEvent } from './events.ts';
import type { Policy } from './schema.ts';
import { initialPolicyState, type PolicyState } from './state.ts';

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
const evolvePolicy = (state: PolicyState, event: PolicyEvent): PolicyState => {
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

export type PolicyRejection = 'policy-refused' | 'no-roster' | 'no-policy' | 'needs-approval' | 'not-proposed';

/** The shared fields of both commands: the policy as parsed, and the roster in force, against which it is judged. */
interface WithPolicy {
  readonly at: string;
  readonly policy: JsonValue;
  readonly roster: Roster | null;
}

/**
 * Brings a policy into force. By a change: the caller guarantees that this change is approved and that its words name this
 * policy's digest.
 */
export interface AdoptPolicy extends WithPolicy {
  readonly type: 'adoptPolicy';
  readonly by: Adopter;
}

/** Proposes a policy, so that a change can refer to it. */
export interface ProposePolicy extends WithPolicy {
  readonly type: 'proposePolicy';
}

export type PolicyCommand = AdoptPolicy | ProposePolicy;

/** Returns the name of a policy: the digest of its canonical form. */
export const policyDigest = (policy: Policy): string => digestOf(canonical(policy));

type Decided = Decision<PolicyEvent, PolicyRejection>;

const decide = (command: PolicyCommand, state: PolicyState): Decided => {
  if (command.roster === null)
    return reject('no-roster', 'Set the roster first: a policy is judged against the bodies and seats it names.');
  const checked = checkPolicy(command.policy, command.roster);
  if (!checked.ok) return reject('policy-refused', summaryOf(checked.problems), checked.problems[0]?.pointer);
  return command.type === 'adoptPolicy' ? adopt(command, checked.policy, state) : propose(command, checked.policy, state);
};

/** Adopts a policy. The operator can adopt once; after that the policy in force decides on its successor. */
const adopt = ({ at, by }: AdoptPolicy, policy: Policy, { inForce, proposals, spent }: PolicyState): Decided => {
  const sha256 = policyDigest(policy);
  if (inForce?.sha256 === sha256) return nothing;
  if ('change' in by) {
    if (spent.includes(by.change)) return nothing;
    if (inForce === null)
      return reject('no-policy', 'There is no policy under which a change of policy could have been approved.');
    if (!proposals.some((proposal) => proposal.sha256 === sha256)) {
      return reject('not-proposed', 'This policy is not among those proposed; propose it again.');
    }
  } else if (inForce !== null) {
    return reject(
      'needs-approval',
      'A policy is in force. Propose the new one: it needs an approved change of aldergate.policy.',
    );
  }
  return accept({ type: 'PolicyAdopted', v: 1, at, number: (inForce?.number ?? 0) + 1, sha256, policy, by });
};

const propose = ({ at }: ProposePolicy, policy: Policy, { inForce, proposals }: PolicyState): Decided => {
  const sha256 = policyDigest(policy);
  if (inForce === null) return reject('no-policy', 'No policy is in force yet; adopt the first one.');
  if (inForce.sha256 === sha256 || proposals.some((proposal) => proposal.sha256 === sha256)) return nothing;
  return accept({ type: 'PolicyProposed', v: 1, at, sha256, policy });
};

/** The city's policies in sequence: stream `policy`. */
export const policyDecider: Decider<PolicyCommand, PolicyState, PolicyEvent, PolicyRejection> = {
  initialState: initialPolicyState,
  decide,
  evolve: evolvePolicy,
};
