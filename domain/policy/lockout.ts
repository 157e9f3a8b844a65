import type { LocalMoment } from '../kernel/zone.ts';
import { contactOf } from '../roster/contacts.ts';
import { endOfTerm, isInOffice } from '../roster/holders.ts';
import type { RosterContent } from '../roster/newSeats.ts';
import type { Roster } from '../roster/schema.ts';
import { areTwoOfTwoBodies, decidingBodies } from '../roster/twoPersons.ts';
import type { Policy } from './schema.ts';

// Two persons of two bodies confirm who holds a seat. A city in which no such two remain could never change its roster again.

const confirmers = (policy: Policy, roster: Roster, when: LocalMoment) => {
  const deciding = decidingBodies(policy, roster.bodies);
  return roster.holders
    .filter((term) => deciding.has(term.body) && isInOffice(term, when))
    .map(({ id: holder, body }) => ({ holder, body }));
};

/**
 * Returns why a roster could lock the city out: with any one person gone, no two persons of two deciding bodies remain.
 * `onlyEnds`: the roster only ends terms, so it locks out only if no two remain as it is.
 */
export const lockoutIn = (policy: Policy, roster: Roster, when: LocalMoment, onlyEnds = false): string | undefined => {
  const able = confirmers(policy, roster, when);
  const bodies = [...decidingBodies(policy, roster.bodies)].join(', ');
  const advice = `Name another person, such as a deputy clerk or the presiding member: these bodies count: ${bodies}.`;
  if (!areTwoOfTwoBodies(able)) return `No two persons of two bodies would be in office to confirm the next roster. ${advice}`;
  if (onlyEnds) return undefined;
  const needed = [...new Set(able.map(({ holder }) => holder))].filter(
    (gone) => !areTwoOfTwoBodies(able.filter(({ holder }) => holder !== gone)),
  );
  if (needed.length === 0) return undefined;
  return `With ${needed.join(' or ')} gone, no two persons of two bodies would remain to confirm the next roster. ${advice}`;
};

/** Reports whether each term is one of the roster in force, ends no later than there, and no address changes. */
export const onlyEndsTerms = (inForce: RosterContent, next: RosterContent, zone: string): boolean =>
  next.roster.holders.every((term) => {
    const end = endOfTerm(term, zone);
    return (
      contactOf(inForce, term.id) === contactOf(next, term.id) &&
      inForce.roster.holders.some((known) => {
        const until = endOfTerm(known, zone);
        const isSame = known.id === term.id && known.body === term.body && known.seat === term.seat && known.from === term.from;
        return isSame && (until === undefined || (end !== undefined && end <= until));
      })
    );
  });
