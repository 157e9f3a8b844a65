import type { Roster } from './schema.ts';

/** Returns the bodies whose acts the holders of an office certify, in the order of the roster; empty for most bodies. */
export const attestedBy = ({ bodies }: Pick<Roster, 'bodies'>, office: string): readonly string[] =>
  Object.entries(bodies).flatMap(([id, { attestedBy: by }]) => (by === office ? [id] : []));

/** Reports whether a body certifies the acts of another: the holder of any of its seats is a clerk. */
export const attests = (roster: Pick<Roster, 'bodies'>, office: string): boolean => attestedBy(roster, office).length > 0;

/** Returns every body that certifies the acts of another. */
export const attestingBodies = ({ bodies }: Pick<Roster, 'bodies'>): ReadonlySet<string> =>
  new Set(Object.values(bodies).flatMap(({ attestedBy: by }) => by ?? []));
