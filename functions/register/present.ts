import { due } from '../../domain/feature/due.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../domain/feature/view.ts';

/** Applies a removal: it ends what stands from the instant it takes effect, unless something else ended it before. */
const removedBy = (view: ChangeView, { removal, standing }: FeatureState, now: string): ChangeView => {
  if (removal === null || removal.effectiveAt > now || standing !== view.number) return view;
  const inForce = view.status === 'approved' || (view.status === 'expired' && (view.ended?.at ?? '') > removal.effectiveAt);
  return inForce ? { ...view, status: 'removed', ended: { at: removal.effectiveAt, because: 'removal' } } : view;
};

/**
 * Returns a change as it is at `now`, with what has come about by time alone since its feature's last commit, so that it has lapsed or
 * expired whether or not any job ran. `state` is the feature's, of the same version as the view.
 */
export const presentChange = (view: ChangeView, state: FeatureState, now: string): ChangeView => {
  const timed = due(state, now).reduce<ChangeView>((seen, event) => foldChange(seen, event, 0) ?? seen, view);
  return removedBy(timed, state, now);
};
