import { createHash } from 'node:crypto';
import type { Notice } from '../../../../domain/feature/notice.ts';
import { NO_TERMS, type Terms } from '../../../../domain/feature/terms.ts';
import { localDateOf, startOfLocalDay } from '../../../../domain/kernel/zone.ts';
import { IMPACTS, type Policy } from '../../../../domain/policy/schema.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { sharedCommandId } from '../../../../functions/gate/feature.ts';
import { setVendorContact } from '../../../../functions/gate/vendors.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { mailDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { notifier } from '../../../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { DERIVED, type QueuedEvent } from '../../../../functions/register/derived/records.ts';
import { MemoryIndex } from '../../../../functions/register/memoryIndex.ts';
import { projector } from '../../../../functions/register/project.ts';
import { policy, rule, signature, term } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { openDerived } from '../../register/derived/derivedCity.ts';

export const ZONE = 'America/Denver';
export const IT = 'it@city.example';
export const SEATS = ['district-1', 'district-2', 'district-3', 'district-4', 'district-5', 'at-large-a', 'at-large-b'] as const;
const DAY_MS = 86_400_000;

const bodies: Roster['bodies'] = {
  council: { name: 'City Council', seats: [...SEATS], attestedBy: 'clerk' },
  mayor: { name: 'Mayor', seats: ['mayor'] },
  clerk: { name: 'City Clerk', seats: ['clerk'] },
};

const officials: Roster = {
  bodies,
  holders: Object.entries(bodies).flatMap(([body, { seats }]) => seats.map((seat) => term(body, seat))),
};

const rules: Policy = {
  observe: { sources: { console: { kind: 'city', every: 'P10D' }, audit: { kind: 'audit', every: 'P90D' } } },
  ...policy(
    rule(
      [
        { id: 'council', body: 'council', instrument: 'certification', threshold: { yes: 'majority', of: 'seats' }, quorum: 4 },
        signature('mayor', { after: ['council'] }),
      ],
      { notice: 'P7D', window: 'P120D' },
    ),
  ),
};

export const UNCHANGED = Object.fromEntries(IMPACTS.map((impact) => [impact, 'unchanged'])) as Notice['impact'];

/** A local hour of a day. */
export const at = (day: string, hour: number, minute = 0): string =>
  new Date(Date.parse(startOfLocalDay(day, ZONE)) + hour * 3_600_000 + minute * 60_000).toISOString();

export const plusDays = (day: string, days: number): string =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

/** A mail, and when it left. */
export interface Sent extends Message {
  readonly at: string;
  readonly day: string;
}

/** A city with its register, its log, what follows from it and its mails, whose clock the test moves. */
export const openYear = async () => {
  const city = await openDerived({ zone: ZONE, rules, officials: rosterFile(officials) });
  const { gate } = city;
  const sent: Sent[] = [];
  const { clock } = gate.ports;
  const mailer = {
    send: async (message: Message) => void sent.push({ ...message, at: clock(), day: localDateOf(clock(), ZONE) }),
    close: async () => undefined,
  };
  const register = new MemoryIndex(gate.ports, () => undefined);
  const ports = { ...gate.ports, register, mailer, linkKey: new Uint8Array(32).fill(9), itMail: IT };
  const [projection, mails] = [projector(gate.ports), notifier(ports)].map((each) => runConsumers(gate.ports, [each]));
  /** The time comes to an instant: what was done before it is in the log, is derived and is mailed at once. */
  const until = async (instant: string): Promise<void> => {
    await city.until(instant);
    await projection?.sweep();
    await mails?.sweep();
    await mailDerived(ports);
  };
  const terms = (over: Partial<Terms> = {}): { readonly terms: Terms } => ({ terms: { ...NO_TERMS, ...over } });
  const votes = (yes: boolean) => Object.fromEntries(SEATS.map((seat) => [seat, yes ? 'yes' : 'no']));
  const derived: QueuedEvent[] = [];
  let last = '';
  return {
    ...city,
    ports,
    /** What was derived so far, from the first event on. */
    derivedSoFar: async (): Promise<readonly QueuedEvent[]> => {
      const after = derived.length === 0 ? {} : { after: last };
      const entries = await gate.sideStore.list(DERIVED.event, '', after);
      last = entries.at(-1)?.id ?? last;
      derived.push(...entries.map(({ value }) => value as unknown as QueuedEvent));
      return derived;
    },
    sent,
    until,
    /** The morning's mails, as every quarter of an hour looks for them. */
    morning: () => writeRegularly(ports),
    notice: (notice: Partial<Notice>) => gate.notice(notice),
    /** One form of the clerk for all that a meeting voted on today. */
    certify: async (changes: readonly { readonly change: string; readonly digest: string }[], yes = true, over = {}) => {
      const form = createHash('sha256').update(clock()).update(String(yes)).digest('hex');
      for (const { change, digest } of changes) {
        const given = { votes: votes(yes), meetingDate: localDateOf(clock(), ZONE), ...terms(over) };
        await gate.certify(change, digest, given, sharedCommandId(form, change));
      }
    },
    sign: async ({ change, digest }: { readonly change: string; readonly digest: string }, over = {}) =>
      gate.sign(change, digest, terms(over)),
    contact: (vendor: string, email: string) => setVendorContact(gate.sideStore, vendor, { email, language: 'en' }),
  };
};

export type Year = Awaited<ReturnType<typeof openYear>>;
