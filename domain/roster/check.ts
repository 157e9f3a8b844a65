import { asStored, canonical, commitmentOf } from '../kernel/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../kernel/json.ts';
import { type Problem, pointerTo, problemsOf, repeats } from '../kernel/problems.ts';
import { toInstant } from '../kernel/zone.ts';
import { publicRoster } from './contacts.ts';
import { endOfTerm, isInstant, personOf, startOfTerm } from './holders.ts';
import { type Contacts, type Holder, type Roster, RosterFile } from './schema.ts';
import type { PersonLinks } from './state.ts';

/** The longest roster, in bytes of canonical JSON without mail addresses. */
const ROSTER_BYTES_MAX = 13_500;
/**
 * The same, with the commitment to each person's address and the age of their links: the roster in force and an equally long proposal must
 * fit the state of one stream together with its refusals. A longer one could never be changed.
 */
const CONTENT_BYTES_MAX = 22_000;
const SHORTEN = 'shorten names and labels, or take out terms that are over';
/** The longest entry of a person's links in the state. */
const LINKS: PersonLinks = { generation: 99, floor: 99, revoked: true };
const BODIES_MAX = 16;

type CheckedRoster =
  | { readonly ok: true; readonly roster: RosterFile }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses a roster file, with its bodies in stored order, so that every process lists them alike. Attacker-controlled input: never throws.
 * `zone`: for comparing terms. `before`: the holders of the roster that it would replace.
 */
export const checkRoster = (input: JsonValue, zone: string, before: Roster['holders'] = []): CheckedRoster => {
  const parsed = RosterFile.safeParse(withInstants(input, zone));
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const roster = parsed.data;
  const problems = [
    ...rosterProblems(publicRoster(roster), zone, before),
    ...rosterSizeProblems({
      roster: publicRoster(roster),
      contacts: Object.fromEntries(roster.holders.map(({ id }) => [id, A_COMMITMENT])),
    }),
    ...roster.holders.flatMap((holder, index) => personProblems(roster, holder, index)),
  ];
  return problems.length === 0 ? { ok: true, roster: RosterFile.parse(asStored(roster)) } : { ok: false, problems };
};

/** All commitments have this length. */
const A_COMMITMENT = commitmentOf(new Uint8Array(32), '');

export const rosterSizeProblems = (content: { readonly roster: Roster; readonly contacts: Contacts }): readonly Problem[] => {
  const links = Object.fromEntries(content.roster.holders.map(({ id }) => [id, LINKS]));
  return Buffer.byteLength(canonical({ ...content, links })) > CONTENT_BYTES_MAX
    ? [{ pointer: '', detail: `is longer than ${CONTENT_BYTES_MAX} bytes with what the gate adds for each person: ${SHORTEN}` }]
    : [];
};

export const rosterProblems = (roster: Roster, zone: string, before: Roster['holders'] = []): readonly Problem[] => [
  ...sizeProblems(roster),
  ...likenessProblems(roster, before),
  ...bodyProblems(roster),
  ...roster.holders.flatMap((holder, index) => [
    ...placeProblems(roster, holder, index),
    ...termProblems(holder, index, zone),
    ...overlapProblems(roster, holder, index, zone),
  ]),
];

/** Returns the file with each instant of a term, such as `2027-01-04T12:00:00-07:00`, in UTC with milliseconds, as stored. */
const withInstants = (input: JsonValue, zone: string): JsonValue => {
  if (!isJsonObject(input) || !Array.isArray(input['holders'])) return input;
  const read = (bound: JsonValue | undefined): JsonValue | undefined =>
    typeof bound === 'string' && isInstant(bound) ? (toInstant(bound, zone) ?? bound) : bound;
  const holders = input['holders'].map((holder: JsonValue) => {
    if (!isJsonObject(holder)) return holder;
    const bounds = (['from', 'to'] as const).flatMap((name) => (Object.hasOwn(holder, name) ? [[name, read(holder[name])]] : []));
    return { ...holder, ...(Object.fromEntries(bounds) as JsonObject) };
  });
  return { ...input, holders };
};

const sizeProblems = (roster: Roster): readonly Problem[] => {
  const bodies =
    Object.keys(roster.bodies).length > BODIES_MAX ? [{ pointer: '/bodies', detail: `has more than ${BODIES_MAX} bodies` }] : [];
  const bytes = Buffer.byteLength(canonical(roster));
  return bytes > ROSTER_BYTES_MAX
    ? [...bodies, { pointer: '', detail: `is longer than ${ROSTER_BYTES_MAX} bytes without mail addresses: ${SHORTEN}` }]
    : bodies;
};

