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

export const areByTwo = (acts: readonly Officer[]): boolean => {
  for (const [index, { holder, body }] of acts.entries())
    for (const other of acts.slice(index + 1)) if (other.holder !== holder && other.body !== body) return true;
  return false;
};

type Content = Pick<RosterVersion, 'roster' | 'contacts'>;

/**
 * Reports whether two persons of two deciding bodies sit under a roster, with any one person gone; `sparing`: whether two sit at all,
 * which is enough for a roster that only ends terms.
 */
export const leavesTwo = (policy: Policy, next: Content, moment: Moment, sparing: boolean): boolean => {
  const version = { ...next, number: 0, since: moment.at, sha256: '' };
  const able = next.roster.holders
    .map(({ id: holder, body, seat }) => ({ holder, body, seat }))
    .filter((officer) => canBeOneOfTwo(policy, version, officer, moment));
  const persons = sparing ? [null] : new Set(able.map(({ holder }) => holder));
  const survives = (gone: string | null): boolean => areByTwo(able.filter(({ holder }) => holder !== gone));
  return able.length > 0 && [...persons].every(survives);
};

export const onlyEnds = (inForce: Content, next: Content, zone: string): boolean => {
  const address = ({ contacts }: Content, id: string): string | undefined =>
    Object.hasOwn(contacts, id) ? contacts[id] : undefined;
  for (const term of next.roster.holders) {
    const { id, body, seat, from } = term;
    if (address(inForce, id) !== address(next, id)) return false;
    const before = inForce.roster.holders.filter(
      (old) => old.id === id && old.body === body && old.seat === seat && old.from === from,
    );
    if (!before.some((old) => lastsUntil(term, zone) <= lastsUntil(old, zone))) return false;
  }
  return true;
};
