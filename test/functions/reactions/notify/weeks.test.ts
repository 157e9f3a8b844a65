import { expect, test } from 'vitest';
import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import type { Task } from '../../../../domain/derived/record.ts';
import { localDateOf, startOfLocalDay } from '../../../../domain/kernel/zone.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { recordOptOut } from '../../../../functions/gate/feature.ts';
import type { Received } from '../../../../functions/gate/intake.ts';
import { setVendorContact } from '../../../../functions/gate/vendors.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { mailDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { notifier } from '../../../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { DERIVED, listTasks, type QueuedEvent } from '../../../../functions/register/derived/records.ts';
import { MemoryIndex } from '../../../../functions/register/memoryIndex.ts';
import { projector } from '../../../../functions/register/project.ts';
import { council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { openDerived } from '../../register/derived/derivedCity.ts';
import { CLERKS_AND_IT, IT, linkKey, MEMBERS, who } from './mailing.ts';

const ZONE = 'America/Denver';
const DAY_MS = 86_400_000;
const [FIRST_DAY, LAST_DAY] = ['2026-12-31', '2027-02-20'] as const;
const CONTRACT_ENDS = '2027-02-10';
const FEATURES = ['acme', 'acme.f1', 'acme.f2', 'zeta', 'zeta.f1', 'zeta.f2'] as const;

const rules: Policy = {
  observe: { sources: { console: { kind: 'city', every: 'P10D' }, audit: { kind: 'audit', every: 'P90D' } } },
  ...policy(rule([council(), mayor()], { notice: 'P7D', window: 'P120D' })),
};

const localDay = (instant: string) => localDateOf(instant, ZONE);
const at = (day: string, hour: number) => new Date(Date.parse(startOfLocalDay(day, ZONE)) + hour * 3_600_000).toISOString();
const plusDays = (day: string, days: number) => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const daysFrom = (one: string, other: string) => (Date.parse(other) - Date.parse(one)) / DAY_MS;

interface Sent extends Message {
  readonly day: string;
}

/** A city with its register, its log, what follows from it and its mails, whose clock the story moves. */
const openCity = async () => {
  const city = await openDerived({ zone: ZONE, rules, vendors: ['acme', 'zeta'] });
  const { gate } = city;
  const { clock } = gate.ports;
  const sent: Sent[] = [];
  const mailer = {
    send: async (message: Message) => void sent.push({ ...message, day: localDay(clock()) }),
    close: async () => undefined,
  };
  const register = new MemoryIndex(gate.ports, () => undefined);
  const ports = { ...gate.ports, register, mailer, linkKey, itMail: IT };
  const consumers = [projector(gate.ports), notifier(ports)].map((each) => runConsumers(gate.ports, [each]));
  /** The time comes to an instant: what was done before it is in the log, is derived and is mailed at once. */
  const until = async (instant: string) => {
    await city.until(instant);
    for (const consumer of consumers) await consumer.sweep();
    await mailDerived(ports);
  };
  const on = new Map<string, boolean>(FEATURES.map((key) => [key, true]));
  /** IT looks at what is on at both vendors; with what has changed there. */
  const look = async (...changed: readonly (readonly [string, boolean])[]) => {
    for (const [key, isOn] of changed) on.set(key, isOn);
    for (const vendor of ['acme', 'zeta']) {
      const features = Object.fromEntries([...on].filter(([key]) => key.split('.')[0] === vendor));
      await city.report({ vendor, source: 'console', features });
    }
  };
  return { ...city, ports, sent, until, look, open: new Map<string, Received>() };
};
type City = Awaited<ReturnType<typeof openCity>>;

/** Both contracts and all features were approved in December, and were seen on. */
const begin = async ({ gate, until, look, ports }: City) => {
  gate.at(at('2026-12-01', 9));
  const taken: Received[] = [];
  for (const feature of FEATURES) {
    const endsAt = feature === 'zeta' ? CONTRACT_ENDS : '2027-12-31';
    taken.push(
      await gate.notice({ feature, title: `About ${feature}`, ...(!feature.includes('.') && { kind: 'contract', endsAt }) }),
    );
  }
  await setVendorContact(gate.sideStore, 'zeta', { email: 'sales@zeta.example', language: 'en' });
  gate.at(at('2026-12-10', 13));
  for (const change of taken) await gate.decide(change);
  await until(at('2026-12-11', 10));
  await look();
  await until(at('2026-12-30', 9));
  await writeRegularly(ports);
};

const EFFECT = '2027-02-14';

/** What happens on a day, after its morning. */
const STORY: Readonly<Record<string, (city: City) => Promise<unknown>>> = {
  // The city can opt out of one update, and of a new feature that may come without its doing; of the other update it cannot.
  '2027-01-05': async ({ gate, open }) => {
    const effectiveAt = at(EFFECT, 0);
    for (const [feature, notice] of [
      ['acme.f1', { kind: 'update', optOut: 'yes', optOutBy: at('2027-01-30', 0), withoutAction: 'on' }],
      ['acme.f2', { kind: 'update', optOut: 'no' }],
      ['acme.new', { kind: 'new-feature', optOut: 'yes', withoutAction: 'unknown' }],
    ] as const)
      open.set(feature, await gate.notice({ feature, title: `More of ${feature}`, effectiveAt, ...notice }));
  },
  // An audit sees two features that nobody announced: one for hours, one for four days.
  '2027-01-08': async ({ report, until }) => {
    await report({ features: { 'acme.secret': true, 'acme.brief': true } });
    await until(at('2027-01-08', 15));
    await report({ features: { 'acme.brief': false } });
  },
  '2027-01-12': ({ report }) => report({ features: { 'acme.secret': false } }),
  '2027-01-19': async ({ gate, open }) => {
    await gate.decide(open.get('acme.new') ?? expect.fail());
  },
  '2027-01-20': async ({ gate, open }) => {
    const { digest = '' } = open.get('acme.f1') ?? {};
    const said = { revision: 1, digest, note: 'In the console.', evidence: null, caller: { name: 'it', person: 'auditor' } };
    expect(await recordOptOut(gate.ports, { key: 'acme.f1', n: 2, ...said }, null)).toMatchObject({ ok: true });
  },
  '2027-02-13': ({ look }) => look(['zeta', false], ['zeta.f1', false], ['acme.new', true]),
  '2027-02-17': ({ look }) => look(['acme.f2', false], ['zeta.f2', false]),
};

/** What makes a task the one it was, as a reader sees it. */
const nameOf = ({ key, kind, digest, since, source = '' }: Task) =>
  [key, source, kind, kind === 'switch-off' || kind === 'switch-on' ? '' : digest, kind === 'look' ? since : ''].join(' ');

const isNamedFor = ({ by }: Task, day: string) => {
  if (by === null) return false;
  const left = daysFrom(day, localDay(new Date(Date.parse(by) - 1).toISOString()));
  return [7, 1, 0, -1, -7].includes(left) || (left < 0 && -left % 30 === 0);
};

/** Which tasks the rule has a morning name, from the tasks that are open then and the events since the morning before. */
const namedOn = async ({ gate }: City, day: string, events: readonly QueuedEvent[]): Promise<readonly Task[]> => {
  const opened = new Set<string>();
  for (const { event } of events) {
    if (event.type === 'TaskOpened') opened.add(nameOf(event.task));
    if (event.type === 'TaskClosed') opened.delete(nameOf(event.task));
  }
  const open = (await listTasks(gate.sideStore, { limit: 1_000 }))?.items ?? [];
  return open.filter((task) => opened.has(nameOf(task)) || isNamedFor(task, day));
};

type Of<T extends DerivedEvent['type']> = Extract<DerivedEvent, { readonly type: T }>;

const replay = async () => {
  const city = await openCity();
  await begin(city);
  city.sent.splice(0);
  for (const { id } of await city.gate.sideStore.list(DERIVED.event)) await city.gate.sideStore.remove(DERIVED.event, id);
  const mornings: { readonly day: string; readonly named: readonly Task[]; readonly mails: readonly Sent[] }[] = [];
  let taken = 0;
  for (let day: string = FIRST_DAY; day <= LAST_DAY; day = plusDays(day, 1)) {
    city.gate.at(at(day, 6));
    if (new Date(day).getUTCDay() === 1) await city.look();
    await city.until(at(day, 8));
    const events = await city.events();
    const named = await namedOn(city, day, events.slice(taken));
    taken = events.length;
    const before = city.sent.length;
    await writeRegularly(city.ports);
    mornings.push({ day, named, mails: city.sent.slice(before) });
    city.gate.at(at(day, 13));
    await STORY[day]?.(city);
    await city.until(at(day, 20));
  }
  const events = (await city.events()).map(({ event }) => event);
  const ofType = <T extends DerivedEvent['type']>(type: T) => events.filter((event): event is Of<T> => event.type === type);
  return { mornings, ofType, sent: city.sent };
};

const grouped = <T extends { readonly at: string; readonly sequence: number; readonly key: string }>(events: readonly T[]) =>
  Map.groupBy(events, (each) => `${each.at} ${each.sequence} ${each.key.split('.')[0]}`);

test('seven weeks of a city with two vendors: each mail that the rules ask for, and no month with too many', async () => {
  const { mornings, ofType, sent } = await replay();
  const to = (person: string, subject: RegExp): readonly Sent[] =>
    sent.filter((mail) => who([mail])[0] === person && subject.test(mail.subject));

  // Mornings: a mail exactly when the rule names a task, and it names each.
  for (const { day, named, mails } of mornings) {
    const todo = mails.filter(({ subject }) => subject.startsWith('To do at your vendors'));
    expect([day, ...who(todo).sort()]).toEqual([day, ...(named.length > 0 ? CLERKS_AND_IT : [])]);
    for (const { key, vendor } of named) expect(todo[0]?.text, day).toContain(`- ${key ?? vendor}`);
  }

  // Drift: one mail a report when it opens, one when it closes, on that day; those who decide, after a day.
  const opened = grouped(ofType('DriftOpened'));
  const closings = ofType('DriftClosed');
  for (const person of CLERKS_AND_IT) {
    const mails = to(person, /^On without permission/);
    expect(mails.length).toBe(opened.size);
    expect(to(person, /^No longer on without permission/).length).toBe(grouped(closings).size);
    for (const [, [first]] of opened)
      expect(mails.some(({ day, text }) => day === localDay(first?.at ?? '') && text.includes(first?.key ?? ''))).toBe(true);
  }
  const endOf = (event: Of<'DriftOpened'>) =>
    closings.find(({ key, since }) => key === event.key && since === event.since)?.until ?? '9999';
  const aDayOn = (instant: string) => new Date(Date.parse(instant) + DAY_MS).toISOString();
  const isLong = (each: Of<'DriftOpened'>) => endOf(each) > aDayOn(each.at) && aDayOn(each.at) < `${LAST_DAY}T15`;
  const long = [...opened.values()].filter((group) => group.some(isLong));
  for (const person of ['mayor', ...MEMBERS]) expect(to(person, /^Still on without permission/).length, person).toBe(long.length);

  // The vendor's day, the notice that cannot be opted out of, and the contract.
  expect(ofType('AnswerChanged').filter(({ variant }) => variant === 'outdated')).toMatchObject([{ key: 'acme.f2' }]);
  expect(to('it', /^Off from now on/).map(({ day }) => day)).toEqual([EFFECT]);
  expect(to('clerk', /^The city cannot opt out/).map(({ day }) => day)).toEqual(['2027-01-05']);
  const distances = [30, 7, 0].map((days) => plusDays(CONTRACT_ENDS, -days));
  expect(to('sales@zeta.example', /contract/).map(({ day }) => day)).toEqual(distances);
  for (const person of [...CLERKS_AND_IT, 'mayor']) expect(to(person, /the contract ends/).length, person).toBe(3);
  expect([opened.size, closings.length, long.length].every((n) => n > 1)).toBe(true);

  // The measure.
  const most = (person: string) =>
    Math.max(...[...Map.groupBy(to(person, /./), ({ day }) => day.slice(0, 7)).values()].map(({ length }) => length));
  expect(most('it')).toBeLessThanOrEqual(30);
  expect(most('clerk')).toBeLessThanOrEqual(40);
  expect(most('mayor')).toBeLessThanOrEqual(15);
  for (const member of MEMBERS) expect(most(member)).toBeLessThanOrEqual(8);
});
