import type { Roster } from '../../domain/roster/schema.ts';

/** The bodies whose acts the holders of a body certify, in the order of the roster; none for most bodies. */
export const attestedBy = ({ bodies }: Roster, office: string): readonly string[] =>
  Object.entries(bodies).flatMap(([id, { attestedBy: by }]) => (by === office ? [id] : []));

/** Whether a body certifies the acts of another: whoever holds a seat of it is a clerk. */
export const attests = (roster: Roster, office: string): boolean => attestedBy(roster, office).length > 0;
