import type { Commit } from '../kernel/commit.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { ProposalAnswered, RosterEvent } from '../roster/events.ts';
import type { Roster } from '../roster/schema.ts';
import {
  type City,
  inForceAt,
  type LinksCase,
  mayBeNone,
  mustBeProven,
  type Officer,
  type ProposalCase,
  passkeyRule,
  type RosterVersion,
} from './city.ts';
import { equal } from './equal.ts';
import { mustProveConfirmation } from './passkeys.ts';
import { areSeatsOf } from './seats.ts';
import type { Moment } from './sitting.ts';
import { areByTwo, canBeOneOfTwo, wasLastIn } from './twoPersons.ts';
import { must, mustBeHolder } from './verdict.ts';

type Event<T extends RosterEvent['type']> = Extract<RosterEvent, { type: T }>;
type Effect = () => void;

const linksOf = ({ links }: City, holder: string): LinksCase => links.get(holder) ?? { generation: 1, used: 1 };

export const cutOffOnce = (city: City, { holder, generation }: Event<'LinksCutOff'>): Effect => {
  const known = linksOf(city, holder);
  must(generation === known.generation, 'number', 'these links were cut off before, or never sent');
  return () => void city.links.set(holder, { ...known, generation: generation + 1 });
};

export const usedNewer = (city: City, { actor }: Commit, { holder, generation }: Event<'LinksUsed'>): Effect => {
  mustBeHolder(actor, holder);
  const known = linksOf(city, holder);
  must(generation <= known.generation, 'number', 'no such link was made yet');
  must(generation > known.used, 'already-decided', 'a link of this generation, or a newer one, was used before');
  return () => void city.links.set(holder, { ...known, used: generation });
};

export const endMoved = (city: City, before: RosterVersion | undefined, { contacts }: Pick<RosterVersion, 'contacts'>): void => {
  for (const [holder, address] of Object.entries(before?.contacts ?? {})) {
    const next = new Map(Object.entries(contacts)).get(holder);
    if (next === undefined || next === address) continue;
    const generation = linksOf(city, holder).generation + 1;
    city.links.set(holder, { generation, used: generation });
  }
};

// What waits for two persons: a roster, a reset of passkeys, or a restored gate.

const LASTS = 'P14D';

export const hasLapsed = ({ since }: ProposalCase, { at, zone }: Moment): boolean => at >= plusDuration(since, LASTS, zone);

const named = (
  { roster, proposal }: City,
  sha256: string,
): { readonly inForce: RosterVersion; readonly proposal: ProposalCase } => {
  must(roster !== undefined && proposal !== null, 'roster-proposal', 'nothing was proposed');
  must(sha256 === proposal.sha256, 'roster-proposal', 'something else was proposed');
  return { inForce: roster, proposal };
};

export const judgeEnd = (
  city: City,
  { actor }: Commit,
  { sha256, because, at }: Event<'ProposalEnded'>,
  zone: string,
): Effect => {
  const { proposal } = named(city, sha256);
  must(because !== 'confirmed', 'no-act', 'a confirmation ends it, and not alone');
  const by = because === 'withdrawn' ? 'operator' : 'clock';
  must(actor === by, 'actor', `${actor} is not the ${by}`);
  must(because === 'withdrawn' || hasLapsed(proposal, { at, zone }), 'not-due', 'the proposal can still be confirmed');
  return () => {
    city.proposal = null;
  };
};

/** Returns the policies that may have been in force at an instant; undefined stands for none before the first. */
export const rulesAt = ({ policies }: City, at: string) => [
  ...inForceAt(policies, at).map(({ policy }) => policy),
  ...(mayBeNone(policies, at) ? [undefined] : []),
];
type Rules = ReturnType<typeof rulesAt>[number];

const canAnswer = (rules: Rules, inForce: RosterVersion, proposal: ProposalCase, who: Officer, moment: Moment): boolean =>
  canBeOneOfTwo(rules, inForce, who, moment) || ('roster' in proposal.subject && wasLastIn(rules, inForce, who, moment));

/** Reports whether enough persons who still can have confirmed: two of two bodies, or one before there is a policy. */
const isSettled = (rules: Rules, inForce: RosterVersion, proposal: ProposalCase, moment: Moment): boolean => {
  const good = proposal.confirmers.filter((who) => canAnswer(rules, inForce, proposal, who, moment));
  return rules === undefined ? good.length > 0 : areByTwo(good);
};

const without = (acts: readonly Officer[], { holder, body }: Officer): readonly Officer[] =>
  acts.filter((each) => each.holder !== holder || each.body !== body);

const answered = (city: City, { actor }: Commit, event: ProposalAnswered, zone: string) => {
  const { inForce, proposal } = named(city, event.sha256);
  const moment = { at: event.at, zone };
  must(event.roster === inForce.number, 'other-roster', `roster ${event.roster} is not in force`);
  mustBeHolder(actor, event.holder);
  must(!hasLapsed(proposal, moment), 'too-late', 'the proposal waits no more');
  const before = event.decision === 'confirm' ? proposal.confirmers : proposal.refusers;
  must(without(before, event).length === before.length, 'already-decided', `${event.holder} has answered so before`);
  const rules = rulesAt(city, event.at).filter((each) => canAnswer(each, inForce, proposal, event, moment));
  must(rules.length > 0, 'roster-confirmer', `${event.holder} is not in office in a body that decides`);
  const { holder, body, seat } = event;
  return { inForce, proposal, moment, rules, who: { holder, body, seat } };
};

/** A gate remembers the newest refusals alone, so a person who refused before them can do so again. */
const REFUSERS_KEPT = 8;

/** Judges an answer, and what takes effect with the confirmation that completes it. A refusal takes back that person's own, and stops nothing. */
export const judgeAnswer = (
  city: City,
  commit: Commit,
  event: ProposalAnswered,
  then: readonly RosterEvent[],
  zone: string,
): Effect => {
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
  mustBeProven(city, event, [passkeyRule(city)], (by) => mustProveConfirmation(event, by));
  const after = { ...proposal, confirmers: [...confirmers, who], refusers };
  const settled = then.length > 0;
  const asTheRulesSay = then.length <= 1 && rules.some((each) => isSettled(each, inForce, after, moment) === settled);
  must(asTheRulesSay, 'consequence-missing', 'it takes effect with the second person of a second body, and not before');
  must(!settled || equal(then[0], effectOf(proposal, event)), 'consequence', 'what takes effect is not what was confirmed');
  return () => {
    if (settled) takeEffect(city, proposal, at);
    else city.proposal = after;
    if (assertion !== undefined) city.passkeys.spend(assertion, at);
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
  } else if ('holder' in subject) city.passkeys.reset(subject.holder, subject.generation, at);
  city.proposal = null;
};

export const mustHaveSeats = ({ policies }: City, next: Roster, at: string): void => {
  const isSeated = inForceAt(policies, at).some(({ bodies }) => areSeatsOf(bodies, next));
  must(isSeated || mayBeNone(policies, at), 'seats-are-rules', 'the policy in force has other bodies or seats');
};
