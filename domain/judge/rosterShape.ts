import { canonical } from '../kernel/canonical.ts';
import type { Roster } from '../roster/schema.ts';
import { beginningOf, lastsUntil } from './sitting.ts';
import { must } from './verdict.ts';

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
