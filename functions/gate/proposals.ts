import type { Assertion } from '../../domain/kernel/assertion.ts';
import { localMoment } from '../../domain/kernel/zone.ts';
import { bodyDifferences, ruledBodies } from '../../domain/roster/bodies.ts';
import { isInEffect, proposalLapses } from '../../domain/roster/confirm.ts';
import { contactOf } from '../../domain/roster/contacts.ts';
import type { RosterCommand } from '../../domain/roster/decide.ts';
import type { Officer } from '../../domain/roster/events.ts';
import { proposedRoster, ROSTER_STREAM, type RosterState } from '../../domain/roster/state.ts';
import type { Store } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { submit } from '../platform/store/submit.ts';
import { readRosters, rosterAggregate } from './aggregates.ts';
import { addressOf, applyProposed, proposedAddress } from './directory.ts';
import type { GatePorts } from './ports.ts';
import { confirmationPasskeys, type RosterOutcome } from './rosters.ts';
import { readRules } from './rules.ts';
import { zoneVersion } from './settings.ts';
import { keepText } from './texts.ts';

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
): Promise<RosterOutcome> => {
  const { zone, since } = await zoneVersion(ports);
  const { policy: rules } = await readRules(ports);
  const policy = rules === null ? null : { rules: rules.policy.rules, bodies: rules.bodies };
  const done = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `${name}/${sha256}/${holder}/${body}`,
    actor: `holder:${holder}`,
    notBefore: since,
    command: (at): RosterCommand => command({ at, sha256, holder, body, seat, when: localMoment(at, zone), policy }),
  });
  return done.ok ? { ok: true, state: done.state, waits: !isInEffect(done.state, sha256) } : done;
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
  const done = await submitAnswer(ports, answer, 'roster-confirm', (context) => ({
    type: 'confirmProposal',
    ...context,
    passkeyAsked,
    seats,
    ...(assertion !== undefined && { assertion }),
  }));
  if (done.ok && !done.waits) await applyProposed(ports.sideStore, answer.sha256);
  return done;
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

/** Ends a proposal whose confirmations did not come in time. Has no effect before, or a second time. */
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
};

/** An address is absent if none is kept that was committed to. */
export interface AddressChange {
  readonly holder: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/** The addresses that a proposed roster adds, changes or removes. Show them to its confirmers only. */
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
