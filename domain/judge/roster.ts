import { canonical } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { digestOf } from '../kernel/digest.ts';
import type { RosterEvent } from '../roster/events.ts';
import type { Roster } from '../roster/schema.ts';
import { type City, inForceAt, mayBeNone, mustBeProven, type ProposalCase, passkeyRule, type RosterVersion } from './city.ts';
import { equal } from './equal.ts';
import { mustBeFiled, mustHaveLapsed, mustNameAll, mustNotBeSuspended, reinstate, suspend } from './handover.ts';
import { leavesTwo, onlyEnds } from './lockout.ts';
import { mustProveConfirmation } from './passkeys.ts';
import { bodiesAttestedBy, isSettled, mustConfirm } from './rosterConfirmers.ts';
import { mustBeSound } from './rosterShape.ts';
import { areSeatsOf, following } from './seats.ts';
import { mustHold } from './sitting.ts';
import { must, mustBeHolder, mustBeOperator } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
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
      if (event.by === 'policy') return followed(city, commit, event, zone);
      return event.by === 'confirmation' ? adoptedInTime(city, commit, event, zone) : adoptedFirst(city, commit, event, zone);
    case 'RosterProposed':
      return proposed(city, commit, event, zone);
    case 'HandoverObjected':
      return objected(city, commit, event);
    case 'RosterProposalEnded':
      return ended(city, commit, event, zone);
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

const adoptedFirst = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  must(city.roster === undefined, 'second-operator', 'a roster is in force; the operator’s word is not enough for another');
  mustBeOperator(actor);
  must(event.number === 1 && event.policy === undefined, 'number', 'the first roster has number 1, and follows no policy');
  mustBeSound(event.roster, zone);
  const version = versionOf(event);
  return () => void city.rosters.push(version);
};

const proposed = (city: City, { actor }: Commit, event: Event<'RosterProposed'>, zone: string): Effect => {
  const { roster: inForce } = city;
  mustBeOperator(actor);
  must(inForce !== undefined, 'roster-proposal', 'the first roster needs no proposal');
  must(event.number === inForce.number + 1, 'number', 'a proposal would be the next roster');
  must(event.sha256 !== inForce.sha256, 'roster-proposal', 'this roster is in force');
  must(event.sha256 !== city.rosterProposal?.sha256, 'already-decided', 'this roster waits already');
  mustBeSound(event.roster, zone);
  mustHaveSeats(city, event.roster, event.at);
  mustLeaveTwo(city, inForce, event, zone);
  mustBeFiled(inForce, event, zone);
  const { handovers = [], effectiveAt } = event;
  const proposal = { ...versionOf(event), handovers, effectiveAt, confirmers: [], objectors: [] };
  return () => {
    reinstate(city, city.rosterProposal, event.at);
    city.rosterProposal = proposal;
    suspend(city, proposal, event.at);
  };
};

/** Returns the proposal that an event names, and the roster it would replace. */
const named = (
  { roster, rosterProposal }: City,
  { number, sha256 }: Pick<Event<'RosterConfirmed'>, 'number' | 'sha256'>,
): { readonly inForce: RosterVersion; readonly proposal: ProposalCase } => {
  must(roster !== undefined && rosterProposal !== null, 'roster-proposal', 'no roster was proposed');
  must(number === rosterProposal.number && sha256 === rosterProposal.sha256, 'roster-proposal', 'another roster was proposed');
  return { inForce: roster, proposal: rosterProposal };
};

const objected = (city: City, { actor }: Commit, event: Event<'HandoverObjected'>): Effect => {
  const { inForce, proposal } = named(city, event);
  const { holder } = event;
  must(event.roster === inForce.number, 'other-roster', `roster ${event.roster} is not in force`);
  mustBeHolder(actor, holder);
  must(proposal.handovers.includes(holder), 'handover', `the proposal takes no links from ${holder}`);
  must(!proposal.objectors.includes(holder), 'already-decided', `${holder} has objected`);
  return () => {
    city.rosterProposal = { ...proposal, objectors: [...proposal.objectors, holder] };
  };
};

