import type { JsonValue } from '../../../domain/kernel/json.ts';
import { localMoment } from '../../../domain/kernel/zone.ts';
import { contactsOf, publicRoster, rosterDigest } from '../../../domain/roster/contacts.ts';
import { type RosterCommand, rosterDecider } from '../../../domain/roster/decide.ts';
import { type Officer, RosterEvent } from '../../../domain/roster/events.ts';
import type { RosterFile } from '../../../domain/roster/schema.ts';
import { RosterState } from '../../../domain/roster/state.ts';
import { given as givenIn } from '../../support/given.ts';
import { cityRosterFile } from './cityRoster.ts';

export const subject = { decider: rosterDecider, parseEvent: RosterEvent.parse, parseState: RosterState.parse };
export const given = (...past: readonly RosterEvent[]) => givenIn(subject, ...past);

export const salt = new Uint8Array(32).fill(7);
export const FILED = '2026-04-06T09:00:00.000Z';
export const LATER = '2026-04-07T09:00:00.000Z';
export const IN_TWO_DAYS = '2026-04-08T09:00:00.000Z';
export const LAPSED = '2026-04-20T09:00:00.000Z';

export const city = cityRosterFile();
export const change = (id: string, edit: Record<string, unknown>, from = city): RosterFile => ({
  ...from,
  holders: from.holders.map((holder) => (holder.id === id ? { ...holder, ...edit } : holder)),
});
export const facts = (file: RosterFile, number: number) => {
  const roster = publicRoster(file);
  const contacts = contactsOf(file, salt);
  return { number, sha256: rosterDigest(roster, contacts), roster, contacts };
};
export const named = (file: RosterFile) => {
  const { number, sha256 } = facts(file, 2);
  return { number, sha256 };
};
export const inForce = (file: RosterFile = city): RosterEvent => ({
  type: 'RosterAdopted',
  v: 1,
  at: '2026-01-01T00:00:00.000Z',
  ...facts(file, 1),
  by: 'operator',
});
export const adopted = (file: RosterFile, at: string): RosterEvent => ({
  type: 'RosterAdopted',
  v: 1,
  at,
  ...facts(file, 2),
  by: 'confirmation',
});
export const proposed = (file: RosterFile, ...handovers: string[]): RosterEvent => ({
  type: 'RosterProposed',
  v: 1,
  at: FILED,
  ...facts(file, 2),
  ...(handovers.length > 0 && { handovers, effectiveAt: IN_TWO_DAYS }),
});
export const confirmed = (file: RosterFile, by: Officer, at = FILED): RosterEvent => ({
  type: 'RosterConfirmed',
  v: 1,
  at,
  ...named(file),
  ...by,
  roster: 1,
});
export const objected = (file: RosterFile, holder: string, at = LATER): RosterEvent => ({
  type: 'HandoverObjected',
  v: 1,
  at,
  ...named(file),
  holder,
  roster: 1,
  reason: null,
});

export const propose = (file: unknown): RosterCommand => ({
  type: 'proposeRoster',
  at: FILED,
  zone: 'UTC',
  roster: file as JsonValue,
  salt,
});
export const confirm = (file: RosterFile, by: Officer, at = FILED): RosterCommand => ({
  type: 'confirmRoster',
  at,
  when: localMoment(at, 'UTC'),
  sha256: named(file).sha256,
  ...by,
});
export const object = (file: RosterFile, holder: string, reason: string | null = null): RosterCommand => ({
  type: 'objectToHandover',
  at: LATER,
  sha256: named(file).sha256,
  holder,
  reason,
});
export const settle = (at: string): RosterCommand => ({ type: 'settleRoster', at, zone: 'UTC' });

export const clerk: Officer = { holder: 'holder-clerk', body: 'clerk', seat: 'clerk' };
export const mayor: Officer = { holder: 'holder-mayor', body: 'mayor', seat: 'mayor' };
export const auditor: Officer = { holder: 'holder-auditor', body: 'auditor', seat: 'auditor' };
export const member: Officer = { holder: 'holder-district-1', body: 'council', seat: 'district-1' };

export const movedMayor = change('holder-mayor', { email: 'mayor@elsewhere.example' });
