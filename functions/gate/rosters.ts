import { canonical } from '../../domain/kernel/canonical.ts';
import type { Rejection } from '../../domain/kernel/decider.ts';
import { digestOf } from '../../domain/kernel/digest.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { latest } from '../../domain/kernel/order.ts';
import { type LocalMoment, localMoment } from '../../domain/kernel/zone.ts';
import { lockoutIn, onlyEndsTerms } from '../../domain/policy/lockout.ts';
import { mustUsePasskey } from '../../domain/policy/passkeys.ts';
import { bodyDifferences, ruledBodies } from '../../domain/roster/bodies.ts';
import { checkRoster } from '../../domain/roster/check.ts';
import { confirmersOf } from '../../domain/roster/confirm.ts';
import { contactsOf, publicRoster, rosterDigest } from '../../domain/roster/contacts.ts';
import type { ProposeRoster, RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import type { RosterContent } from '../../domain/roster/newSeats.ts';
import type { Roster, RosterFile } from '../../domain/roster/schema.ts';
import { type Proposal, ROSTER_STREAM, type RosterState } from '../../domain/roster/state.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { type InForce, readInForce, rosterAggregate } from './aggregates.ts';
import { addressOf, applyDirectory, entriesOf, keepProposed } from './directory.ts';
import { enrolmentOf, ownerOf, type Passkey } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { readRules } from './rules.ts';
import { zoneVersion } from './settings.ts';

/** `warning`: who could confirm and is not mailed a link, and why the roster would be hard to change once the one that waits is in force. */
export type RosterOutcome =
  | { readonly ok: true; readonly state: RosterState; readonly waits: boolean; readonly warning?: string }
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | StoreRejection> };

/** In another order it is the same roster. */
const inOrderOf = (inForce: Roster | undefined, file: RosterFile): RosterFile => {
  const places = new Map((inForce?.holders ?? []).map((term, place) => [canonical(term), place]));
  const [last, terms] = [places.size, publicRoster(file).holders.map((term) => places.get(canonical(term)))];
  const order = file.holders.map((holder, index) => ({ holder, place: terms[index] ?? last }));
  return { ...file, holders: order.toSorted((a, b) => a.place - b.place).map(({ holder }) => holder) };
};

/** `warning`: as `locks`, for a roster that only ends terms. */
interface Objections extends Pick<ProposeRoster, 'seats' | 'locks'> {
  readonly warning?: string | undefined;
}

/**
 * Other bodies or seats than the policy in force has, and too few persons in office to confirm the next roster. None before there is a
 * policy.
 */
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

/** Names those who could confirm what waits and are not mailed a link; undefined if there are none. */
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
  const addressed = await Promise.all([...holders].map(async (id) => ({ id, known: (await addressOf(ports, id)).ok })));
  const missing = addressed.flatMap(({ id, known: isKnown }) => (isKnown ? [] : [id]));
  return missing.length === 0
    ? undefined
    : `No link is mailed to ${missing.join(', ')}: the gate has no address that is the one of the roster in force.`;
};

/**
 * Sets the operator's roster file: adopts the first; proposes a later one, which `waits` for two persons. The roster in force, sent
 * again, puts its mail addresses back. `salt`: see `contactsOf`. Addresses go to the side store and into no event.
 */
export const setRoster = async (ports: GatePorts, file: JsonValue, salt: Uint8Array): Promise<RosterOutcome> => {
  const [known, { zone, since }] = await Promise.all([readInForce(ports), zoneVersion(ports)]);
  const type = known.stored.inForce === null ? 'setRoster' : 'proposeRoster';
  const read = checkRoster(file, zone);
  const checked = read.ok ? { ...read, roster: inOrderOf(known.stored.inForce?.roster, read.roster) } : read;
  const roster = checked.ok ? (checked.roster as JsonValue) : file;
  const next = checked.ok ? { roster: publicRoster(checked.roster), contacts: contactsOf(checked.roster, salt) } : undefined;
  const objections = (at: string): Objections => objectionsTo(known, next, localMoment(at, zone));
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
  if (!checked.ok || next === undefined) throw new Error('broken invariant: a roster that is refused was accepted');
  const { state: now } = done;
  const entries = entriesOf(checked.roster, salt);
  const sha256 = rosterDigest(next.roster, next.contacts);
  // Addresses belong to the very roster they were sent in.
  if (now.inForce?.sha256 === sha256) await applyDirectory(ports.sideStore, entries);
  else if (now.proposal?.sha256 === sha256) await keepProposed(ports.sideStore, sha256, entries);
  if (type === 'setRoster' || now.proposal === null) return { ok: true, state: now, waits: false };
  const unlinked = await withoutLink(ports, known, now.proposal, localMoment(done.at, zone));
  const warnings = [unlinked, objections(done.at).warning].filter((each) => each !== undefined);
  return { ok: true, state: now, waits: true, ...(warnings.length > 0 && { warning: warnings.join(' ') }) };
};

/**
 * The passkeys a proposal must be confirmed with, undefined for none: a link alone would be enough to replace the officials, and with
 * them whose passkeys count.
 */
export const confirmationPasskeys = async (ports: GatePorts, holder: string): Promise<readonly Passkey[] | undefined> => {
  const rule = (await readRules(ports)).policy?.policy.passkeys ?? 'off';
  if (rule === 'off') return undefined;
  const { owned, enrolled } = await enrolmentOf(ports, await ownerOf(ports, holder));
  return mustUsePasskey(rule, enrolled) ? owned : undefined;
};
