// Storage format: the state stored beside each commit, a cache of the fold. Change it only with POLICY_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Digest, Instant } from '../kernel/zodTypes.ts';
import { RuledBodies } from '../roster/bodies.ts';
import { NewSeats } from '../roster/newSeats.ts';
import { Policy } from './schema.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const POLICY_STATE_VERSION = 2;

/** The stream that holds all policies of the city, past and present. */
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

/**
 * The policy in force, if any, and the newest proposals, oldest first. The stream's history holds earlier policies. `spent`: the
 * changes (`aldergate.policy/3`) that have adopted a policy; each can adopt only once.
 */
export const PolicyState = strictObject(() => ({
  inForce: InForce.nullable(),
  proposals: z.array(Proposal),
  spent: z.array(z.string()),
}));
export type PolicyState = z.infer<typeof PolicyState>;

/** The state without a policy: notices are received and held, nothing can be approved. */
export const initialPolicyState: PolicyState = { inForce: null, proposals: [], spent: [] };
