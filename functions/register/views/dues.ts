import { type ChangeState, decidableUntil } from '../../../domain/feature/state.ts';
import { awaitedIn, type ChangeView, type RequirementView } from '../../../domain/feature/view.ts';
import { earliest } from '../../../domain/kernel/order.ts';
import { localDateOf } from '../../../domain/kernel/zone.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { linksFor, type Seated } from '../../gate/linksFor.ts';

/** Something that waits for one person: a requirement that is open, or a refusal that the body may overturn. */
export interface Due {
  readonly who: Seated;
  readonly requirement: RequirementView;
  readonly asks: 'decide' | 'override';
  /** The instant at which it can be done no longer; null while it stays open without end. */
  readonly until: string | null;
  /** From when a decision counts; null once it does. */
  readonly from: string | null;
}

/** When a requirement can be decided no longer: at its own deadline or with the change; null while it stays open without end. */
export const closesFor = (view: ChangeView, { deadlineAt }: RequirementView): string | null =>
  earliest(deadlineAt, decidableUntil(view));

const answered = (view: ChangeView, { who: { holder, seat }, requirement }: Pick<Due, 'who' | 'requirement'>): boolean => {
  if (requirement.instrument === 'ballots') return requirement.ballots[seat] !== undefined;
  const revision = view.revisions.at(-1)?.revision;
  return view.acts.some(
    (act) =>
      act.type === 'AdviceGiven' && act.holder === holder.id && act.requirement === requirement.id && act.revision === revision,
  );
};

/** Returns the requirements of a change that wait for an act, with what is asked and until when. */
const openOf = (view: ChangeView): readonly Pick<Due, 'requirement' | 'asks' | 'until'>[] =>
  awaitedIn(view).flatMap(({ requirement: id, asks }) => {
    const requirement = view.requirements.find((each) => each.id === id);
    if (requirement === undefined) return [];
    const until = asks === 'override' && view.veto !== null ? view.veto.until : closesFor(view, requirement);
    return [{ requirement, asks, until }];
  });

/** Who must act on a change now, as it is at `now` (bring `view` there first), and until when. Nobody acts twice. */
export const duesOf = (
  view: ChangeView,
  change: Pick<ChangeState, 'by'>,
  roster: Roster,
  { now, zone }: { readonly now: string; readonly zone: string },
): readonly Due[] => {
  const from = view.pinned !== null && view.pinned.from > now ? view.pinned.from : null;
  return openOf(view).flatMap((open) =>
    linksFor(open.requirement.rule, change, roster, localDateOf(now, zone))
      .decide.map((who): Due => ({ ...open, who, from }))
      .filter((due) => !answered(view, due)),
  );
};
