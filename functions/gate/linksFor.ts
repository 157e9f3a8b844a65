import { confirmedByOf } from '../../domain/feature/awaited.ts';
import { personOf } from '../../domain/feature/persons.ts';
import type { ChangeState } from '../../domain/feature/state.ts';
import type { ChangeView } from '../../domain/feature/view.ts';
import type { LocalMoment } from '../../domain/kernel/zone.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import { bodyOf } from '../../domain/policy/seats.ts';
import { holdersOf } from '../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../domain/roster/schema.ts';

/** A person in the seat in which they receive mail. */
export interface Seated {
  readonly holder: Holder;
  readonly body: string;
  readonly seat: string;
}

/**
 * The recipients when a requirement opens: those in `decide` get a link, those in `inform` get none. An empty `decide` raises
 * an alarm.
 */
export interface Invited {
  readonly decide: readonly Seated[];
  readonly inform: readonly Seated[];
}

const seated = (roster: Roster, body: string, when: LocalMoment): readonly Seated[] =>
  [...holdersOf(roster, body, when)].map(([seat, holder]) => ({ holder, body, seat }));

/**
 * Returns the people who act on a requirement at a moment. For a certification the clerk acts (any holder of a seat of the
 * attesting body), and the members it certifies for are only informed; for every other instrument the members act. The person
 * who entered the notice cannot act on its requirements, so gets no link.
 */
export const linksFor = (
  requirement: Requirement,
  change: Pick<ChangeState, 'by'>,
  roster: Roster,
  when: LocalMoment,
): Invited => {
  const mayAct = ({ holder }: Seated): boolean => personOf(holder.id) !== change.by;
  const members = seated(roster, requirement.body, when);
  if (requirement.instrument !== 'certification') return { decide: members.filter(mayAct), inform: [] };
  const office = bodyOf(roster, requirement.body)?.attestedBy;
  return { decide: office === undefined ? [] : seated(roster, office, when).filter(mayAct), inform: members };
};

/**
 * Returns the people who can confirm the pending certificate of a change at a moment: the holders of the body or seat named
 * by the rule, except the clerk who certified, the person who entered the notice, and anyone who disputed a certificate of this
 * revision.
 */
export const confirmersFor = (
  view: ChangeView,
  change: Pick<ChangeState, 'by'>,
  roster: Roster,
  when: LocalMoment,
): readonly Seated[] => {
  const [body, only] = confirmedByOf(view)?.split('/') ?? [];
  if (body === undefined) return [];
  const revision = view.revisions.at(-1)?.revision;
  const disputed = view.acts.flatMap((act) =>
    act.type === 'ConfirmationGiven' && act.decision === 'dispute' && act.revision === revision ? [act.holder] : [],
  );
  return seated(roster, body, when).filter(
    ({ holder, seat }) =>
      (only === undefined || seat === only) &&
      holder.id !== view.confirmation?.clerk &&
      personOf(holder.id) !== change.by &&
      !disputed.includes(holder.id),
  );
};
