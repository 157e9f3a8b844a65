import { isLater, outdatedBy, outdatedFrom, positionOf } from './arrival.ts';
import { placeOfApproval } from './decide/outcome.ts';
import { advanceTo, beginningOf } from './due.ts';
import { evolve } from './evolve.ts';
import { type FeatureState, findChange, inForceIn, isApprovalOf, isOpen, waitingApproval } from './state.ts';
import type { Terms } from './terms.ts';

/**
 * The effect of approving a change now. `replaced`: at once, by the approval of `by`; `waiting`: it begins at `at`, until then
 * `meanwhile` stays in force; `outdated`: in force, but off, since the later words of `by` run.
 */
export type Foretold =
  | { readonly becomes: 'replaced'; readonly by: number }
  | { readonly becomes: 'waiting'; readonly at: string; readonly meanwhile: number | null }
  | { readonly becomes: 'outdated'; readonly by: readonly number[] }
  | { readonly becomes: 'in-force'; readonly replaces: readonly number[] };

/** Applies the approval of an open change on these terms to the state; null for a closed change. */
const approvedNow = (state: FeatureState, n: number, terms: Terms, at: string) => {
  const before = advanceTo(state, at);
  const change = findChange(before, n);
  if (change === undefined || !isOpen(change)) return null;
  const { revision, digest } = change;
  const place = placeOfApproval(before, change, terms, at);
  const own = { type: 'ChangeApproved', v: 1, at, change: n, revision, digest, terms, validUntil: null, ...place } as const;
  return { before, change, place, after: evolve(before, own) };
};

/** Returns from when later words will make an open change untrue if it is approved now, and whose; undefined for never, or if they do already. */
export const foretellOutdated = (state: FeatureState, n: number, terms: Terms, at: string): ReturnType<typeof outdatedFrom> => {
  const after = approvedNow(state, n, terms, at)?.after;
  const approval = after && isApprovalOf(after, n) ? findChange(after, n) : undefined;
  const outdated = after && approval && outdatedFrom(after, approval);
  return outdated !== undefined && outdated.at > at ? outdated : undefined;
};

/** Returns what comes of the approval of an open change on these terms; null for a closed change. */
export const foretell = (state: FeatureState, n: number, terms: Terms, at: string): Foretold | null => {
  const approval = approvedNow(state, n, terms, at);
  if (approval === null) return null;
  const { before, change, place, after } = approval;
  if (place.becomes === 'replaced') {
    const later = [inForceIn(before), waitingApproval(before)].find(
      (each) => each && isLater(positionOf(each), positionOf(change)),
    );
    return { becomes: 'replaced', by: later?.number ?? n };
  }
  if (place.becomes === 'waiting')
    return { becomes: 'waiting', at: beginningOf(after) ?? at, meanwhile: inForceIn(after)?.number ?? null };
  const by = outdatedBy(after, at);
  return by.length > 0 ? { becomes: 'outdated', by } : { becomes: 'in-force', replaces: place.replaces };
};
