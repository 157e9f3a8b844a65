import { canonical } from '../kernel/canonical.ts';
import { ascending, plusMs } from '../kernel/order.ts';
import { endOfLocalDay, localDateOf, startOfLocalDay } from '../kernel/zone.ts';
import type { PolicyEvent } from '../policy/events.ts';
import type { Policy } from '../policy/schema.ts';
import type { Contacts, Roster } from '../roster/schema.ts';
import { must } from './verdict.ts';

// Who sits in which seat, and when.

export interface Version {
  readonly number: number;
  readonly since: string;
}

export interface RosterVersion extends Version {
  readonly sha256: string;
  readonly roster: Roster;
  readonly contacts: Contacts;
}

export interface Officer {
  readonly holder: string;
  readonly body: string;
  readonly seat: string;
}

export interface Moment {
  readonly at: string;
  readonly zone: string;
}

const INSTANT_CHARS = '2026-04-01T00:00:00.000Z'.length;
const isInstant = (bound: string): boolean => bound.length === INSTANT_CHARS;

/** Returns when a term ends, exclusive. A date is the last day in office; an instant is the first one out of office. */
const lastsUntil = ({ to }: { readonly to?: string }, zone: string): string =>
  to === undefined ? FOREVER : isInstant(to) ? to : endOfLocalDay(to, zone);
const FOREVER = '9999-12-31T23:59:59.999Z';

const beginningOf = ({ from }: { readonly from: string }, zone: string): string =>
  isInstant(from) ? from : startOfLocalDay(from, zone);

/** Returns the moment whose holders a roll call names: the last of the meeting's day, or of the certificate if that is earlier. */
export const atMeeting = (date: string, { at, zone }: Moment): Moment => {
  const last = plusMs(endOfLocalDay(date, zone), -1);
  return { at: at < last ? at : last, zone };
};

/** Returns the holders of a body's seats at a moment, by seat in the order of its seats; vacant seats are missing. */
export const sitting = ({ roster }: RosterVersion, body: string, { at, zone }: Moment): ReadonlyMap<string, string> => {
  const date = localDateOf(at, zone);
  const sits = ({ from, to = FOREVER }: { readonly from: string; readonly to?: string }): boolean =>
    (isInstant(from) ? from <= at : from <= date) && (isInstant(to) ? at < to : date <= to);
  const terms = roster.holders.filter((term) => term.body === body && sits(term));
  // After a change of time zone two terms of a seat can overlap; the first one in the roster counts.
  const holders = new Map(terms.toReversed().map(({ seat, id }) => [seat, id]));
  return new Map(seatsOf(roster, body).flatMap((seat) => (holders.has(seat) ? [[seat, holders.get(seat) ?? '']] : [])));
};

/** Returns a person who gave up a seat of a body on a meeting's day, by the moment `when`, and is not back in it then. */
export const seatLeaver = (version: RosterVersion, body: string, date: string, when: Moment): string | undefined => {
  const { at, zone } = when;
  const isOver = (until: string): boolean => startOfLocalDay(date, zone) < until && until <= at;
  const over = version.roster.holders.filter((term) => term.body === body && isOver(lastsUntil(term, zone)));
  const now = sitting(version, body, when);
  return over.find(({ id, seat }) => now.get(seat) !== id)?.id;
};

export const seatsOf = ({ bodies }: { readonly bodies: Bodies }, body: string): readonly string[] =>
  (Object.hasOwn(bodies, body) ? bodies[body]?.seats : undefined) ?? [];

export const officeOf = ({ bodies }: Roster, body: string): string | undefined =>
  Object.hasOwn(bodies, body) ? bodies[body]?.attestedBy : undefined;

export const bodiesAttestedBy = (roster: Roster, office: string): readonly string[] =>
  Object.keys(roster.bodies).filter((body) => officeOf(roster, body) === office);

export const mustHold = (
  version: RosterVersion,
  { holder, body, seat }: { readonly holder: string; readonly body: string | undefined; readonly seat: string },
  moment: Moment,
): void => {
  const { at } = moment;
  const holds = body !== undefined && sitting(version, body, moment).get(seat) === holder;
  must(holds, 'not-in-office', `${holder} did not hold ${body ?? 'any'}/${seat} under roster ${version.number} at ${at}`);
};

// The policy in force decides which bodies there are and which seats they have. A roster only names who sits in them.

