// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { Digest, Instant, strictObject } from '../kernel/zodTypes.ts';
import { NewSeats, RuledBodies } from '../roster/bodies.ts';
import { Policy } from './schema.ts';

/** The authority for a policy in force: the operator, once, for the first; then an approved change of the policy's own key. */
export const Adopter = z.union([
  strictObject(() => ({ operator: z.literal(true) })),
  strictObject(() => ({ change: z.string().min(1).max(250), revision: z.int().min(1) })),
]);
export type Adopter = z.infer<typeof Adopter>;

const content = () => ({ sha256: Digest, policy: Policy, bodies: RuledBodies, newSeats: NewSeats.exactOptional() });

/**
 * `number` counts adopted policies from 1. `bodies`: for the first, those of the roster in force; later they change only with the policy.
 */
export const PolicyAdopted = strictObject(() => ({
  type: z.literal('PolicyAdopted'),
  v: z.literal(1),
  at: Instant,
  number: z.int().min(1),
  ...content(),
  by: Adopter,
}));

/** A policy is proposed; it binds nothing until a change that names its `sha256` is approved under the policy in force. */
const PolicyProposed = strictObject(() => ({
  type: z.literal('PolicyProposed'),
  v: z.literal(1),
  at: Instant,
  ...content(),
}));

export const PolicyEvent = z.discriminatedUnion('type', [PolicyAdopted, PolicyProposed]);
export type PolicyEvent = z.infer<typeof PolicyEvent>;
