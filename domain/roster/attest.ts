import type { Roster } from './schema.ts';

/** The bodies whose acts the holders of an office certify, in the order of the roster; none for most bodies. */
export const attestedBy = ({ bodies }: Pick<Roster, 'bodies'>, office: string): readonly string[] =>
  Object.entries(bodies).flatMap(([id, { attestedBy: by }]) => (by === office ? [id] : []));

/** Whether a body certifies the acts of another: whoever holds a seat of it is a clerk. */
export const attests = (roster: Pick<Roster, 'bodies'>, office: string): boolean => attestedBy(roster, office).length > 0;

/** Every body that certifies the acts of another. */
export const attestingBodies = ({ bodies }: Pick<Roster, 'bodies'>): ReadonlySet<string> =>
  new Set(Object.values(bodies).flatMap(({ attestedBy: by }) => by ?? []));
