import { canonical } from '../kernel/canonical.ts';
import { digestOf } from '../kernel/digest.ts';
import type { Seating } from '../roster/newSeats.ts';
import type { Policy } from './schema.ts';

export interface PolicyContent extends Seating {
  readonly policy: Policy;
}

/** The digest of the canonical form of all that the vote on a policy decides. */
export const policyDigest = ({ policy, bodies, newSeats }: PolicyContent): string =>
  digestOf(canonical({ policy, bodies, ...(newSeats !== undefined && { newSeats }) }));
