import { canonical } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { digestOf } from '../kernel/digest.ts';
import type { RosterEvent } from '../roster/events.ts';
import type { Roster } from '../roster/schema.ts';
import { type City, hadPasskey, inForceAt, mayBeNone, mustHold, type RosterVersion, wasPasskeyOf } from './city.ts';
import { equal } from './equal.ts';
import { mustProveConfirmation } from './passkeys.ts';
import { works } from './policy.ts';
import { must } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
type Officer = NonNullable<Event<'LinksCutOff'>['by']>;
type Effect = () => void;

/**
 * Judges a commit of the city's rosters: the first by the operator, every later one proposed by the operator and confirmed by an
 * official.
 */
export const judgeRosters = (city: City, commit: Commit, events: readonly RosterEvent[], zone: string): Effect => {
  const [event, next] = events;
  must(event !== undefined && events.every(({ at }) => at === commit.at), 'instant', 'an event of another instant');
  if (event.type === 'RosterConfirmed') return confirmed(city, commit, event, next, events.length, zone);
  must(events.length === 1, 'no-act', 'one command makes one event here');
  switch (event.type) {
    case 'RosterAdopted':
      return adoptedFirst(city, commit, event);
    case 'RosterProposed':
      return proposed(city, commit, event);
    case 'LinksCutOff':
      return cutOff(city, commit, event, zone);
    case 'PasskeysReset':
      return reset(city, commit, event, zone);
  }
};

const versionOf = ({ number, at, sha256, roster, contacts }: Event<'RosterAdopted' | 'RosterProposed'>): RosterVersion => {
  must(digestOf(canonical({ roster, contacts })) === sha256, 'digest', 'the roster has another digest');
  return { number, since: at, sha256, roster, contacts };
};

const adoptedFirst = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>): Effect => {
  must(event.by === 'operator', 'no-act', 'a roster is in force, and nobody confirmed it');
  must(city.roster === undefined, 'second-operator', 'a roster is in force; the operator’s word is not enough for another');
  must(actor === 'operator', 'actor', `${actor} is not the operator`);
  must(event.number === 1, 'number', 'the first roster has number 1');
  mustBeSound(event.roster);
  const version = versionOf(event);
  return () => void city.rosters.push(version);
};

const proposed = (city: City, { actor }: Commit, event: Event<'RosterProposed'>): Effect => {
  must(actor === 'operator', 'actor', `${actor} is not the operator`);
  must(city.roster !== undefined, 'roster-proposal', 'the first roster needs no proposal');
  must(event.number === city.roster.number + 1, 'number', 'a proposal would be the next roster');
  must(event.sha256 !== city.roster.sha256, 'roster-proposal', 'this roster is in force');
  must(event.sha256 !== city.rosterProposal?.sha256, 'already-decided', 'this roster waits already');
  mustBeSound(event.roster);
  mustKeepPolicy(city, city.roster, event.roster, event.at);
  const version = versionOf(event);
  return () => {
    city.rosterProposal = version;
  };
};

const confirmed = (
  city: City,
  { actor }: Commit,
  event: Event<'RosterConfirmed'>,
  next: RosterEvent | undefined,
  count: number,
  zone: string,
): Effect => {
  const { roster: inForce, rosterProposal: proposal } = city;
  must(inForce !== undefined && proposal !== null, 'roster-proposal', 'no roster was proposed');
  must(event.number === proposal.number && event.sha256 === proposal.sha256, 'roster-proposal', 'another roster was proposed');
  must(event.roster === inForce.number, 'other-roster', `roster ${event.roster} is not in force`);
  must(actor === `holder:${event.holder}`, 'actor', `${actor} is not ${event.holder}`);
  mustHold(inForce, event, { at: event.at, zone });
  mustConfirm(inForce, proposal, event);
  mustKeepPolicy(city, inForce, proposal.roster, event.at);
  mustBeProven(city, event);
  const { number, sha256, roster, contacts } = proposal;
  must(next !== undefined && count === 2, 'consequence-missing', 'a confirmation brings the roster into force');
  const adopted = { type: 'RosterAdopted', v: 1, at: event.at, number, sha256, roster, contacts, by: 'confirmation' };
  must(equal(next, adopted), 'consequence', 'the roster adopted is not the one confirmed');
  const { assertion } = event;
  return () => {
    city.rosters.push({ ...proposal, since: event.at });
    city.rosterProposal = null;
    if (assertion !== undefined) city.passkeys.spend(assertion, event.at);
  };
};

/** Checks that the policy in force works under the next roster, unless it did not work under the present one either. */
const mustKeepPolicy = ({ policies }: City, inForce: RosterVersion, next: Roster, at: string): void => {
  const known = inForceAt(policies, at);
  const holds = known.some(({ policy }) => works(policy, next) || !works(policy, inForce.roster));
  must(
    known.length === 0 || holds || mayBeNone(policies, at),
    'roster-breaks-policy',
    'the policy in force could not be met under it',
  );
};

