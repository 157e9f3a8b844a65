import { earliest } from '../kernel/order.ts';
import { plusDuration } from '../kernel/zone.ts';

/**
 * The limits that end an approval: the notice's own end, the `until` of its terms and the longest term that the policy allows.
 */
export interface Ends {
  readonly endsAt: string | null;
  readonly until: string | null;
  readonly term: string | null;
}

/**
 * Returns when an approval given at `at` ends: the earliest of its ends, with the policy's term counted from `at`. Null: no end.
 */
export const approvalEnd = ({ endsAt, until, term }: Ends, { at, zone }: { readonly at: string; readonly zone: string }) =>
  earliest(endsAt, until, term === null ? null : plusDuration(at, term, zone));

/** Returns the agencies in both audiences, for a feature that needs the consent of both. Null: all agencies. */
export const commonAudience = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null =>
  one === null || other === null ? (one ?? other) : one.filter((agency) => other.includes(agency));
