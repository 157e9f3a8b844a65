import { canonical } from '../kernel/canonical.ts';
import { digestOf } from '../kernel/digest.ts';
import type { Seating } from '../roster/newSeats.ts';
import type { Policy } from './schema.ts';

/** What a city votes on when it votes on a policy: the rules, the bodies, and the seats that it adds. */
export interface PolicyContent extends Seating {
  readonly policy: Policy;
}

/** Returns the name of a policy: the digest of the canonical form of all that the vote on it decides. */
export const policyDigest = ({ policy, bodies, newSeats }: PolicyContent): string =>
  digestOf(canonical({ policy, bodies, ...(newSeats !== undefined && { newSeats }) }));
