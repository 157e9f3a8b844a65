import { canonical, digestOf } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { PasskeyReset, ProposalAnswered, RosterEvent } from '../roster/events.ts';
import type { Roster } from '../roster/schema.ts';
import { type City, inForceAt, instantsToCheck, type LinksCase, mayPrecedeAll, mustBeProven, type ProposalCase } from './city.ts';
import { mustProveConfirmation } from './passkeys.ts';
import {
  areSeatsOf,
  areTwoOfTwo,
  bodiesAttestedBy,
  canBeOneOfTwo,
  following,
  leavesTwo,
  type Moment,
  mustBeSound,
  mustHold,
  type Officer,
  onlyEnds,
  type RosterVersion,
  seatedBy,
  wasLastIn,
} from './sitting.ts';
import { equal, must, mustBeHolder, mustBeOperator } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
type Effect = () => void;

const linksOf = ({ links }: City, holder: string): LinksCase => links.get(holder) ?? { generation: 1, used: 1 };

const usedNewer = (city: City, { actor }: Commit, { holder, generation }: Event<'LinksUsed'>): Effect => {
  mustBeHolder(actor, holder);
  const known = linksOf(city, holder);
  must(generation <= known.generation, 'number', 'no such link was made yet');
  must(generation > known.used, 'already-decided', 'a link of this generation, or a newer one, was used before');
  return () => void city.links.set(holder, { ...known, used: generation });
};

const endMoved = (city: City, before: RosterVersion | undefined, { contacts }: Pick<RosterVersion, 'contacts'>): void => {
  for (const [holder, address] of Object.entries(before?.contacts ?? {})) {
    const next = new Map(Object.entries(contacts)).get(holder);
    if (next === undefined || next === address) continue;
    const generation = linksOf(city, holder).generation + 1;
    city.links.set(holder, { generation, used: generation });
  }
};

// Proposals that wait for two persons: a roster, a reset of passkeys, or a restored gate.

const LASTS = 'P14D';

const hasLapsed = ({ since }: ProposalCase, { at, zone }: Moment): boolean => at >= plusDuration(since, LASTS, zone);

const proposalNamed = (
  { roster, proposal }: City,
  sha256: string,
): { readonly inForce: RosterVersion; readonly proposal: ProposalCase } => {
  must(roster !== undefined && proposal !== null, 'roster-proposal', 'nothing was proposed');
  must(sha256 === proposal.sha256, 'roster-proposal', 'something else was proposed');
  return { inForce: roster, proposal };
};

const judgeEnd = (city: City, { actor }: Commit, { sha256, because, at }: Event<'ProposalEnded'>, zone: string): Effect => {
  const { proposal } = proposalNamed(city, sha256);
  must(because !== 'confirmed', 'no-act', 'a confirmation ends it, and not alone');
  const by = because === 'withdrawn' ? 'operator' : 'clock';
  must(actor === by, 'actor', `${actor} is not the ${by}`);
  must(because === 'withdrawn' || hasLapsed(proposal, { at, zone }), 'not-due', 'the proposal can still be confirmed');
  return () => {
    city.proposal = null;
  };
};

/**
 * Returns the policies that may have been in force at an instant; undefined stands for none, before the first. A false date does not
 * make one person's word enough: a commit that enters late must also have entered before the first policy.
 */
export const rulesAt = (city: City, at: string) => [
  ...inForceAt(city.policies, at),
  ...(instantsToCheck(city, at).every((when) => mayPrecedeAll(city.policies, when)) ? [undefined] : []),
];
type Rules = ReturnType<typeof rulesAt>[number];

const canAnswer = (rules: Rules, inForce: RosterVersion, proposal: ProposalCase, who: Officer, moment: Moment): boolean => {
  const [policy, roster] = [rules?.policy, seatedBy(rules?.bodies ?? null, inForce)];
  return canBeOneOfTwo(policy, roster, who, moment) || ('roster' in proposal.subject && wasLastIn(policy, roster, who, moment));
};

/** Reports whether enough of those who still can have confirmed, including the last: two of two bodies, or one before any policy. */
const isSettled = (rules: Rules, inForce: RosterVersion, proposal: ProposalCase, moment: Moment): boolean =>
  rules === undefined || areTwoOfTwo(proposal.confirmers.filter((who) => canAnswer(rules, inForce, proposal, who, moment)));

const without = (acts: readonly Officer[], { holder, body }: Officer): readonly Officer[] =>
  acts.filter((each) => each.holder !== holder || each.body !== body);

const answered = (city: City, { actor }: Commit, event: ProposalAnswered, zone: string) => {
  const { inForce, proposal } = proposalNamed(city, event.sha256);
  const moment = { at: event.at, zone };
  must(event.roster === inForce.number, 'other-roster', `roster ${event.roster} is not in force`);
  mustBeHolder(actor, event.holder);
  const moments = instantsToCheck(city, event.at).map((at) => ({ at, zone }));
  const before = event.decision === 'confirm' ? proposal.confirmers : proposal.refusers;
  must(without(before, event).length === before.length, 'already-decided', `${event.holder} has answered so before`);
  const rulesOf = (when: Moment) => rulesAt(city, when.at).filter((each) => canAnswer(each, inForce, proposal, event, when));
  const can = moments.every((when) => rulesOf(when).length > 0);
  must(can, 'roster-confirmer', `${event.holder} is not in office in a body that decides`);
  must(!moments.some((when) => hasLapsed(proposal, when)), 'too-late', 'the proposal waits no more');
  const { holder, body, seat } = event;
  return { inForce, proposal, moment, rules: rulesOf(moment), who: { holder, body, seat } };
};

/** A gate remembers only the newest refusals, so a person whose refusal is older can refuse again. */
const REFUSERS_KEPT = 8;