export type PolicyWords = Pick<PolicyEvent, 'policy' | 'bodies' | 'newSeats'>;

type Bodies = PolicyWords['bodies'];

interface Seated {
  readonly roster: Roster;
  readonly contacts: Contacts;
}

/** Returns the rules about all bodies as a text that is equal for equal rules; the order of seats does not matter. */
const rulesOf = (bodies: Bodies): string =>
  canonical(
    Object.entries(bodies)
      .map(([id, { seats, attestedBy }]) => canonical([id, [...seats].sort(), attestedBy ?? null]))
      .sort(),
  );

export const areSeatsOf = (bodies: Bodies, roster: Pick<Roster, 'bodies'>): boolean => rulesOf(bodies) === rulesOf(roster.bodies);

const isSeat = (bodies: Bodies, { body, seat }: { readonly body: string; readonly seat: string }): boolean =>
  Object.hasOwn(bodies, body) && bodies[body]?.seats.includes(seat) === true;

/** Rosters with the bodies that count in place of their own, by those bodies. There are few: a roster follows each policy at once. */
const seatedRosters = new WeakMap<Bodies, WeakMap<Roster, Roster>>();

export const seatedBy = <V extends Seated>(bodies: Bodies | null, version: V): V => {
  if (bodies === null) return version;
  const known = seatedRosters.get(bodies) ?? new WeakMap<Roster, Roster>();
  seatedRosters.set(bodies, known);
  const { roster } = version;
  const found = known.get(roster) ?? (areSeatsOf(bodies, roster) ? roster : seatedRoster(bodies, roster));
  known.set(roster, found);
  return found === roster ? version : { ...version, roster: found };
};

const seatedRoster = (bodies: Bodies, roster: Roster): Roster => {
  const cutBodies = Object.entries(bodies).map(([id, rule]) => [id, { name: id, ...rule }] as const);
  return { bodies: Object.fromEntries(cutBodies), holders: roster.holders.filter((term) => isSeat(bodies, term)) };
};

interface Seatings {
  readonly policies: readonly (Version & Pick<PolicyWords, 'bodies'>)[];
  readonly bodies: Bodies | null;
}

/** Returns since when a body has its present seats, in whatever order; null if they are those of the first policy. */
export const seatedSince = ({ policies, bodies }: Seatings, body: string): string | null => {
  let since: string | null = null;
  let before: string | null = null;
  for (const version of policies) {
    const seats = canonical([...seatsOf(version, body)].sort());
    if (before !== null && seats !== before) since = version.since;
    before = seats;
    if (version.bodies === bodies) break;
  }
  return since;
};

export const mustAddOnly = (before: Bodies, { bodies, newSeats }: PolicyWords): void => {
  const added: Bodies = newSeats?.bodies ?? {};
  for (const [body, { seats }] of Object.entries(bodies))
    for (const seat of seats) {
      const isNew = !isSeat(before, { body, seat });
      must(isNew === isSeat(added, { body, seat }), 'new-seats', `${body}/${seat} is ${isNew ? 'new' : 'not new'}`);
    }
  for (const [body, { seats }] of Object.entries(added))
    for (const seat of seats) must(isSeat(bodies, { body, seat }), 'new-seats', `the policy has no seat ${body}/${seat}`);
  const { holders = [], contacts = {} } = newSeats ?? {};
  for (const term of holders) must(isSeat(added, term), 'new-seats', `${term.body}/${term.seat} is no seat that the policy adds`);
  const strangers = Object.keys(contacts).filter((id) => !holders.some((term) => term.id === id));
  must(strangers.length === 0, 'new-seats', `${strangers[0]} holds none of the new seats`);
};

const named = ({ seats, ...rule }: Bodies[string], id: string, present: Roster['bodies'], added: Roster['bodies']) => {
  const [old, fresh] = [present, added].map((all) => (Object.hasOwn(all, id) ? all[id] : undefined));
  const labels = Object.entries({ ...old?.seatLabels, ...fresh?.seatLabels }).filter(([seat]) => seats.includes(seat));
  const name = old?.name ?? fresh?.name ?? id;
  return { name, seats, ...rule, ...(labels.length > 0 && { seatLabels: Object.fromEntries(labels) }) };
};

