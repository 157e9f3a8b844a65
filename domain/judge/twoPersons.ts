import type { Policy } from '../policy/schema.ts';
import type { Roster } from '../roster/schema.ts';
import type { Officer, RosterVersion } from './city.ts';
import { beginningOf, lastsUntil, type Moment, officeOf, seatsOf, sitting } from './sitting.ts';

// Two named persons of two bodies: for who holds a seat, where links go, whose passkeys are reset, and what was rolled back.

/** Returns the bodies that decide under a policy, and the offices that certify for them; undefined: before the first policy. */
const deciding = (policy: Policy | undefined, roster: Roster): ReadonlySet<string> => {
  const found = new Set<string>();
  const names = Object.keys(roster.bodies);
  if (policy === undefined) {
    const offices = names.map((name) => officeOf(roster, name)).filter((office) => office !== undefined);
    return new Set(offices.length === 0 ? names : offices);
  }
  for (const rule of policy.rules)
    for (const { body, instrument } of rule.require) {
      if (instrument === 'advice') continue;
      found.add(body);
      const office = officeOf(roster, body);
      if (office !== undefined) found.add(office);
    }
  return found;
};

/** Reports whether a person sits in this seat of a deciding body at a moment. */
export const canBeOneOfTwo = (
  policy: Policy | undefined,
  version: RosterVersion,
  { holder, body, seat }: Officer,
  moment: Moment,
): boolean => deciding(policy, version.roster).has(body) && sitting(version, body, moment).get(seat) === holder;

/** Reports whether a person was the last in this seat of a deciding body: all its terms are over, and theirs ended last. */
export const wasLastIn = (
  policy: Policy | undefined,
  { roster }: RosterVersion,
  { holder, body, seat }: Officer,
  { at, zone }: Moment,
): boolean => {
  if (!deciding(policy, roster).has(body) || !seatsOf(roster, body).includes(seat)) return false;
  const terms = roster.holders.filter((term) => term.body === body && term.seat === seat);
  const isOver = (term: Roster['holders'][number]): boolean => lastsUntil(term, zone) <= at;
  const latest = [...terms].sort((a, b) => (beginningOf(a, zone) < beginningOf(b, zone) ? -1 : 1)).at(-1);
  return terms.every(isOver) && latest?.id === holder;
};

/** Reports whether the acts are by two persons at least, in two bodies. */
export const areByTwo = (acts: readonly Officer[]): boolean => {
  for (const [index, { holder, body }] of acts.entries())
    for (const other of acts.slice(index + 1)) if (other.holder !== holder && other.body !== body) return true;
  return false;
};