const ended = (city: City, { actor }: Commit, event: Event<'RosterProposalEnded'>, zone: string): Effect => {
  const { proposal } = named(city, event);
  const by = event.because === 'withdrawn' ? 'operator' : 'clock';
  must(actor === by, 'actor', `${actor} is not the ${by}`);
  must(equal(event.handovers ?? [], proposal.handovers), 'handover', 'these are not the holders whom it concerned');
  if (event.because === 'unconfirmed') mustHaveLapsed(proposal, event.at, zone);
  return () => {
    reinstate(city, proposal, event.at);
    city.rosterProposal = null;
  };
};

/** Judges an adoption by the passage of time: the confirmations were there, and the wait is over. */
const adoptedInTime = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  const { inForce, proposal } = named(city, event);
  must(actor === 'clock', 'actor', `${actor} is not the clock`);
  mustNameAll(inForce, proposal, { at: event.at, zone });
  mustHaveSeats(city, proposal.roster, event.at);
  must(proposal.effectiveAt !== undefined && isSettled(inForce, proposal, event.at), 'handover', 'the roster waits');
  must(equal(event, adoptionOf(proposal, event.at)), 'consequence', 'the roster adopted is not the one confirmed');
  return adopting(city, proposal, event.at);
};

const adoptionOf = ({ number, sha256, roster, contacts }: ProposalCase, at: string) => ({
  type: 'RosterAdopted',
  v: 1,
  at,
  number,
  sha256,
  roster,
  contacts,
  by: 'confirmation',
});

const adopting =
  (city: City, { number, sha256, roster, contacts, handovers }: ProposalCase, at: string): Effect =>
  () => {
    city.rosters.push({ number, sha256, roster, contacts, since: at });
    reinstate(city, { handovers }, at);
    city.rosterProposal = null;
  };

const confirmed = (
  city: City,
  { actor }: Commit,
  event: Event<'RosterConfirmed'>,
  next: RosterEvent | undefined,
  count: number,
  zone: string,
): Effect => {
  const { inForce, proposal } = named(city, event);
  const { at, holder, body, seat, assertion } = event;
  must(event.roster === inForce.number, 'other-roster', `roster ${event.roster} is not in force`);
  mustBeHolder(actor, holder);
  mustHold(inForce, event, { at, zone });
  mustConfirm(inForce, proposal, event);
  mustNameAll(inForce, proposal, { at, zone });
  mustHaveSeats(city, proposal.roster, at);
  mustBeProven(city, event, [passkeyRule(city)], (by) => mustProveConfirmation(event, by));
  const after = { ...proposal, confirmers: [...proposal.confirmers, { holder, body, seat }] };
  const settled = isSettled(inForce, after, at);
  must(count === (settled ? 2 : 1), 'consequence-missing', 'a confirmation that completes what is needed brings it into force');
  must(!settled || equal(next, adoptionOf(proposal, at)), 'consequence', 'the roster adopted is not the one confirmed');
  return () => {
    if (settled) adopting(city, proposal, at)();
    else city.rosterProposal = after;
    if (assertion !== undefined) city.passkeys.spend(assertion, at);
  };
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
    city.rosters.push(version);
    city.rosterProposal = null;
    city.followed = policy.number;
  };
};

/** Checks that the next roster leaves two persons of two bodies to confirm a later one, also without any one person. */
const mustLeaveTwo = (city: City, inForce: RosterVersion, event: Event<'RosterProposed'>, zone: string): void => {
  const sparing = onlyEnds(inForce, event, zone);
  const leaves = inForceAt(city.policies, event.at).some(({ policy }) =>
    leavesTwo(policy, event, { at: event.at, zone }, sparing),
  );
  must(leaves || mayBeNone(city.policies, event.at), 'too-few-confirmers', 'too few persons would remain to confirm a roster');
};

/** Checks that the next roster has the bodies and seats of the policy in force. */
const mustHaveSeats = ({ policies }: City, next: Roster, at: string): void => {
  const isSeated = inForceAt(policies, at).some(({ bodies }) => areSeatsOf(bodies, next));
  must(isSeated || mayBeNone(policies, at), 'seats-are-rules', 'the policy in force has other bodies or seats');
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
const mustServe = (city: City, { actor, at }: Commit, event: Event<'LinksCutOff' | 'PasskeysReset'>, zone: string): void => {
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
  if (event.type === 'PasskeysReset') mustNotBeSuspended(city, by.holder, at);
};
