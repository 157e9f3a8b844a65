import { askedActs } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { decidableUntil, type FeatureState, findChange } from '../../../domain/feature/state.ts';
import type { ChangeView, RequirementView } from '../../../domain/feature/view.ts';
import { earliest } from '../../../domain/kernel/order.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { actingIn, type Seated } from '../../gate/linksFor.ts';

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

/**
 * Returns who must act on a change at `now`, and until when; `view` must be presented for that instant, and `state` be of its version. A
 * person who has acted is left out.
 */
export const duesOf = (
  view: ChangeView,
  state: FeatureState,
  roster: Roster,
  { now, zone }: { readonly now: string; readonly zone: string },
): readonly Due[] => {
  const current = advanceTo(state, now);
  const change = findChange(current, view.number);
  const from = view.pinned !== null && view.pinned.from > now ? view.pinned.from : null;
  return (change === undefined ? [] : askedActs(current, change)).flatMap(({ asks, rule, actors, until }) => {
    const requirement = view.requirements.find(({ id }) => id === rule.id);
    if (requirement === undefined) return [];
    return actingIn(actors, roster, localMoment(now, zone)).map((who): Due => ({ requirement, asks, until, who, from }));
  });
};
