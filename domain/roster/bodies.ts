import * as z from 'zod';
import { canonical } from '../kernel/canonical.ts';
import { Id, strictObject } from '../kernel/zodTypes.ts';
import { Body, Contacts, contactOf, Holder, type Roster } from './schema.ts';

// Storage format: the public log keeps these shapes permanently. Widen with care, never change a meaning.

const RuledBody = strictObject(() => ({
  seats: z.array(Id).min(1).max(200),
  attestedBy: Id.exactOptional(),
}));

/**
 * Bodies, their seats, and who certifies each one's acts: rules, which change only with the policy. Names and labels are not rules.
 */
export const RuledBodies = z.record(Id, RuledBody);
export type RuledBodies = z.infer<typeof RuledBodies>;

export const ruledBodies = ({ bodies }: Pick<Roster, 'bodies'>): RuledBodies =>
  Object.fromEntries(
    Object.entries(bodies).map(([id, { seats, attestedBy }]) => [id, { seats, ...(attestedBy !== undefined && { attestedBy }) }]),
  );

const bodyIn = <B>(bodies: Readonly<Record<string, B>>, id: string): B | undefined =>
  Object.hasOwn(bodies, id) ? bodies[id] : undefined;

const hasSeat = (bodies: RuledBodies, { body, seat }: { readonly body: string; readonly seat: string }): boolean =>
  bodyIn(bodies, body)?.seats.includes(seat) === true;

interface Seated {
  readonly bodies: RuledBodies;
  readonly seatsSince: Readonly<Record<string, string>>;
}

/**
 * Returns when the policy last changed the set of seats of each body, if `bodies` replaced `before` at `at`. Omits a body that still has
 * the seats of the first policy.
 */
export const seatsSince = (before: Seated | null, bodies: RuledBodies, at: string): Record<string, string> => {
  if (before === null) return {};
  const since = Object.entries(bodies).flatMap(([id, { seats }]) => {
    const known = bodyIn(before.bodies, id)?.seats ?? [];
    const isSame = known.length === seats.length && seats.every((seat) => known.includes(seat));
    const from = isSame ? bodyIn(before.seatsSince, id) : at;
    return from === undefined ? [] : [[id, from] as const];
  });
  return Object.fromEntries(since);
};

/** Describes in words how `other` differs from the bodies that are rules. */
export const bodyDifferences = (rules: RuledBodies, other: RuledBodies): readonly string[] =>
  [...new Set([...Object.keys(rules), ...Object.keys(other)])].flatMap((id) => {
    const [known, next] = [bodyIn(rules, id), bodyIn(other, id)];
    if (known === undefined) return [`${id} is a new body`];
    if (next === undefined) return [`${id} is missing`];
    const added = next.seats.filter((seat) => !known.seats.includes(seat));
    const removed = known.seats.filter((seat) => !next.seats.includes(seat));
    return [
      ...added.map((seat) => `${id}/${seat} is a new seat`),
      ...removed.map((seat) => `${id}/${seat} is missing`),
      ...(known.attestedBy === next.attestedBy
        ? []
        : [`${id} is certified by ${next.attestedBy ?? 'no one'} instead of ${known.attestedBy ?? 'no one'}`]),
    ];
  });

/**
 * Returns the roster in force: the policy's bodies and seats, and only the terms in them. Every decision and every mail depends on it.
 */
const seatsInForce = (roster: Roster, bodies: RuledBodies | null): Roster => {
  if (bodies === null || bodyDifferences(bodies, ruledBodies(roster)).length === 0) return roster;
  return {
    bodies: Object.fromEntries(
      Object.entries(bodies).map(([id, { seats, attestedBy }]) => {
        const { name = id, seatLabels } = bodyIn(roster.bodies, id) ?? {};
        return [
          id,
          { name, seats, ...(seatLabels !== undefined && { seatLabels }), ...(attestedBy !== undefined && { attestedBy }) },
        ];
      }),
    ),
    holders: roster.holders.filter((term) => hasSeat(bodies, term)),
  };
};

export const underPolicy = <V extends { readonly roster: Roster }, S extends { readonly inForce: V | null }>(
  rosters: S,
  bodies: RuledBodies | null | undefined,
): S => {
  const { inForce } = rosters;
  if (inForce === null) return rosters;
  const roster = seatsInForce(inForce.roster, bodies ?? null);
  return roster === inForce.roster ? rosters : { ...rosters, inForce: { ...inForce, roster } };
};

/** Returns the bodies whose acts the holders of an office certify, in the order of the roster. */
export const attestedBy = ({ bodies }: Pick<Roster, 'bodies'>, office: string): readonly string[] =>
  Object.entries(bodies).flatMap(([id, { attestedBy: by }]) => (by === office ? [id] : []));

export const attests = (roster: Pick<Roster, 'bodies'>, office: string): boolean => attestedBy(roster, office).length > 0;

export const attestingBodies = ({ bodies }: Pick<Roster, 'bodies'>): ReadonlySet<string> =>
  new Set(Object.values(bodies).flatMap(({ attestedBy: by }) => by ?? []));

// Storage format: the public log keeps the shape of NewSeats permanently. No mail addresses, ever.

/**
 * The seats that a policy adds, with their roster entries: names and labels of bodies, terms (a new seat can be vacant), commitments to
 * addresses.
 */