const mustBeProven = (city: City, event: Event<'RosterConfirmed'>): void => {
  const { policy, passkeys } = city;
  const { assertion, holder, at } = event;
  if (assertion === undefined) {
    const rule = policy?.policy.passkeys ?? 'off';
    const asked = rule === 'required' || (rule === 'when-enrolled' && hadPasskey(city, holder, at));
    must(!asked, 'passkey-missing', `the policy asks ${holder} for a passkey`);
    return;
  }
  mustProveConfirmation(event, assertion);
  passkeys.mustBelong(holder, assertion, at);
  must(wasPasskeyOf(city, holder, assertion.credential, at), 'passkey', `${holder} has no such passkey`);
};

const cutOff = (city: City, commit: Commit, event: Event<'LinksCutOff'>, zone: string): Effect => {
  const { holder, generation } = event;
  mustServe(city, commit, event, zone);
  must(generation === (city.linkGenerations.get(holder) ?? 1), 'number', 'these links were cut off before, or never sent');
  return () => void city.linkGenerations.set(holder, generation + 1);
};

const reset = (city: City, commit: Commit, event: Event<'PasskeysReset'>, zone: string): Effect => {
  const { holder, generation, at } = event;
  mustServe(city, commit, event, zone);
  must(generation === city.passkeys.resetsOf(holder) + 1, 'number', 'the passkeys were not reset so often before');
  return () => city.passkeys.reset(holder, generation, at);
};

/**
 * Checks who ends a person's links or passkeys: the operator, or a clerk responsible for that person. A clerk cannot reset
 * passkeys of their own office.
 */
const mustServe = (
  { roster }: City,
  { actor, at }: Commit,
  event: Event<'LinksCutOff' | 'PasskeysReset'>,
  zone: string,
): void => {
  const { by, holder } = event;
  must(roster !== undefined, 'other-roster', 'no roster is in force');
  const bodies = roster.roster.holders.filter(({ id }) => id === holder).map(({ body }) => body);
  must(bodies.length > 0, 'roster-confirmer', `the roster has no ${holder}`);
  if (by === null) {
    must(actor === 'operator', 'actor', `${actor} is not the operator`);
    return;
  }
  must(actor === `holder:${by.holder}`, 'actor', `${actor} is not ${by.holder}`);
  mustHold(roster, by, { at, zone });
  const attested = bodiesAttestedBy(roster.roster, by.body);
  const may =
    event.type === 'LinksCutOff'
      ? bodies.some((body) => body === by.body || attested.includes(body))
      : attested.length > 0 && holder !== by.holder && !bodies.includes(by.body);
  must(may, 'roster-confirmer', `${by.holder} cannot do this for ${holder}`);
};

const bodiesAttestedBy = ({ bodies }: Roster, office: string): readonly string[] =>
  Object.keys(bodies).filter((body) => bodies[body]?.attestedBy === office);

/**
 * Returns the facts of a body that a proposal can change: its seats and names, its holders and commitments to their addresses,
 * and the body that certifies for it.
 */
const factsOf = ({ roster, contacts }: RosterVersion, body: string) => {
  const holders = roster.holders.filter((term) => term.body === body);
  const addresses = holders.map(({ id }) => (Object.hasOwn(contacts, id) ? contacts[id] : null));
  return { body: Object.hasOwn(roster.bodies, body) ? roster.bodies[body] : null, holders, addresses };
};

/**
 * Checks the confirmer: the clerk, unless the proposal changes a certifying body. A confirmer cannot confirm a change of their
 * own body or their own terms.
 */
const mustConfirm = (inForce: RosterVersion, proposal: RosterVersion, { holder, body }: Officer): void => {
  const own = ({ roster }: RosterVersion) => roster.holders.filter(({ id }) => id === holder);
  must(equal(own(inForce), own(proposal)), 'roster-confirmer', `the proposal changes the terms of ${holder}`);
  const bodies = Object.keys(inForce.roster.bodies);
  if (bodies.length === 1) return;
  const changed = [...new Set([...bodies, ...Object.keys(proposal.roster.bodies)])].filter(
    (each) => !equal(factsOf(inForce, each), factsOf(proposal, each)),
  );
  must(!changed.includes(body), 'roster-confirmer', `the proposal changes ${body}, the confirmer’s own body`);
  const clerks = bodies.filter((each) => bodiesAttestedBy(inForce.roster, each).length > 0);
  const clerkMust = clerks.length > 0 && !clerks.some((each) => changed.includes(each));
  must(!clerkMust || clerks.includes(body), 'roster-confirmer', `${holder} is not the clerk`);
};

const ROSTER_BYTES_MAX = 13_500;
const BODIES_MAX = 16;

/**
 * Checks that a roster can be used: seats exist, each seat has one holder and each person one seat of a body at a time, and no
 * body certifies for itself.
 */
const mustBeSound = (roster: Roster): void => {
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
  for (const [index, { id, body, seat, from, to }] of holders.entries()) {
    must(names.includes(body) && bodies[body]?.seats.includes(seat), 'roster-invalid', `there is no seat ${body}/${seat}`);
    must(to === undefined || from <= to, 'roster-invalid', `the term of ${id} ends before it begins`);
    const clash = holders
      .slice(0, index)
      .some(
        (other) =>
          other.body === body &&
          (other.seat === seat || other.id === id) &&
          (other.to === undefined || other.to >= from) &&
          (to === undefined || to >= other.from),
      );
    must(!clash, 'roster-invalid', `two terms of ${body}/${seat} or of ${id} overlap`);
  }
};
