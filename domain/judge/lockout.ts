import type { Policy } from '../policy/schema.ts';
import type { RosterVersion } from './city.ts';
import { lastsUntil, type Moment } from './sitting.ts';
import { areByTwo, canBeOneOfTwo } from './twoPersons.ts';

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

/** Reports whether a roster only shortens or drops terms of the one in force, and moves no address. */
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
