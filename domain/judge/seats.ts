import { canonical } from '../kernel/canonical.ts';
import type { PolicyEvent } from '../policy/events.ts';
import type { Contacts, Roster } from '../roster/schema.ts';
import { must } from './verdict.ts';

// Which bodies there are and which seats they have is a rule of the policy in force. A roster only says who sits in them.

export type PolicyWords = Pick<PolicyEvent, 'policy' | 'bodies' | 'newSeats'>;

type Bodies = PolicyWords['bodies'];

interface Seated {
  readonly roster: Roster;
  readonly contacts: Contacts;
}

/** Returns the rule about one body, in a form in which equal rules are equal texts: the order of seats is none. */
const ruleOf = ({ seats, attestedBy }: Bodies[string]): string => canonical([[...seats].sort(), attestedBy ?? null]);

export const areSeatsOf = (bodies: Bodies, roster: Pick<Roster, 'bodies'>): boolean => {
  const [names, own] = [Object.keys(bodies).sort(), Object.keys(roster.bodies).sort()];
  const isSame = (name: string): boolean => {
    const [rule, body] = [bodies[name], roster.bodies[name]];
    return rule !== undefined && body !== undefined && ruleOf(rule) === ruleOf(body);
  };
  return canonical(names) === canonical(own) && names.every(isSame);
};

const isSeat = (bodies: Bodies, { body, seat }: { readonly body: string; readonly seat: string }): boolean =>
  Object.hasOwn(bodies, body) && bodies[body]?.seats.includes(seat) === true;

/** The rosters that differ from what counts of them, by the bodies that count: few, since a roster follows each policy at once. */
const counted = new WeakMap<Bodies, WeakMap<Roster, Roster>>();

export const seatedBy = <V extends Seated>(bodies: Bodies | null, version: V): V => {
  if (bodies === null) return version;
  const known = counted.get(bodies) ?? new WeakMap<Roster, Roster>();
  counted.set(bodies, known);
  const { roster } = version;
  const found = known.get(roster) ?? (areSeatsOf(bodies, roster) ? roster : cut(bodies, roster));
  known.set(roster, found);
  return found === roster ? version : { ...version, roster: found };
};

const cut = (bodies: Bodies, roster: Roster): Roster => {
  const cutBodies = Object.entries(bodies).map(([id, rule]) => [id, { name: id, ...rule }] as const);
  return { bodies: Object.fromEntries(cutBodies), holders: roster.holders.filter((term) => isSeat(bodies, term)) };
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
