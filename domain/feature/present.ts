import { advanceTo, due } from './due.ts';
import type { FeatureState } from './state.ts';
import { type ChangeView, foldChange, isSecondVote } from './view.ts';

/** Marks as refused the vote whose correction ended the approval; no event does so for the body. */
const withoutLost = (view: ChangeView): ChangeView => {
  const last = view.acts.findLast((act) => act.type === 'VoteCertified');
  if (view.ended?.because !== 'correction' || last === undefined) return view;
  const second = isSecondVote(view, last);
  const requirements = view.requirements.map((each) => {
    const { id, status, rule } = each;
    const isLost = second ? status === 'overridden' && rule.override?.requirement === last.requirement : id === last.requirement;
    return isLost ? { ...each, status: 'refused' as const } : each;
  });
  return { ...view, requirements };
};

/**
 * Returns a change as of `now`, including what time alone did since its feature's last commit, whether or not any job ran. `state`: of the
 * same version as the view.
 */
export const presentChange = (
  { view, state }: { readonly view: ChangeView; readonly state: FeatureState },
  now: string,
): ChangeView => {
  const shown = withoutLost(due(state, now).reduce<ChangeView>((seen, event) => foldChange(seen, event, 0) ?? seen, view));
  const { approved } = shown;
  // An approval in force waits again once words that run before its own are approved: an event of the other change alone.
  const waits = approved !== null && advanceTo(state, now).waiting === shown.number;
  return waits ? { ...shown, approved: { ...approved, began: null } } : shown;
};
