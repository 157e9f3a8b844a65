import { canonical } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { digestOf } from '../kernel/digest.ts';
import type { PasskeyReset, RosterEvent } from '../roster/events.ts';
import { type City, inForceAt, mayBeNone, type ProposalCase, type RosterVersion } from './city.ts';
import { equal } from './equal.ts';
import { cutOffOnce, endMoved, hasLapsed, judgeAnswer, judgeEnd, mustHaveSeats, rulesAt, usedNewer } from './proposal.ts';
import { mustBeSound } from './rosterShape.ts';
import { following } from './seats.ts';
import { bodiesAttestedBy, type Moment, mustHold } from './sitting.ts';
import { leavesTwo, onlyEnds } from './twoPersons.ts';
import { must, mustBeHolder, mustBeOperator } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
type Effect = () => void;

export const judgeRosters = (city: City, commit: Commit, events: readonly RosterEvent[], zone: string): Effect => {
  const [event, ...then] = events;
  must(event !== undefined && events.every(({ at }) => at === commit.at), 'instant', 'an event of another instant');
  if (event.type === 'ProposalAnswered') return judgeAnswer(city, commit, event, then, zone);
  must(then.length === 0, 'no-act', 'one command makes one event here');
  switch (event.type) {
    case 'RosterAdopted':
      return event.by === 'policy' ? followed(city, commit, event, zone) : adoptedFirst(city, commit, event, zone);
    case 'ProposalMade':
      return proposed(city, commit, event, zone);
    case 'ProposalEnded':
      return judgeEnd(city, commit, event, zone);
    case 'LinksCutOff':
      return cutOff(city, commit, event, zone);
    case 'LinksUsed':
      return usedNewer(city, commit, event);
    case 'PasskeysReset':
      return reset(city, commit, event, zone);
  }
};

type Named = Pick<RosterVersion, 'number' | 'roster' | 'contacts'>;
const versionOf = ({ at, sha256 }: { at: string; sha256: string }, { number, roster, contacts }: Named): RosterVersion => {
  must(digestOf(canonical({ roster, contacts })) === sha256, 'digest', 'the roster has another digest');
  return { number, since: at, sha256, roster, contacts };
};

const adoptedFirst = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  must(city.roster === undefined, 'second-operator', 'a roster is in force; the operator’s word is not enough for another');
  mustBeOperator(actor);
  must(event.number === 1 && event.by === 'operator', 'number', 'the first roster has number 1, and the operator sets it');
  must(event.policy === undefined, 'number', 'the first roster follows no policy');
  mustBeSound(event.roster, zone);
  const version = versionOf(event, event);
  return () => void city.rosters.push(version);
};

/** What is proposed takes the place of whatever waited, with no confirmation yet. */
const proposed = (city: City, commit: Commit, event: Event<'ProposalMade'>, zone: string): Effect => {
  const { at, sha256 } = event;
  const { proposal } = city;
  const waits = proposal !== null && !hasLapsed(proposal, { at, zone });
  must(!waits || proposal.sha256 !== sha256, 'already-decided', 'this waits already');
  const subject = nextSubject(city, commit, event, { zone, waits });
  return () => {
    city.proposal = { sha256, since: at, subject, confirmers: [], refusers: [] };
  };
};

const nextSubject = (
  city: City,
  commit: Commit,
  event: Event<'ProposalMade'>,
  { zone, waits }: { readonly zone: string; readonly waits: boolean },
): ProposalCase['subject'] => {
  const { subject, sha256 } = event;
  if ('roster' in subject) return nextRoster(city, commit, event, subject, zone);
  if ('holder' in subject) return nextReset(city, commit, event, subject, { zone, waits });
  mustBeOperator(commit.actor);
  must(city.roster !== undefined, 'roster-proposal', 'without a roster there is no one to confirm it');
  must(sha256 === digestOf(canonical({ restored: { ...subject } })), 'digest', 'the restored gate has another digest');
  return subject;
};

