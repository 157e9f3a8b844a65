import { isLater, outdatedBy, positionOf } from './arrival.ts';
import { placeOfApproval } from './decide/outcome.ts';
import { advanceTo, beginningOf } from './due.ts';
import { evolve } from './evolve.ts';
import { type FeatureState, findChange, inForceIn, isOpen, waitingApproval } from './state.ts';
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

/** Applies the approval of an open change on these terms to the state and returns what came of it; null for a closed change. */
export const foretell = (state: FeatureState, n: number, terms: Terms, at: string): Foretold | null => {
  const before = advanceTo(state, at);
  const change = findChange(before, n);
  if (change === undefined || !isOpen(change)) return null;
  const { revision, digest } = change;
  const place = placeOfApproval(before, change, terms, at);
  const own = { type: 'ChangeApproved', v: 1, at, change: n, revision, digest, terms, validUntil: null, ...place } as const;
  const after = evolve(before, own);
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