/**
 * Judges an answer, and what takes effect with the confirmation that completes a proposal. A refusal takes back that person's own
 * confirmation and stops nothing.
 */
const judgeAnswer = (city: City, commit: Commit, event: ProposalAnswered, then: readonly RosterEvent[], zone: string): Effect => {
  const { inForce, proposal, moment, rules, who } = answered(city, commit, event, zone);
  const { at, assertion, decision, reason } = event;
  const confirmers = without(proposal.confirmers, who);
  const refusers = without(proposal.refusers, who);
  if (decision === 'refuse') {
    must(assertion === undefined, 'passkey', 'a refusal is not signed');
    must(then.length === 0, 'no-act', 'nothing follows from a refusal');
    return () => {
      city.proposal = { ...proposal, confirmers, refusers: [...refusers, who].slice(-REFUSERS_KEPT) };
    };
  }
  must(reason === null, 'act', 'a confirmation has no reason');
  if ('roster' in proposal.subject) mustHaveSeats(city, proposal.subject.roster, at);
  const asked = (when: string) => rulesAt(city, when).map((each) => each?.policy.passkeys ?? 'off');
  mustBeProven(city, event, asked, (by) => mustProveConfirmation(event, by));
  const after = { ...proposal, confirmers: [...confirmers, who], refusers };
  const settled = then.length > 0;
  const asTheRulesSay = then.length <= 1 && rules.some((each) => isSettled(each, inForce, after, moment) === settled);
  must(asTheRulesSay, 'consequence-missing', 'it takes effect with the second person of a second body, and not before');
  must(!settled || equal(then[0], effectOf(proposal, event)), 'consequence', 'what takes effect is not what was confirmed');
  return () => {
    if (settled) takeEffect(city, proposal, at);
    else city.proposal = after;
  };
};

const effectOf = ({ subject }: ProposalCase, { at, sha256: confirmed, holder, body, seat }: ProposalAnswered) => {
  if ('size' in subject) return { type: 'ProposalEnded', v: 1, at, sha256: confirmed, because: 'confirmed' };
  if (!('roster' in subject)) return { type: 'PasskeysReset', v: 1, at, ...subject, by: { holder, body, seat } };
  const { number, sha256, roster, contacts } = subject;
  return { type: 'RosterAdopted', v: 1, at, number, sha256, roster, contacts, by: 'confirmation' };
};

const takeEffect = (city: City, { subject }: ProposalCase, at: string): void => {
  if ('roster' in subject) {
    endMoved(city, city.roster, subject);
    city.rosters.push({ ...subject, since: at });
    // It already has the seats of that policy; a roster that followed from the policy later would put others into them.
    const seated = city.policies.findLast(({ bodies }) => areSeatsOf(bodies, subject.roster));
    city.followed = Math.max(city.followed, seated?.number ?? 0);
  } else if ('holder' in subject) city.passkeys.reset(subject.holder, at);
  city.proposal = null;
};

const mustHaveSeats = ({ policies }: City, next: Roster, at: string): void => {
  const isSeated = inForceAt(policies, at).some(({ bodies }) => areSeatsOf(bodies, next));
  must(isSeated || mayPrecedeAll(policies, at), 'seats-are-rules', 'the policy in force has other bodies or seats');
};

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

/** Judges a proposal, which replaces one that waited and has no confirmation yet. */
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

/** Judges a roster that follows from a policy: once for each policy, in order, and exactly what it makes of the present roster. */
const followed = (city: City, { actor }: Commit, event: Event<'RosterAdopted'>, zone: string): Effect => {
  const [present, policy] = [city.rosters.at(-1), city.policies.find(({ number }) => number === event.policy)];
  must(present !== undefined, 'other-roster', 'no roster is in force');
  must(
    policy !== undefined && policy.number > city.followed && policy.since <= event.at,
    'other-policy',
    'no such policy waits for its roster',
  );
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
  must(leaves || mayPrecedeAll(policies, moment.at), 'too-few-confirmers', 'too few persons would remain to confirm a roster');
};

const cutOff = (city: City, commit: Commit, event: Event<'LinksCutOff'>, zone: string): Effect => {
  const { holder, generation } = event;
  mustServe(city, commit, event, zone, 'links');
  const known = linksOf(city, holder);
  must(generation === known.generation, 'number', 'these links were cut off before, or never sent');
  return () => void city.links.set(holder, { ...known, generation: generation + 1 });
};

/** Judges a reset that needs no two persons: by the operator, before the first policy or under one that asks for no passkey. */
const reset = (city: City, commit: Commit, event: Event<'PasskeysReset'>, zone: string): Effect => {
  const { holder, at } = event;
  mustBeOperator(commit.actor);
  mustServe(city, commit, event, zone, 'passkeys');
  const isFree = instantsToCheck(city, at).every((when) =>
    rulesAt(city, when).some((rules) => (rules?.policy.passkeys ?? 'off') === 'off'),
  );
  must(isFree, 'roster-confirmer', 'under a policy that asks for passkeys two persons reset them');
  mustBeNextReset(city, event);
  return () => {
    city.passkeys.reset(holder, at);
    const { subject } = city.proposal ?? {};
    if (subject !== undefined && 'holder' in subject && subject.holder === holder) city.proposal = null;
  };
};

const mustBeNextReset = ({ passkeys }: City, { holder, generation }: Omit<PasskeyReset, 'by'>): void =>
  must(generation === passkeys.resetsOf(holder).length + 1, 'number', 'the passkeys were not reset so often before');

/**
 * Checks that a person's links or passkeys are ended by the operator or by a clerk responsible for that person. A clerk cannot reset
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
      : attested.length > 0 && !bodies.includes(by.body);
  must(may, 'roster-confirmer', `${by.holder} cannot do this for ${holder}`);
};
