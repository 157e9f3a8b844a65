// Storage format: the state stored beside each commit, a cache of the fold. Change it only with POLICY_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Instant } from '../kernel/zodTypes.ts';
import { RuledBodies } from '../roster/bodies.ts';
import { NewSeats } from '../roster/newSeats.ts';
import { Policy } from './schema.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const POLICY_STATE_VERSION = 2;

export const POLICY_STREAM = 'policy';

const InForce = strictObject(() => ({
  number: z.int().min(1),
  sha256: Digest,
  since: Instant,
  policy: Policy,
  bodies: RuledBodies,
}));
const Proposal = strictObject(() => ({
  sha256: Digest,
  at: Instant,
  policy: Policy,
  bodies: RuledBodies,
  newSeats: NewSeats.exactOptional(),
}));

/** The newest proposals, oldest first. `spent`: the changes (`aldergate.policy/3`) that have adopted a policy, each only once. */
export const PolicyState = strictObject(() => ({
  inForce: InForce.nullable(),
  proposals: z.array(Proposal),
  spent: z.array(z.string()),
}));
export type PolicyState = z.infer<typeof PolicyState>;

export const initialPolicyState: PolicyState = { inForce: null, proposals: [], spent: [] };
