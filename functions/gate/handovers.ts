import { contactOf } from '../../domain/roster/contacts.ts';
import type { RosterCommand } from '../../domain/roster/decide.ts';
import { isSettlementDue } from '../../domain/roster/handover.ts';
import { ROSTER_STREAM, type RosterState } from '../../domain/roster/state.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { submit } from '../platform/store/submit.ts';
import { readRosters, rosterAggregate } from './aggregates.ts';
import { addressOf, applyProposed, proposedAddress } from './directory.ts';
import type { GatePorts } from './ports.ts';
import { breakagesOf, type RosterOutcome } from './rosters.ts';
import { zoneVersion } from './settings.ts';
import { keepText } from './texts.ts';

/** A holder's objection to the proposed roster that they were mailed. */
export interface HandoverObjection {
  readonly sha256: string;
  readonly holder: string;
  /** Empty for none. */
  readonly reason: string;
}

/** Objects to a proposed change of who receives a person's links. `textKey`: see `Keys`. A second time changes nothing. */
export const fileObjection = async (
  ports: GatePorts,
  { sha256, holder, reason }: HandoverObjection,
  textKey: Uint8Array,
): Promise<RosterOutcome> => {
  const commitment = reason === '' ? null : await keepText(ports, textKey, `roster/${sha256}/${holder}`, reason);
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster-object/${sha256}/${holder}`,
    actor: `holder:${holder}`,
    command: (at): RosterCommand => ({ type: 'objectToHandover', at, sha256, holder, reason: commitment }),
  });
  return done.ok ? { ok: true, state: done.state, waits: true } : done;
};

/**
 * Brings a confirmed handover into force once its wait is over, with its mail addresses, and ends one whose confirmations did not
 * come. Has no effect before, or a second time.
 */
export const settleRoster = async (ports: GatePorts, now: string): Promise<void> => {
  const state = await readRosters(ports);
  const { proposal } = state;
  const { zone, since } = await zoneVersion(ports);
  if (proposal === null || !isSettlementDue(proposal, now, zone)) return;
  const breaks = await breakagesOf(ports, state, proposal.roster);
  const done = await submit({ ...ports, clock: () => now }, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster-settle/${proposal.sha256}/${now}`,
    actor: 'clock',
    notBefore: since,
    command: (at): RosterCommand => ({ type: 'settleRoster', at, zone, breaks }),
  });
  if (!done.ok) throw new Error(`${done.rejection.code}: ${done.rejection.detail}`);
  if (done.state.inForce?.sha256 === proposal.sha256) await applyProposed(ports.sideStore, proposal.sha256);
};

/** A person who receives links, now and under the proposal; an address is absent if none is kept that was committed to. */
export interface AddressChange {
  readonly holder: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** Returns the addresses that a proposal adds, changes or removes. Show them to its confirmers only. */
export const addressChanges = async (
  ports: { readonly store: Store; readonly sideStore: SideStore },
  { inForce, proposal }: RosterState,
): Promise<readonly AddressChange[]> => {
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
