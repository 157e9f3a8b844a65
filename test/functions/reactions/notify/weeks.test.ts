import { expect, test } from 'vitest';
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

test('seven weeks of a city with two vendors: each mail that the rules ask for, and no month with too many', async () => {
  const city = await openCity();
  const { sent } = city;
  await begin(city);
  sent.splice(0);
  for (let day: string = FIRST_DAY; day <= LAST_DAY; day = plusDays(day, 1)) {
    city.gate.at(at(day, 6));
    if (new Date(day).getUTCDay() === 1) await city.look();
    await city.until(at(day, 8));
    await writeRegularly(city.ports);
    city.gate.at(at(day, 13));
    await STORY[day]?.(city);
    await city.until(at(day, 20));
  }

  const to = (person: string, about: RegExp) => sent.filter((mail) => who([mail])[0] === person && about.test(mail.subject));
  const days = (person: string, about: RegExp) =>
    to(person, about)
      .map(({ day }) => day.slice(5))
      .join(' ');
  for (const person of CLERKS_AND_IT) {
    // What is new, comes to its last day or is late for a while.
    const todo = '01-06 01-09 01-12 01-27 01-28 02-03 02-06 02-09 02-10 02-11 02-12 02-13 02-14 02-17';
    expect(days(person, /^To do at your vendors/), person).toBe(todo);
    expect(days(person, /^On without permission/), person).toBe('01-08 02-11 02-14');
    expect(days(person, /^No longer on without permission/), person).toBe('01-08 01-12 02-13 02-17 02-17');
    expect(days(person, /^Off from now on/), person).toBe('02-14');
  }
  for (const person of ['mayor', ...MEMBERS])
    expect(days(person, /^Still on without permission/), person).toBe('01-09 02-12 02-15');
  expect(days('clerk', /^The city cannot opt out/)).toBe('01-05');
  for (const person of [...CLERKS_AND_IT, 'mayor', 'sales@zeta.example'])
    expect(days(person, /contract/), person).toBe('01-11 02-03 02-10');

  // The measure.
  const most = (person: string) =>
    Math.max(...[...Map.groupBy(to(person, /./), ({ day }) => day.slice(0, 7)).values()].map(({ length }) => length));
  expect(most('it')).toBeLessThanOrEqual(30);
  expect(most('clerk')).toBeLessThanOrEqual(40);
  expect(most('mayor')).toBeLessThanOrEqual(15);
  for (const member of MEMBERS) expect(most(member)).toBeLessThanOrEqual(8);
});
