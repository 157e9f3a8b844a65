import type { Assertion } from '../../domain/kernel/assertion.ts';
import { canonical, digestOf } from '../../domain/kernel/canonical.ts';
import { type Check, type Rejected, reject } from '../../domain/kernel/decider.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { latest } from '../../domain/kernel/order.ts';
import { type LocalMoment, localMoment } from '../../domain/kernel/zone.ts';
import { lockoutIn, onlyEndsTerms } from '../../domain/policy/decide.ts';
import { mustUsePasskey } from '../../domain/policy/rules.ts';
import { bodyDifferences, type RosterContent, ruledBodies } from '../../domain/roster/bodies.ts';
import { checkRoster } from '../../domain/roster/check.ts';
import { confirmersOf, isInEffect, proposalLapses } from '../../domain/roster/confirm.ts';
import { contactsOf, publicRoster, rosterDigest } from '../../domain/roster/contacts.ts';
import type { ProposeRoster, RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import type { Officer, RosterEvent } from '../../domain/roster/events.ts';
import { holderOfSeat, isInOffice, startOfTerm } from '../../domain/roster/holders.ts';
import { contactOf, type Roster, type RosterFile } from '../../domain/roster/schema.ts';
import {
  isActOf,
  type Proposal,
  proposedRoster,
  ROSTER_STREAM,
  type RosterState,
  resetIn,
  resetsOf,
} from '../../domain/roster/state.ts';
import { commitsAbove, eventsOf } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { type StoreRejection, type Submitted, submit } from '../platform/store/submit.ts';
import { type InForce, readInForce, readRosters, rosterAggregate } from './aggregates.ts';
import { addressOf, applyProposed, entriesOf, forgetProposed, keepProposed, proposedAddress } from './directory.ts';
import { personGeneration } from './links.ts';
import { enrolmentNow, ownerOf, type Passkey } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { keepText } from './redactions.ts';
import { readRules, zoneVersion } from './rules.ts';

/**
 * `warning`: who could confirm but gets no link by mail, why the roster would be hard to change once the proposed one is in force, and
 * which terms it removes.
 */
type RosterOutcome =
  | { readonly ok: true; readonly state: RosterState; readonly waits: boolean; readonly warning?: string }
  | Rejected<RosterRejection | StoreRejection>;

/** Returns a file in the order of the roster in force, since order does not make another roster. */
const inOrderOf = (inForce: Roster | undefined, file: RosterFile): RosterFile => {
  const places = new Map((inForce?.holders ?? []).map((term, place) => [canonical(term), place]));
  const [last, terms] = [places.size, publicRoster(file).holders.map((term) => places.get(canonical(term)))];
  const order = file.holders.map((holder, index) => ({ holder, place: terms[index] ?? last }));
  return { ...file, holders: order.toSorted((a, b) => a.place - b.place).map(({ holder }) => holder) };
};

/** `warning`: like `locks`, for a roster that only ends terms. */
interface Objections extends Pick<ProposeRoster, 'seats' | 'locks'> {
  readonly warning?: string | undefined;
}

/** Returns the objections to a roster: other bodies or seats than the policy in force, and too few persons to confirm the next roster. */
const objectionsTo = ({ policies, rosters }: InForce, next: RosterContent | undefined, when: LocalMoment): Objections => {
  const [policy, { inForce }] = [policies.inForce, rosters];
  if (policy === null || inForce === null || next === undefined) return {};
  const onlyEnds = onlyEndsTerms(inForce, next, when.zone);
  return {
    seats: bodyDifferences(policy.bodies, ruledBodies(next.roster)),
    locks: lockoutIn(policy.policy, next.roster, when, onlyEnds),
    ...(onlyEnds && { warning: lockoutIn(policy.policy, next.roster, when) }),
  };
};

/** Names those who could confirm the proposal but get no link by mail; undefined if there are none. */
const withoutLink = async (
  ports: GatePorts,
  known: InForce,
  proposal: Proposal,
  when: LocalMoment,
): Promise<string | undefined> => {
  const { inForce } = known.rosters;
  if (inForce === null) return undefined;
  const rules = { policy: known.policies.inForce?.policy ?? null, inForce };
  const holders = new Set(confirmersOf(rules, proposal, when).map(({ holder }) => holder));
  const missing = (await Promise.all([...holders].map(async (id) => ((await addressOf(ports, id)).ok ? [] : [id])))).flat();
  return missing.length === 0
    ? undefined
    : `No link is mailed to ${missing.join(', ')}: the gate has no address that is the one of the roster in force.`;
};

/** Names present terms that a roster removes instead of ending them, as if they had never existed; undefined if there are none. */
const takenOut = (inForce: Roster, { holders }: Roster, when: LocalMoment): string | undefined => {
  const gone = inForce.holders.filter(
    (term) =>
      isInOffice(term, when) &&
      !holders.some(
        (kept) =>
          kept.id === term.id &&
          kept.body === term.body &&
          kept.seat === term.seat &&
          startOfTerm(kept, when.zone) <= startOfTerm(term, when.zone),
      ),
  );
  if (gone.length === 0) return undefined;
  const names = gone.map(({ id, body, seat }) => `${id} in ${body}/${seat}`).join(', ');
  return `Taken out and not ended: ${names}. No meeting of before could be certified with their votes: keep the term, with an end in "to".`;
};

/**
 * Sets the operator's roster file: adopts the first; proposes a later one, which `waits` for two persons. Sending the roster in force again
 * restores its mail addresses. `salt`: see `contactsOf`.
 */
export const setRoster = async (ports: GatePorts, file: JsonValue, salt: Uint8Array): Promise<RosterOutcome> => {
  const [known, { zone, since }] = await Promise.all([readInForce(ports), zoneVersion(ports)]);
  const type = known.stored.inForce === null ? 'setRoster' : 'proposeRoster';
  const read = checkRoster(file, zone);
  const checked = read.ok ? { ...read, roster: inOrderOf(known.stored.inForce?.roster, read.roster) } : read;
  const roster = checked.ok ? (checked.roster as JsonValue) : file;
  const next = checked.ok ? { roster: publicRoster(checked.roster), contacts: contactsOf(checked.roster, salt) } : undefined;
  const objections = (at: string): Objections => objectionsTo(known, next, localMoment(at, zone));
  const addresses =
    checked.ok && next !== undefined
      ? { sha256: rosterDigest(next.roster, next.contacts), entries: entriesOf(checked.roster, salt) }
      : undefined;
  const keepAddresses = async (): Promise<void> => {
    if (addresses !== undefined) await keepProposed(ports.sideStore, addresses.sha256, addresses.entries);
  };
  // No person is in office without an address, not even until the directory is written.
  if (type === 'setRoster') await keepAddresses();
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster/${digestOf(canonical(roster))}/${known.stored.inForce?.number ?? 0}`,
    actor: 'operator',
    notBefore: latest(since, known.policies.inForce?.since),
    command: (at): RosterCommand => {
      const { seats = [], locks } = objections(at);
      return { type, at, zone, roster, salt, seats, locks };
    },
  });
  if (!done.ok) return done;
  if (addresses === undefined) throw new Error('broken invariant: a roster that is refused was accepted');
  const { state: now } = done;
  const { sha256 } = addresses;
  // Addresses belong to the very roster they were sent in.
  if ([now.inForce?.sha256, now.proposal?.sha256].includes(sha256)) await keepAddresses();
  if (now.inForce?.sha256 === sha256) await applyProposed(ports.sideStore, sha256);
  await forgetProposed(ports);
  if (type === 'setRoster' || now.proposal === null) return { ok: true, state: now, waits: false };
  const unlinked = await withoutLink(ports, known, now.proposal, localMoment(done.at, zone));
  const gone = now.inForce && next && takenOut(now.inForce.roster, next.roster, localMoment(done.at, zone));
  const warnings = [unlinked, objections(done.at).warning, gone].filter((each) => each != null);
  return { ok: true, state: now, waits: true, ...(warnings.length > 0 && { warning: warnings.join(' ') }) };
};

/** The passkeys a proposal must be confirmed with, undefined for none: else a link alone could replace the officials. */
export const confirmationPasskeys = async (ports: GatePorts, holder: string): Promise<readonly Passkey[] | undefined> => {
  const rule = (await readRules(ports)).policy?.policy.passkeys ?? 'off';
  if (rule === 'off') return undefined;
  const { owned, enrolled } = await enrolmentNow(ports, holder);
  return mustUsePasskey(rule, enrolled) ? owned : undefined;
};

interface Answer extends Readonly<Officer> {
  readonly sha256: string;
}

type Answering = Extract<RosterCommand, { type: 'confirmProposal' | 'refuseProposal' }>;
type AnswerContext = Omit<Answering, 'type' | 'assertion' | 'reason'>;

const submitAnswer = async (
  ports: GatePorts,
  { sha256, holder, body, seat }: Answer,
  name: string,
  command: (context: AnswerContext) => Answering,
  enrolledAt?: string,
): Promise<RosterOutcome> => {
  const { zone, since } = await zoneVersion(ports);
  const { policy: rules } = await readRules(ports);
  const policy = rules === null ? null : { rules: rules.policy.rules, bodies: rules.bodies };
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `${name}/${sha256}/${holder}/${body}`,
    actor: `holder:${holder}`,
    notBefore: latest(since, rules?.since, enrolledAt),
    command: (at): RosterCommand => command({ at, sha256, holder, body, seat, when: localMoment(at, zone), policy }),
  });
  return done.ok ? { ok: true, state: done.state, waits: !isInEffect(done.state, sha256) } : done;
};

/** Whether the log has a person's confirmation, of what took effect too. */
export const isConfirmedBy = async (
  { store }: Pick<GatePorts, 'store'>,
  { sha256, holder, body }: Pick<Answer, 'sha256' | 'holder' | 'body'>,
): Promise<boolean> => {
  let confirmed = false;
  for await (const commit of commitsAbove(store, ROSTER_STREAM, 0))
    for (const event of eventsOf(rosterAggregate, commit))
      if (event.type === 'ProposalAnswered' && event.sha256 === sha256 && isActOf(event, { holder, body }))
        confirmed = event.decision === 'confirm';
  return confirmed;
};

/** Confirms what is proposed; with the confirmation that completes it, puts a roster's addresses into use. */
export const confirmProposal = async (
  ports: GatePorts,
  { assertion, ...answer }: Answer & { readonly assertion?: Assertion },
): Promise<RosterOutcome> => {
  const passkeyAsked = (await confirmationPasskeys(ports, answer.holder)) !== undefined;
  const [{ policy }, rosters] = await Promise.all([readRules(ports), readRosters(ports)]);
  const next = proposedRoster(rosters);
  const seats = policy === null || next === null ? [] : bodyDifferences(policy.bodies, ruledBodies(next.roster));
  const command = (context: AnswerContext): Answering => ({
    type: 'confirmProposal',
    ...context,
    passkeyAsked,
    seats,
    ...(assertion !== undefined && { assertion }),
  });
  const done = await submitAnswer(ports, answer, 'roster-confirm', command, assertion?.enrolled.at);
  if (!done.ok || done.waits) return done;
  await applyProposed(ports.sideStore, answer.sha256);
  await forgetProposed(ports);
  return (await isConfirmedBy(ports, answer))
    ? done
    : reject('no-such-proposal', 'This is in effect already, by the confirmations of others. Nothing was recorded.');
};

/** A refusal stops nothing. `reason`: empty for none. */
export const refuseProposal = async (
  ports: GatePorts,
  { reason, ...answer }: Answer & { readonly reason: string },
  textKey: Uint8Array,
): Promise<RosterOutcome> => {
  const place = `roster/${answer.sha256}/${answer.holder}/${answer.body}`;
  const commitment = reason === '' ? null : await keepText(ports, textKey, place, reason);
  return submitAnswer(ports, answer, 'roster-refuse', (context) => ({ type: 'refuseProposal', ...context, reason: commitment }));
};

/** Ends a proposal whose confirmations did not come in time. */
export const endLapsedProposal = async (ports: GatePorts, now: string): Promise<void> => {
  const { proposal } = await readRosters(ports);
  const { zone, since } = await zoneVersion(ports);
  if (proposal === null || now < proposalLapses(proposal, zone)) return;
  const done = await submit({ ...ports, clock: () => now }, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster-lapse/${proposal.sha256}/${now}`,
    actor: 'clock',
    notBefore: since,
    command: (at): RosterCommand => ({ type: 'endProposal', at, zone }),
  });
  if (!done.ok) throw new Error(`${done.rejection.code}: ${done.rejection.detail}`);
  await forgetProposed(ports);
};