const bodyProblems = ({ bodies }: Roster): readonly Problem[] => [
  ...(Object.keys(bodies).length === 0 ? [{ pointer: '/bodies', detail: 'names no body' }] : []),
  ...Object.entries(bodies).flatMap(([id, { seats, seatLabels, attestedBy }]) => [
    ...repeats(seats).map((index) => ({ pointer: pointerTo('bodies', id, 'seats', index), detail: 'is named twice' })),
    ...Object.keys(seatLabels ?? {})
      .filter((seat) => !seats.includes(seat))
      .map((seat) => ({ pointer: pointerTo('bodies', id, 'seatLabels', seat), detail: `${id} has no such seat` })),
    ...attesterProblems(id, attestedBy, bodies),
  ]),
];

/** Checks the certifying body: a body that certified its own votes would be its own witness. */
const attesterProblems = (id: string, attestedBy: string | undefined, bodies: Roster['bodies']): readonly Problem[] => {
  const pointer = pointerTo('bodies', id, 'attestedBy');
  if (attestedBy === undefined) return [];
  if (!Object.hasOwn(bodies, attestedBy)) return [{ pointer, detail: `there is no body ${attestedBy}` }];
  return attestedBy === id ? [{ pointer, detail: 'a body cannot certify its own acts' }] : [];
};

/** Checks that every fingerprint is unique: the state of a change holds only those. */
const likenessProblems = ({ holders }: Roster, before: Roster['holders']): readonly Problem[] => {
  const known = new Map(before.map(({ id }) => [personOf(id), id]));
  return holders.flatMap(({ id }, index) => {
    const other = known.get(personOf(id)) ?? id;
    known.set(personOf(id), other);
    return other === id
      ? []
      : [{ pointer: pointerTo('holders', index, 'id'), detail: `could be taken for ${other}: choose another id` }];
  });
};

const placeProblems = ({ bodies }: Roster, { body, seat }: Holder, index: number): readonly Problem[] => {
  const known = Object.hasOwn(bodies, body) ? bodies[body] : undefined;
  const problems: Problem[] = [];
  if (known === undefined) problems.push({ pointer: pointerTo('holders', index, 'body'), detail: `there is no body ${body}` });
  else if (!known.seats.includes(seat))
    problems.push({ pointer: pointerTo('holders', index, 'seat'), detail: `${body} has no seat ${seat}` });
  return problems;
};

/** Requires an end for every deputy's term. */
const termProblems = (holder: Holder, index: number, zone: string): readonly Problem[] => {
  const pointer = pointerTo('holders', index, 'to');
  const end = endOfTerm(holder, zone);
  if (end === undefined)
    return holder.acting === true ? [{ pointer, detail: 'is missing: an acting holder has a stated end' }] : [];
  return end <= startOfTerm(holder, zone) ? [{ pointer, detail: 'is before from' }] : [];
};

/** Checks that each person has one address and each address one person; otherwise one mailbox could act as two persons. */
const personProblems = (
  { holders }: RosterFile,
  { id, email }: RosterFile['holders'][number],
  index: number,
): readonly Problem[] => {
  const pointer = pointerTo('holders', index, 'email');
  const address = email.toLowerCase();
  const earlier = holders.slice(0, index);
  const sharing = earlier.find((other) => other.id !== id && other.email.toLowerCase() === address);
  if (sharing !== undefined) return [{ pointer, detail: `is also the address of ${sharing.id}: two persons need two addresses` }];
  const differing = earlier.some((other) => other.id === id && other.email.toLowerCase() !== address);
  return differing ? [{ pointer, detail: `${id} has another address in an earlier entry: one person has one` }] : [];
};

/**
 * Checks that a seat has one holder at a time: a deputy has a separate term, and the holder's term is cut around it. A person has
 * one seat of a body at a time, or they could cast two of its votes.
 */
const overlapProblems = ({ holders }: Roster, holder: Holder, index: number, zone: string): readonly Problem[] => {
  const pointer = pointerTo('holders', index, 'from');
  const clash = holders
    .slice(0, index)
    .find(
      (other) =>
        other.body === holder.body &&
        (other.seat === holder.seat || other.id === holder.id) &&
        meets(other, holder, zone) &&
        meets(holder, other, zone),
    );
  if (clash === undefined) return [];
  const term = `from ${clash.from}${clash.to === undefined ? '' : ` to ${clash.to}`}`;
  if (clash.seat !== holder.seat)
    return [{ pointer, detail: `${holder.id} already holds the seat ${clash.seat} of ${holder.body} then, ${term}` }];
  return [{ pointer, detail: `the seat already has a holder then: ${clash.id} ${term}` }];
};

const meets = (earlier: Holder, later: Holder, zone: string): boolean => {
  const end = endOfTerm(earlier, zone);
  return end === undefined || startOfTerm(later, zone) < end;
};
