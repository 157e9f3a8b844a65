import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Id } from '../kernel/zodTypes.ts';
import type { Roster } from './schema.ts';

// Storage format: the public log keeps these shapes permanently. Widen with care, never change a meaning.

const RuledBody = strictObject(() => ({
  seats: z.array(Id).min(1).max(200),
  attestedBy: Id.exactOptional(),
}));

/**
 * Bodies, their seats, and who certifies each one's acts: rules, which change only with the policy. Names and labels are no
 * rules.
 */
export const RuledBodies = z.record(Id, RuledBody);
export type RuledBodies = z.infer<typeof RuledBodies>;

export const ruledBodies = ({ bodies }: Pick<Roster, 'bodies'>): RuledBodies =>
  Object.fromEntries(
    Object.entries(bodies).map(([id, { seats, attestedBy }]) => [id, { seats, ...(attestedBy !== undefined && { attestedBy }) }]),
  );

const bodyIn = <B>(bodies: Readonly<Record<string, B>>, id: string): B | undefined =>
  Object.hasOwn(bodies, id) ? bodies[id] : undefined;

export const hasSeat = (bodies: RuledBodies, { body, seat }: { readonly body: string; readonly seat: string }): boolean =>
  bodyIn(bodies, body)?.seats.includes(seat) === true;

/** Returns how other bodies differ from the ones that are rules, in words. */
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
 * The roster as it counts: the policy's bodies and seats, and only the terms in them. Every decision and every mail rests on it.
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