/** An address is absent if none is kept that was committed to. */
export interface AddressChange {
  readonly holder: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export const addressChanges = async (
  ports: { readonly store: Store; readonly sideStore: SideStore },
  state: RosterState,
): Promise<readonly AddressChange[]> => {
  const { inForce } = state;
  const proposal = proposedRoster(state);
  if (inForce === null || proposal === null) return [];
  const changed = [...new Set([...Object.keys(inForce.contacts), ...Object.keys(proposal.contacts)])].filter(
    (id) => contactOf(inForce, id) !== contactOf(proposal, id),
  );
  return Promise.all(
    changed.map(async (holder) => {
      const before = await addressOf(ports, holder);
      return {
        holder,
        before: before.ok ? before.address.email : undefined,
        after: await proposedAddress(ports, proposal, holder),
      };
    }),
  );
};

// Ends what lets a person act. Each is one public event of the roster's stream, from which all follows.

/** `by`: null for the operator. */
interface EndingRequest {
  readonly holder: string;
  readonly by: { readonly holder: string; readonly body: string; readonly seat: string } | null;
  /** The generation, or the number of resets, as the requester saw it; absent: the current one. */
  readonly seen?: number;
}

type Ending = Extract<RosterCommand, { type: 'cutOffLinks' | 'resetPasskeys' }>;

const sitsNow = async (ports: GatePorts, by: NonNullable<EndingRequest['by']>, zone: string): Promise<boolean> => {
  const { inForce } = await readRosters(ports);
  return inForce === null || holderOfSeat(inForce.roster, by.body, by.seat, localMoment(ports.clock(), zone))?.id === by.holder;
};

const submitEnding = async (
  ports: GatePorts,
  by: EndingRequest['by'],
  commandId: string,
  command: (moment: Pick<Ending, 'at' | 'by'> & { readonly zone: string }) => Ending,
): Promise<Submitted<RosterState, RosterEvent, RosterRejection>> => {
  const { zone, since } = await zoneVersion(ports);
  // The roster's stream may still have a seat that the policy in force took away.
  if (by !== null && !(await sitsNow(ports, by, zone)))
    return reject('not-in-office', 'Only the person who holds the seat today, under the roster in force, can do this.');
  return submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId,
    actor: by === null ? 'operator' : `holder:${by.holder}`,
    notBefore: since,
    command: (at) => command({ at, zone, by: by === null ? null : { ...by, when: localMoment(at, zone) } }),
  });
};

