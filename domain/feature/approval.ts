import { earliest } from '../kernel/order.ts';
import { plusDuration } from '../kernel/zone.ts';

/** What sets the end of an approval: the notice's own end, the `until` of its terms and the longest term that the policy allows. */
export interface Ends {
  readonly endsAt: string | null;
  readonly until: string | null;
  readonly term: string | null;
}

/** When an approval that is given at `at` ends: the earliest of its ends, the policy's term counted from then. Null: without end. */
export const approvalEnd = ({ endsAt, until, term }: Ends, { at, zone }: { readonly at: string; readonly zone: string }) =>
  earliest(endsAt, until, term === null ? null : plusDuration(at, term, zone));

/** For which agencies something is on that needs the consent of both: those of both audiences. Null: for all. */
export const commonAudience = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null =>
  one === null || other === null ? (one ?? other) : one.filter((agency) => other.includes(agency));
