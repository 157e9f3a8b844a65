import { earliest } from '../kernel/order.ts';
import { plusDuration } from '../kernel/zone.ts';

export interface Ends {
  readonly endsAt: string | null;
  readonly until: string | null;
  readonly term: string | null;
}

/** Returns the earliest end of an approval given at `at`, with the policy's term counted from then. Null: no end. */
export const approvalEnd = ({ endsAt, until, term }: Ends, { at, zone }: { readonly at: string; readonly zone: string }) =>
  earliest(endsAt, until, term === null ? null : plusDuration(at, term, zone));

/** Returns the agencies in both audiences. Null: all agencies. */
export const commonAudience = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null =>
  one === null || other === null ? (one ?? other) : one.filter((agency) => other.includes(agency));
