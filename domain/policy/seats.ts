import type { Body, Roster } from '../roster/schema.ts';
import type { Requirement, Rule } from './schema.ts';
import { needed, thresholdOf } from './threshold.ts';

export const bodyOf = (roster: Roster, id: string): Body | undefined =>
  Object.hasOwn(roster.bodies, id) ? roster.bodies[id] : undefined;

/** Returns the fewest seats of its own body that can satisfy a requirement. */
export const seatsNeeded = (requirement: Requirement, roster: Roster): number => {
  if (requirement.instrument === 'advice') return 0;
  if (requirement.instrument === 'signature') return 1;
  const seats = bodyOf(roster, requirement.body)?.seats.length ?? 0;
  return needed(thresholdOf(requirement), { seats, filled: seats, present: seats, recused: 0 });
};

/** Of `filled` seats one can be enough, once only one is filled. */
const ballotsNeeded = (requirement: Requirement, roster: Roster): number => {
  const { of } = thresholdOf(requirement);
  const seats = bodyOf(roster, requirement.body)?.seats.length ?? 0;
  const votes = needed(thresholdOf(requirement), { seats, filled: of === 'filled' ? 1 : seats, present: seats, recused: 0 });
  return Math.max(votes, requirement.quorum ?? 0);
};

/**
 * Returns the fewest persons whose own authenticated acts can approve under a rule, judged by seats. Of a certified vote only the
 * clerk and who confirms are authenticated, and one clerk can certify several. An overturned signature takes two persons too.
 */
export const personsNeeded = ({ require }: Rule, roster: Roster): number => {
  const certified = require.filter(({ instrument }) => instrument === 'certification');
  const clerks = new Set(certified.map(({ body }) => bodyOf(roster, body)?.attestedBy)).size;
  const signatures = require.filter(({ instrument }) => instrument === 'signature').length;
  const ballots = require
    .filter(({ instrument }) => instrument === 'ballots')
    .reduce((sum, each) => sum + ballotsNeeded(each, roster), 0);
  const persons = clerks + signatures + ballots;
  return certified.some(({ confirmedBy }) => confirmedBy !== undefined) ? Math.max(persons, 2) : persons;
};
