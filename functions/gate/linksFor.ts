import { standingWords } from '../../domain/feature/arrival.ts';
import { type Actors, askedActs, decidersOf } from '../../domain/feature/awaited.ts';
import { confirmationMark } from '../../domain/feature/evolve/endings.ts';
import { awaitsConfirmation, confirmationsOf } from '../../domain/feature/evolve/forced.ts';
import { personOf } from '../../domain/feature/persons.ts';
import { type ChangeState, type FeatureState, findChange } from '../../domain/feature/state.ts';
import type { LocalMoment } from '../../domain/kernel/zone.ts';
import type { Requirement } from '../../domain/policy/schema.ts';
import { bodyOf } from '../../domain/policy/seats.ts';
import { holdersOf } from '../../domain/roster/holders.ts';
import type { Holder, Roster } from '../../domain/roster/schema.ts';
import { type ActingRules, decidingBodies } from '../../domain/roster/twoPersons.ts';

export interface Seated {
  readonly holder: Holder;
  readonly body: string;
  readonly seat: string;
}

const seated = (roster: Roster, body: string, when: LocalMoment): readonly Seated[] =>
  [...holdersOf(roster, body, when)].map(([seat, holder]) => ({ holder, body, seat }));

/** The people who can do an act at a moment, each in the seat in which they do it. */
export const actingIn = (
  { body, byClerk, seat: only, barred, answered }: Actors,
  roster: Roster,
  when: LocalMoment,
): readonly Seated[] => {
  const office = byClerk ? bodyOf(roster, body)?.attestedBy : body;
  if (office === undefined) return [];
  return seated(roster, office, when).filter(
    ({ holder, seat }) => (only === null || seat === only) && !answered.includes(seat) && !barred.includes(personOf(holder.id)),
  );
};

/** The people who act on a requirement: the clerks for a certification, else the members; never who entered the notice. */
export const linksFor = (
  requirement: Requirement,
  change: Pick<ChangeState, 'by'>,
  roster: Roster,
  when: LocalMoment,
): readonly Seated[] => actingIn(decidersOf(requirement, change), roster, when);

/** The people who can confirm the certificate that waits. `state`: the feature's, at that moment. */
export const confirmersFor = (state: FeatureState, n: number, roster: Roster, when: LocalMoment): readonly Seated[] => {
  const change = findChange(state, n);
  const asked = change === undefined ? undefined : askedActs(state, change).find(({ asks }) => asks === 'confirm');
  return asked === undefined ? [] : actingIn(asked.actors, roster, when);
};

/**
 * The people who can confirm that a change was rolled back, or opted out of in time, and have not; none while neither waits. `state`: the
 * feature's, at that moment.
 */
export const rollbackConfirmersFor = (
  state: FeatureState,
  n: number,
  { policy, roster }: { readonly policy: ActingRules | null; readonly roster: Roster },
  when: LocalMoment,
): readonly Seated[] => {
  const of = awaitsConfirmation(state, n, when.at);
  const words = standingWords(state, n);
  if (of === undefined || words === undefined) return [];
  const confirmed = confirmationsOf(words, of);
  return [...decidingBodies(policy, roster.bodies)]
    .flatMap((body) => seated(roster, body, when))
    .filter(({ holder, body }) => !confirmed.includes(confirmationMark({ holder: holder.id, body })));
};
