import type { Assertion } from '../../domain/kernel/assertion.ts';
import { canonical } from '../../domain/kernel/canonical.ts';
import type { Rejection } from '../../domain/kernel/decider.ts';
import { digestOf } from '../../domain/kernel/digest.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import { breakages } from '../../domain/policy/check.ts';
import { mustUsePasskey } from '../../domain/policy/passkeys.ts';
import { checkRoster } from '../../domain/roster/check.ts';
import { contactsOf, publicRoster, rosterDigest } from '../../domain/roster/contacts.ts';
import type { RosterCommand, RosterRejection } from '../../domain/roster/decide.ts';
import type { Roster } from '../../domain/roster/schema.ts';
import { ROSTER_STREAM, type RosterState } from '../../domain/roster/state.ts';
import { type StoreRejection, submit } from '../platform/store/submit.ts';
import { readRosters, rosterAggregate } from './aggregates.ts';
import { applyDirectory, applyProposed, entriesOf, keepProposed } from './directory.ts';
import { enrolmentOf, ownerOf, type Passkey } from './passkeys.ts';
import type { GatePorts } from './ports.ts';
import { readRules } from './rules.ts';
import { zoneVersion } from './settings.ts';

export type RosterOutcome =
  | { readonly ok: true; readonly state: RosterState; readonly waits: boolean }
  | { readonly ok: false; readonly rejection: Rejection<RosterRejection | StoreRejection> };

/** Returns why the policy in force could not be met under another roster; none before there is a policy or a roster. */
export const breakagesOf = async (
  ports: GatePorts,
  { inForce }: RosterState,
  next: Roster | undefined,
): Promise<readonly string[]> => {
  const { policy } = await readRules(ports);
  return policy === null || inForce === null || next === undefined ? [] : breakages(policy.policy, inForce.roster, next);
};

/**
 * Sets the operator's roster file: adopts the first; proposes a later one, which then `waits` for an office-holder's
 * confirmation. `salt`: the installation's own, 32 bytes (see `contactsOf`). Mail addresses go to the side store and into no
 * event.
 */
export const setRoster = async (ports: GatePorts, roster: JsonValue, salt: Uint8Array): Promise<RosterOutcome> => {
  const state = await readRosters(ports);
  const type = state.inForce === null ? 'setRoster' : 'proposeRoster';
  const { zone, since } = await zoneVersion(ports);
  const checked = checkRoster(roster, zone);
  const breaks = checked.ok ? await breakagesOf(ports, state, publicRoster(checked.roster)) : [];
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster/${digestOf(canonical(roster))}/${state.inForce?.number ?? 0}`,
    actor: 'operator',
    notBefore: since,
    command: (at): RosterCommand => ({ type, at, zone, roster, salt, breaks }),
  });
  if (!done.ok) return done;
  if (!checked.ok) throw new Error('broken invariant: a roster that is refused was accepted');
  const { state: now } = done;
  const entries = entriesOf(checked.roster, salt);
  const sha256 = rosterDigest(publicRoster(checked.roster), contactsOf(checked.roster, salt));
  // The addresses belong to the very roster they were sent in: resending the roster in force does not affect the proposed one.
  if (now.inForce?.sha256 === sha256) await applyDirectory(ports.sideStore, entries);
  else if (now.proposal?.sha256 === sha256) await keepProposed(ports.sideStore, sha256, entries);
  return { ok: true, state: now, waits: type === 'proposeRoster' && now.proposal !== null };
};

/** The confirmation of one proposed roster by one person. */
export interface RosterConfirmation {
  readonly sha256: string;
  readonly holder: string;
  readonly body: string;
  readonly seat: string;
  /** The signature of the confirmer's passkey, if one is required. */
  readonly assertion?: Assertion;
}

/**
 * Returns the passkeys a person must confirm a roster with: their own if the policy in force requires passkeys, otherwise
 * undefined. A link alone would otherwise be enough to replace the officials, and with them whose passkeys count.
 */
export const confirmationPasskeys = async (ports: GatePorts, holder: string): Promise<readonly Passkey[] | undefined> => {
  const rule = (await readRules(ports)).policy?.policy.passkeys ?? 'off';
  if (rule === 'off') return undefined;
  const { owned, enrolled } = await enrolmentOf(ports, await ownerOf(ports, holder));
  return mustUsePasskey(rule, enrolled) ? owned : undefined;
};

/** Confirms the proposed roster on behalf of an office-holder and puts its mail addresses into use. */
export const confirmRoster = async (
  ports: GatePorts,
  { sha256, holder, body, seat, assertion }: RosterConfirmation,
): Promise<RosterOutcome> => {
  const { zone, since } = await zoneVersion(ports);
  const passkeyAsked = (await confirmationPasskeys(ports, holder)) !== undefined;
  const state = await readRosters(ports);
  const breaks = await breakagesOf(ports, state, state.proposal?.sha256 === sha256 ? state.proposal.roster : undefined);
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster-confirm/${sha256}/${holder}`,
    actor: `holder:${holder}`,
    notBefore: since,
    command: (at): RosterCommand => ({
      type: 'confirmRoster',
      at,
      sha256,
      holder,
      body,
      seat,
      when: localMoment(at, zone),
      passkeyAsked,
      breaks,
      ...(assertion !== undefined && { assertion }),
    }),
  });
  if (!done.ok) return done;
  if (done.state.inForce?.sha256 === sha256) await applyProposed(ports.sideStore, sha256);
  return { ok: true, state: done.state, waits: done.state.inForce?.sha256 !== sha256 };
};