/** Revokes all links of a person at once; new ones are mailed if `reissued`. Has no effect if `seen` is an earlier generation. */
export const cutOffLinksOf = async (
  ports: GatePorts,
  { holder, by, reissued, seen }: EndingRequest & { readonly reissued: boolean },
): Promise<Check<RosterRejection | StoreRejection>> => {
  const generation = seen ?? (await personGeneration(ports, holder));
  return submitEnding(ports, by, `links/${holder}/${generation}`, ({ at, by: who }) => ({
    type: 'cutOffLinks',
    at,
    by: who,
    holder,
    generation,
    reissued,
  }));
};

/** `waits`: it is proposed, for two persons to confirm. */
type Reset = { readonly ok: true; readonly resets: number; readonly waits: boolean } | Rejected<RosterRejection | StoreRejection>;

/**
 * Resets a person's passkeys, for the operator where the policy asks for none; otherwise proposes it to two persons. The mail that
 * follows has the only link that can set up a first one again.
 */
export const resetPasskeysOf = async (ports: GatePorts, { holder, by, seen }: EndingRequest): Promise<Reset> => {
  const generation = (seen ?? (await ownerOf(ports, holder)).generation) + 1;
  const byTwo = ((await readRules(ports)).policy?.policy.passkeys ?? 'off') !== 'off';
  const done = await submitEnding(ports, by, `passkeys/${holder}/${generation}`, (moment) => ({
    type: 'resetPasskeys',
    ...moment,
    holder,
    generation,
    byTwo,
  }));
  if (!done.ok) return done;
  return { ok: true, resets: resetsOf(done.state, holder), waits: resetIn(done.state)?.holder === holder };
};
