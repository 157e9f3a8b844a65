import { awaitedIn } from '../../../domain/feature/awaited.ts';
import { type ChangeState, decidableUntil } from '../../../domain/feature/state.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
import { earliest } from '../../../domain/kernel/order.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { confirmersFor, linksFor, type Seated } from '../../gate/linksFor.ts';

/** An act that waits for one person: on an open requirement, on a veto that the body may override, or on a certificate to confirm. */
export interface Due {
  readonly who: Seated;
  readonly requirement: RequirementView;
  readonly asks: 'decide' | 'override' | 'confirm';
  /** The instant from which it can no longer be done; null without one. */
  readonly until: string | null;
  /** From when a decision counts; null once it does. */
  readonly from: string | null;
}

/** Returns the instant from which a requirement can no longer be decided: its own deadline or the change's; null without one. */
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
    const until = asks === 'decide' ? closesFor(view, requirement) : decidableUntil(view);
    return [{ requirement, asks, until }];
  });

/** Returns who must act on a change at `now`, and until when; `view` must be presented for that instant. A person who has acted is left out. */
export const duesOf = (
  view: ChangeView,
  change: Pick<ChangeState, 'by'>,
  roster: Roster,
  { now, zone }: { readonly now: string; readonly zone: string },
): readonly Due[] => {
  const from = view.pinned !== null && view.pinned.from > now ? view.pinned.from : null;
  const day = localMoment(now, zone);
  const asked = ({ asks, requirement }: Pick<Due, 'asks' | 'requirement'>): readonly Seated[] =>
    asks === 'confirm' ? confirmersFor(view, change, roster, day) : linksFor(requirement.rule, change, roster, day).decide;
  return openOf(view).flatMap((open) =>
    asked(open)
      .map((who): Due => ({ ...open, who, from }))
      .filter((due) => !answered(view, due)),
  );
};