export const following = ({ roster, contacts }: Seated, { bodies, newSeats }: PolicyWords): Seated => {
  const added: Roster['bodies'] = newSeats?.bodies ?? {};
  const next: Roster = { bodies: {}, holders: [] };
  for (const [id, rule] of Object.entries(bodies)) next.bodies[id] = named(rule, id, roster.bodies, added);
  for (const term of roster.holders) if (isSeat(bodies, term) && !isSeat(added, term)) next.holders.push(term);
  next.holders.push(...(newSeats?.holders ?? []));
  const addresses: Contacts = {};
  for (const { id } of next.holders) {
    const known = Object.hasOwn(contacts, id) ? contacts[id] : newSeats?.contacts[id];
    if (known !== undefined) addresses[id] = known;
  }
  return { roster: next, contacts: addresses };
};

const ROSTER_BYTES_MAX = 13_500;
const BODIES_MAX = 16;

export const mustBeSound = (roster: Roster, zone: string): void => {
  const { bodies, holders } = roster;
  const names = Object.keys(bodies);
  must(names.length > 0 && names.length <= BODIES_MAX, 'roster-invalid', `the roster has ${names.length} bodies`);
  must(Buffer.byteLength(canonical(roster)) <= ROSTER_BYTES_MAX, 'roster-invalid', 'the roster is too long');
  for (const [name, { seats, attestedBy }] of Object.entries(bodies)) {
    must(new Set(seats).size === seats.length, 'roster-invalid', `a seat of ${name} is named twice`);
    must(
      attestedBy !== name && (attestedBy === undefined || names.includes(attestedBy)),
      'roster-invalid',
      `${name} has no witness`,
    );
  }
  const terms = holders.map((term) => ({ ...term, begins: beginningOf(term, zone), ends: lastsUntil(term, zone) }));
  for (const [index, { id, body, seat, begins, ends, acting, to }] of terms.entries()) {
    must(names.includes(body) && bodies[body]?.seats.includes(seat), 'roster-invalid', `there is no seat ${body}/${seat}`);
    must(begins < ends, 'roster-invalid', `the term of ${id} ends before it begins`);
    must(acting === undefined || to !== undefined, 'roster-invalid', `${id} acts without an end`);
    const clash = terms
      .slice(0, index)
      .some(
        (other) => other.body === body && (other.seat === seat || other.id === id) && other.ends > begins && ends > other.begins,
      );
    must(!clash, 'roster-invalid', `two terms of ${body}/${seat} or of ${id} overlap`);
  }
};

// Two persons of two bodies, who together confirm a roster, an address for links, a reset of passkeys or a rollback.

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

/** Reports whether a person was the last holder of a seat of a deciding body: all its terms have ended, and theirs began last. */
export const wasLastIn = (
  policy: Policy | undefined,
  { roster }: RosterVersion,
  { holder, body, seat }: Officer,
  { at, zone }: Moment,
): boolean => {
  if (!deciding(policy, roster).has(body) || !seatsOf(roster, body).includes(seat)) return false;
  const terms = roster.holders.filter((term) => term.body === body && term.seat === seat);
  const isOver = (term: Roster['holders'][number]): boolean => lastsUntil(term, zone) <= at;
  const latest = terms.toSorted((a, b) => ascending(beginningOf(a, zone), beginningOf(b, zone))).at(-1);
  return terms.every(isOver) && latest?.id === holder;
};

export const areTwoOfTwo = (acts: readonly Officer[]): boolean => {
  for (const [index, { holder, body }] of acts.entries())
    for (const other of acts.slice(index + 1)) if (other.holder !== holder && other.body !== body) return true;
  return false;
};

type Content = Pick<RosterVersion, 'roster' | 'contacts'>;

/**
 * Reports whether two persons of two deciding bodies would still sit under a roster if any one person left. `sparing`: whether two sit
 * at all, which is enough for a roster that only ends terms.
 */
export const leavesTwo = (policy: Policy, next: Content, moment: Moment, sparing: boolean): boolean => {
  const version = { ...next, number: 0, since: moment.at, sha256: '' };
  const able = next.roster.holders
    .map(({ id: holder, body, seat }) => ({ holder, body, seat }))
    .filter((officer) => canBeOneOfTwo(policy, version, officer, moment));
  const persons = sparing ? [null] : new Set(able.map(({ holder }) => holder));
  const survives = (gone: string | null): boolean => areTwoOfTwo(able.filter(({ holder }) => holder !== gone));
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
