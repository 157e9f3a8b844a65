import { canonical } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { digestOf } from '../kernel/digest.ts';
import type { RosterEvent } from '../roster/events.ts';
import { type City, inForceAt, mayBeNone, type ProposalCase, type RosterVersion } from './city.ts';
import { equal } from './equal.ts';
import {
  cutOffOnce,
  endMoved,
  hasLapsed,
  judgeConfirmation,
  judgeEnd,
  judgeRefusal,
  mustHaveSeats,
  rulesAt,
  usedNewer,
} from './proposal.ts';
import { mustBeSound } from './rosterShape.ts';
import { following } from './seats.ts';
import { bodiesAttestedBy, mustHold } from './sitting.ts';
import { leavesTwo, onlyEnds } from './twoPersons.ts';
import { must, mustBeHolder, mustBeOperator } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
type Effect = () => void;

export const judgeRosters = (city: City, commit: Commit, events: readonly RosterEvent[], zone: string): Effect => {
  const [event, next] = events;
  must(event !== undefined && events.every(({ at }) => at === commit.at), 'instant', 'an event of another instant');
  if (event.type === 'RosterConfirmed') return judgeConfirmation(city, commit, event, next, events.length, zone);
  must(events.length === 1, 'no-act', 'one command makes one event here');
  switch (event.type) {
    case 'RosterAdopted':
      return event.by === 'policy' ? followed(city, commit, event, zone) : adoptedFirst(city, commit, event, zone);
    case 'RosterProposed':
      return proposed(city, commit, event, zone);
    case 'PasskeyResetProposed':
      return resetProposed(city, commit, event, zone);
    case 'RosterRefused':
      return judgeRefusal(city, commit, event, zone);
    case 'RosterProposalEnded':
      return judgeEnd(city, commit, event, zone);
    case 'LinksCutOff':
      return cutOff(city, commit, event, zone);
    case 'LinksUsed':
      return usedNewer(city, commit, event);
    case 'PasskeysReset':
      return reset(city, commit, event, zone);
  }
};

const versionOf = ({ number, at, sha256, roster, contacts }: Event<'RosterAdopted' | 'RosterProposed'>): RosterVersion => {
  must(digestOf(canonical({ roster, contacts })) === sha256, 'digest', 'the roster has another digest');
  return { number, since: at, sha256, roster, contacts };
};

const adoptedFirst = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  must(city.roster === undefined, 'second-operator', 'a roster is in force; the operator’s word is not enough for another');
  mustBeOperator(actor);
  must(event.number === 1 && event.by === 'operator', 'number', 'the first roster has number 1, and the operator sets it');
  must(event.policy === undefined, 'number', 'the first roster follows no policy');
  mustBeSound(event.roster, zone);
  const version = versionOf(event);
  return () => void city.rosters.push(version);
};

const mustBeNew = ({ proposal }: City, { at, sha256 }: Event<'RosterProposed' | 'PasskeyResetProposed'>, zone: string): void =>
  must(proposal?.sha256 !== sha256 || hasLapsed(proposal, { at, zone }), 'already-decided', 'this waits already');

const proposed = (city: City, { actor }: Commit, event: Event<'RosterProposed'>, zone: string): Effect => {
  const { roster: inForce } = city;
  mustBeOperator(actor);
  must(inForce !== undefined, 'roster-proposal', 'the first roster needs no proposal');
  must(event.number === inForce.number + 1, 'number', 'a proposal would be the next roster');
  must(event.sha256 !== inForce.sha256, 'roster-proposal', 'this roster is in force');
  mustBeNew(city, event, zone);
  mustBeSound(event.roster, zone);
  mustHaveSeats(city, event.roster, event.at);
  mustLeaveTwo(city, inForce, event, zone);
  return waiting(city, event, versionOf(event));
};

const waiting =
  (city: City, { sha256, at }: Event<'RosterProposed' | 'PasskeyResetProposed'>, subject: ProposalCase['subject']): Effect =>
  () => {
    city.proposal = { sha256, since: at, subject, confirmers: [], refusers: [] };
  };