export const NewSeats = strictObject(() => ({
  bodies: z.record(Id, Body),
  holders: z.array(Holder).max(1000),
  contacts: Contacts,
}));
export type NewSeats = z.infer<typeof NewSeats>;

export interface RosterContent {
  readonly roster: Roster;
  readonly contacts: Contacts;
}

export interface Seating {
  readonly bodies: RuledBodies;
  readonly newSeats?: NewSeats;
}

const own = <T>(record: Readonly<Record<string, T>>, id: string): T | undefined =>
  Object.hasOwn(record, id) ? record[id] : undefined;

const labelsOf = (labels: NonNullable<Body['seatLabels']>, seats: readonly string[]) => {
  const kept = Object.entries(labels).filter(([seat]) => seats.includes(seat));
  return kept.length === 0 ? {} : { seatLabels: Object.fromEntries(kept) };
};

const contactsFor = (holders: Roster['holders'], sources: readonly Contacts[]): Contacts =>
  Object.fromEntries(
    [...new Set(holders.map(({ id }) => id))].flatMap((id) => {
      const known = sources.flatMap((contacts) => contactOf({ contacts }, id) ?? [])[0];
      return known === undefined ? [] : [[id, known]];
    }),
  );

/**
 * Returns the roster that follows from a policy: the one in force with the policy's bodies, without terms in seats that it lacks, and with
 * the holders of its new seats. A person already on the roster keeps their address.
 */
export const rosterFollowing = (inForce: RosterContent, { bodies, newSeats }: Seating): RosterContent => {
  const added: NewSeats = newSeats ?? { bodies: {}, holders: [], contacts: {} };
  const kept = inForce.roster.holders.filter((term) => hasSeat(bodies, term) && !hasSeat(ruledBodies(added), term));
  const holders = [...kept, ...added.holders];
  const named = Object.entries(bodies).map(([id, { seats, attestedBy }]) => {
    const [known, next] = [own(inForce.roster.bodies, id), own(added.bodies, id)];
    const labels = labelsOf({ ...known?.seatLabels, ...next?.seatLabels }, seats);
    return [
      id,
      { name: known?.name ?? next?.name ?? id, seats, ...labels, ...(attestedBy !== undefined && { attestedBy }) },
    ] as const;
  });
  return {
    roster: { bodies: Object.fromEntries(named), holders },
    contacts: contactsFor(holders, [inForce.contacts, added.contacts]),
  };
};

export const seatingOf = (rules: RuledBodies, { roster, contacts }: RosterContent): Seating => {
  const bodies = ruledBodies(roster);
  const isNew = (body: string, seat: string): boolean => !hasSeat(rules, { body, seat });
  const added = Object.entries(roster.bodies).flatMap(([id, { name, seats, seatLabels = {} }]) => {
    const fresh = seats.filter((seat) => isNew(id, seat));
    return fresh.length === 0 ? [] : [[id, { name, seats: fresh, ...labelsOf(seatLabels, fresh) }] as const];
  });
  if (added.length === 0) return { bodies };
  const holders = roster.holders.filter(({ body, seat }) => isNew(body, seat));
  return { bodies, newSeats: { bodies: Object.fromEntries(added), holders, contacts: contactsFor(holders, [contacts]) } };
};

const missingFrom = (others: Roster['holders'], terms: Roster['holders']): readonly string[] => {
  const known = new Set(others.map((term) => canonical(term)));
  return terms.filter((term) => !known.has(canonical(term))).map(({ id, body, seat }) => `the term of ${id} in ${body}/${seat}`);
};

/**
 * Describes in words how a roster file differs from the expected roster. A vote on a policy names the holders of new seats and changes
 * nothing else of the roster.
 */
export const differencesFrom = (expected: RosterContent, { roster, contacts }: RosterContent): readonly string[] => {
  const namesIn = ({ bodies }: Roster, id: string): string => {
    const { name = null, seatLabels = {} } = own(bodies, id) ?? {};
    return canonical({ name, seatLabels });
  };
  const names = Object.keys(roster.bodies).filter((id) => namesIn(roster, id) !== namesIn(expected.roster, id));
  const terms = [
    ...missingFrom(expected.roster.holders, roster.holders),
    ...missingFrom(roster.holders, expected.roster.holders),
  ];
  const moved = Object.keys(contacts).filter((id) => {
    const known = contactOf(expected, id);
    return known !== undefined && known !== contacts[id];
  });
  return [...names.map((id) => `the names of ${id}`), ...new Set(terms), ...moved.map((id) => `the address of ${id}`)];
};

export const addsOnlyNewSeats = (inForce: RuledBodies, { bodies, newSeats }: Seating): boolean => {
  const added = newSeats === undefined ? {} : ruledBodies(newSeats);
  const seats = (all: RuledBodies) =>
    Object.entries(all).flatMap(([body, { seats: names }]) => names.map((seat) => ({ body, seat })));
  return (
    seats(bodies).every((seat) => hasSeat(inForce, seat) !== hasSeat(added, seat)) &&
    seats(added).every((seat) => hasSeat(bodies, seat)) &&
    (newSeats?.holders ?? []).every((term) => hasSeat(added, term))
  );
};
