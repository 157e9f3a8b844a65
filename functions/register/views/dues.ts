import type { ChangeState } from '../../../domain/feature/state.ts';
import { decidableUntil, isOpen } from '../../../domain/feature/state.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
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

/** The requirements of a change that can be decided now, with what is asked. */
const openOf = (view: ChangeView): readonly Pick<Due, 'requirement' | 'asks' | 'until'>[] => {
  if (!isOpen(view)) return [];
  const vetoed = view.requirements.find(({ id }) => id === view.veto?.requirement);
  const over = view.requirements.find(({ id }) => id === vetoed?.rule.override?.requirement);
  const override =
    over === undefined || view.veto === null ? [] : [{ requirement: over, asks: 'override' as const, until: view.veto.until }];
  const decided = view.requirements.filter(
    ({ status, instrument }) => status === 'open' && (view.status === 'pending' || instrument === 'advice'),
  );
  return [
    ...override,
    ...decided.map((requirement) => ({
      requirement,
      asks: 'decide' as const,
      until: closesFor(view, requirement),
    })),
  ];
};

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