/** Judges a roster that follows from a policy: once for each, in their order, and exactly what that policy makes of the present one. */
const followed = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  const [present, policy] = [city.rosters.at(-1), city.policies.find(({ number }) => number === event.policy)];
  must(present !== undefined, 'other-roster', 'no roster is in force');
  must(policy !== undefined && policy.number > city.followed, 'other-policy', 'no such policy waits for its roster');
  must(actor === 'clock', 'actor', `${actor} is not the clock`);
  must(event.number === present.number + 1, 'number', `roster ${event.number} is not the next`);
  const version = versionOf(event);
  const { roster, contacts } = following(present, policy);
  must(
    equal({ roster, contacts }, { roster: version.roster, contacts: version.contacts }),
    'consequence',
    'another roster follows',
  );
  must(version.sha256 !== present.sha256, 'roster-proposal', 'this roster is in force');
  mustBeSound(version.roster, zone);
  return () => {
    endMoved(city, present, version);
    city.rosters.push(version);
    city.proposal = null;
    city.followed = policy.number;
  };
};

const mustLeaveTwo = (city: City, inForce: RosterVersion, event: Event<'RosterProposed'>, zone: string): void => {
  const sparing = onlyEnds(inForce, event, zone);
  const leaves = inForceAt(city.policies, event.at).some(({ policy }) =>
    leavesTwo(policy, event, { at: event.at, zone }, sparing),
  );
  must(leaves || mayBeNone(city.policies, event.at), 'too-few-confirmers', 'too few persons would remain to confirm a roster');
};

const cutOff = (city: City, commit: Commit, event: Event<'LinksCutOff'>, zone: string): Effect => {
  mustServe(city, commit, event, zone);
  return cutOffOnce(city, event);
};

/** Judges a reset that takes no two persons: by the operator, under a policy that asks for no passkey, or before the first. */
const reset = (city: City, commit: Commit, event: Event<'PasskeysReset'>, zone: string): Effect => {
  const { holder, generation, at } = event;
  mustBeOperator(commit.actor);
  mustServe(city, commit, event, zone);
  const isFree = rulesAt(city, at).some((rules) => (rules?.passkeys ?? 'off') === 'off');
  must(isFree, 'roster-confirmer', 'under a policy that asks for passkeys two persons reset them');
  mustBeNextReset(city, event);
  return () => {
    city.passkeys.reset(holder, generation, at);
    const { subject } = city.proposal ?? {};
    if (subject !== undefined && !('roster' in subject) && subject.holder === holder) city.proposal = null;
  };
};

const mustBeNextReset = ({ passkeys }: City, { holder, generation }: Event<'PasskeysReset' | 'PasskeyResetProposed'>): void =>
  must(generation === passkeys.resetsOf(holder) + 1, 'number', 'the passkeys were not reset so often before');

const resetProposed = (city: City, commit: Commit, event: Event<'PasskeyResetProposed'>, zone: string): Effect => {
  const { holder, generation, at, sha256, by } = event;
  const { proposal } = city;
  mustServe(city, commit, event, zone);
  mustBeNextReset(city, event);
  must(sha256 === digestOf(canonical({ passkeys: { holder, generation } })), 'digest', 'the reset has another digest');
  mustBeNew(city, event, zone);
  const isFree = by === null || proposal === null || hasLapsed(proposal, { at, zone });
  must(isFree, 'roster-proposal', 'a clerk does not replace what waits');
  return waiting(city, event, { holder, generation });
};

/**
 * Checks who ends a person's links or passkeys: the operator, or a clerk responsible for that person. A clerk cannot reset
 * passkeys of their own office.
 */
const mustServe = (
  city: City,
  { actor, at }: Commit,
  event: Event<'LinksCutOff' | 'PasskeysReset' | 'PasskeyResetProposed'>,
  zone: string,
): void => {
  const { by, holder } = event;
  const { roster } = city;
  must(roster !== undefined, 'other-roster', 'no roster is in force');
  const bodies = roster.roster.holders.filter(({ id }) => id === holder).map(({ body }) => body);
  must(bodies.length > 0, 'roster-confirmer', `the roster has no ${holder}`);
  if (by === null) {
    mustBeOperator(actor);
    return;
  }
  mustBeHolder(actor, by.holder);
  mustHold(roster, by, { at, zone });
  const attested = bodiesAttestedBy(roster.roster, by.body);
  const may =
    event.type === 'LinksCutOff'
      ? bodies.some((body) => body === by.body || attested.includes(body))
      : attested.length > 0 && holder !== by.holder && !bodies.includes(by.body);
  must(may, 'roster-confirmer', `${by.holder} cannot do this for ${holder}`);
};