const nextRoster = (city: City, { actor }: Commit, event: Event<'ProposalMade'>, next: Named, zone: string): RosterVersion => {
  const { roster: inForce } = city;
  mustBeOperator(actor);
  must(inForce !== undefined, 'roster-proposal', 'the first roster needs no proposal');
  must(next.number === inForce.number + 1, 'number', 'a proposal would be the next roster');
  must(event.sha256 !== inForce.sha256, 'roster-proposal', 'this roster is in force');
  mustBeSound(next.roster, zone);
  mustHaveSeats(city, next.roster, event.at);
  mustLeaveTwo(city, inForce, next, { at: event.at, zone });
  return versionOf(event, next);
};

const nextReset = (
  city: City,
  commit: Commit,
  { sha256 }: Event<'ProposalMade'>,
  reset: PasskeyReset,
  { zone, waits }: { readonly zone: string; readonly waits: boolean },
): ProposalCase['subject'] => {
  const { holder, generation, by } = reset;
  mustServe(city, commit, reset, zone, 'passkeys');
  mustBeNextReset(city, reset);
  must(sha256 === digestOf(canonical({ passkeys: { holder, generation } })), 'digest', 'the reset has another digest');
  must(by === null || !waits, 'roster-proposal', 'a clerk does not replace what waits');
  return { holder, generation };
};

/** Judges a roster that follows from a policy: once for each, in their order, and exactly what that policy makes of the present one. */
const followed = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  const [present, policy] = [city.rosters.at(-1), city.policies.find(({ number }) => number === event.policy)];
  must(present !== undefined, 'other-roster', 'no roster is in force');
  must(policy !== undefined && policy.number > city.followed, 'other-policy', 'no such policy waits for its roster');
  must(actor === 'clock', 'actor', `${actor} is not the clock`);
  must(event.number === present.number + 1, 'number', `roster ${event.number} is not the next`);
  const version = versionOf(event, event);
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

const mustLeaveTwo = ({ policies }: City, inForce: RosterVersion, next: Named, moment: Moment): void => {
  const sparing = onlyEnds(inForce, next, moment.zone);
  const leaves = inForceAt(policies, moment.at).some(({ policy }) => leavesTwo(policy, next, moment, sparing));
  must(leaves || mayBeNone(policies, moment.at), 'too-few-confirmers', 'too few persons would remain to confirm a roster');
};

const cutOff = (city: City, commit: Commit, event: Event<'LinksCutOff'>, zone: string): Effect => {
  mustServe(city, commit, event, zone, 'links');
  return cutOffOnce(city, event);
};

/** Judges a reset that takes no two persons: by the operator, under a policy that asks for no passkey, or before the first. */
const reset = (city: City, commit: Commit, event: Event<'PasskeysReset'>, zone: string): Effect => {
  const { holder, generation, at } = event;
  mustBeOperator(commit.actor);
  mustServe(city, commit, event, zone, 'passkeys');
  const isFree = rulesAt(city, at).some((rules) => (rules?.passkeys ?? 'off') === 'off');
  must(isFree, 'roster-confirmer', 'under a policy that asks for passkeys two persons reset them');
  mustBeNextReset(city, event);
  return () => {
    city.passkeys.reset(holder, generation, at);
    const { subject } = city.proposal ?? {};
    if (subject !== undefined && 'holder' in subject && subject.holder === holder) city.proposal = null;
  };
};

const mustBeNextReset = ({ passkeys }: City, { holder, generation }: Omit<PasskeyReset, 'by'>): void =>
  must(generation === passkeys.resetsOf(holder) + 1, 'number', 'the passkeys were not reset so often before');

/**
 * Checks who ends a person's links or passkeys: the operator, or a clerk responsible for that person. A clerk cannot reset
 * passkeys of their own office.
 */
const mustServe = (
  city: City,
  { actor, at }: Commit,
  { by, holder }: Pick<PasskeyReset, 'by' | 'holder'>,
  zone: string,
  what: 'links' | 'passkeys',
): void => {
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
    what === 'links'
      ? bodies.some((body) => body === by.body || attested.includes(body))
      : attested.length > 0 && holder !== by.holder && !bodies.includes(by.body);
  must(may, 'roster-confirmer', `${by.holder} cannot do this for ${holder}`);
};
