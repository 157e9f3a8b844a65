import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import type { Task } from '../../../../domain/derived/record.ts';
import type { Notice } from '../../../../domain/feature/notice.ts';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { localDateOf, startOfLocalDay } from '../../../../domain/kernel/zone.ts';
import { IMPACTS, type Policy } from '../../../../domain/policy/schema.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { recordOptOut, sharedCommandId } from '../../../../functions/gate/feature.ts';
import { setVendorContact } from '../../../../functions/gate/vendors.ts';
import { runConsumers } from '../../../../functions/platform/feed/consumers.ts';
import type { Message } from '../../../../functions/platform/mail/port.ts';
import { mailDerived } from '../../../../functions/reactions/notify/derivedMails.ts';
import { notifier } from '../../../../functions/reactions/notify/notify.ts';
import { writeRegularly } from '../../../../functions/reactions/notify/regular.ts';
import { DERIVED, listTasks, type QueuedEvent } from '../../../../functions/register/derived/records.ts';
import { MemoryIndex } from '../../../../functions/register/memoryIndex.ts';
import { projector } from '../../../../functions/register/project.ts';
import { policy, rule, signature, term } from '../../../support/fixtures/city.ts';
import { rosterFile } from '../../openGate.ts';
import { openDerived, type Report } from '../../register/derived/derivedCity.ts';

const ZONE = 'America/Denver';
const IT = 'it@city.example';
const CLERK = 'clerk@city.example';
const MAYOR = 'mayor@city.example';
const SEATS = ['district-1', 'district-2', 'district-3', 'district-4', 'district-5', 'at-large-a', 'at-large-b'] as const;
const MEMBERS = SEATS.map((seat) => `${seat}@city.example`);
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
const votes = { id: 'council', body: 'council', instrument: 'certification', quorum: 4 } as const;
const rules: Policy = {
  observe: { sources: { console: { kind: 'city', every: 'P10D' }, audit: { kind: 'audit', every: 'P90D' } } },
  ...policy(
    rule([{ ...votes, threshold: { yes: 'majority', of: 'seats' } }, signature('mayor', { after: ['council'] })], {
      notice: 'P7D',
      window: 'P120D',
    }),
  ),
};

const localDay = (instant: string): string => localDateOf(instant, ZONE);
const at = (day: string, hour: number): string =>
  new Date(Date.parse(startOfLocalDay(day, ZONE)) + hour * 3_600_000).toISOString();
const daysFrom = (one: string, other: string): number => (Date.parse(other) - Date.parse(one)) / DAY_MS;
const plusDays = (day: string, days: number): string => new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
const dayOfMonth = (day: string): number => Number(day.slice(8));
const monthOf = (day: string): number => Number(day.slice(5, 7)) - 1;
const weekday = (day: string): number => new Date(day).getUTCDay();

interface Sent extends Message {
  readonly day: string;
}

/** A city with its register, its log, what follows from it and its mails, whose clock the story moves. */
const openYear = async () => {
  const city = await openDerived({ zone: ZONE, rules, officials: rosterFile(officials) });
  const { gate } = city;
  const { clock } = gate.ports;
  const sent: Sent[] = [];
  const mailer = {
    send: async (message: Message) => void sent.push({ ...message, day: localDay(clock()) }),
    close: async () => undefined,
  };
  const register = new MemoryIndex(gate.ports, () => undefined);
  const ports = { ...gate.ports, register, mailer, linkKey: new Uint8Array(32).fill(9), itMail: IT };
  const consumers = [projector(gate.ports), notifier(ports)].map((each) => runConsumers(gate.ports, [each]));
  const queue: QueuedEvent[] = [];
  let last = '';
  return {
    ...city,
    ports,
    sent,
    /** The time comes to an instant: what was done before it is in the log, is derived and is mailed at once. */
    until: async (instant: string): Promise<void> => {
      await city.until(instant);
      for (const consumer of consumers) await consumer.sweep();
      await mailDerived(ports);
    },
    /** What was derived so far, from the first event on. */
    derivedSoFar: async (): Promise<readonly QueuedEvent[]> => {
      const entries = await gate.sideStore.list(DERIVED.event, '', { after: last });
      last = entries.at(-1)?.id ?? last;
      queue.push(...entries.map(({ value }) => value as unknown as QueuedEvent));
      return queue;
    },
  };
};
type Year = Awaited<ReturnType<typeof openYear>>;

const VENDORS = ['acme', 'flock', 'zeta'] as const;
const RELEASE_DAYS = [5, 12, 19];
/** The whole year, or its first weeks with a contract that ends in them. */
const IS_WHOLE = process.env.ALDERGATE_WHOLE_YEAR !== undefined;
const FIRST_DAY = '2026-12-31';
const LAST_DAY = IS_WHOLE ? '2027-12-31' : '2027-02-20';
const ENDS = { acme: '2027-06-30', flock: '2028-02-28', zeta: IS_WHOLE ? '2027-09-30' : '2027-02-10' } as const;
/** Of each vendor: those up to the eighth have updates that need a vote, the next small fixes, the last none. */
const FEATURES = IS_WHOLE ? 14 : 10;
const keyOf = (vendor: string, n: number): string => `${vendor}.f${String(n).padStart(2, '0')}`;
const isAudited = (day: string): boolean => dayOfMonth(day) === 8 && monthOf(day) % 2 === 0;

interface Open {
  readonly key: string;
  readonly change: string;
  readonly digest: string;
  readonly day: string;
  readonly terms: object;
}

/**
 * The mix. Three vendors with a contract and features that are all approved and on when the year begins. Each vendor releases four times: two
 * updates, of which one can be opted out of by a day and the other likewise, or not, or its notice does not say; two new features; and a
 * small fix that needs no vote. The council meets on two Tuesdays a month and decides in one sitting on what is a week old: of five changes
 * three are approved, one is refused, one is left. Of the opt-outs a third is recorded in time, a third late, a third never. IT looks at each
 * vendor's console on Mondays, at one vendor's not in August; it has what went off switched off on that day, every fourth time after three
 * weeks only. Every second month an audit sees something on that no vendor announced, for hours, for four days, or for five weeks. One contract
 * is renewed, one ends in autumn with two features still on, one ends in the next year.
 */
class Story {
  readonly #year: Year;
  /** What is on at the vendors. */
  readonly #on = new Map<string, boolean>();
  #open: Open[] = [];
  readonly #toSign: Open[] = [];
  /** What IT does on a day. */
  readonly #plans = new Map<string, (() => Promise<void>)[]>();
  readonly #counts = { decided: 0, lost: 0, optOuts: 0 };
  /** Opted out of in time. */
  readonly #held = new Set<string>();
  forced = 0;

  constructor(year: Year) {
    this.#year = year;
  }

  #plan(day: string, act: () => Promise<void>): void {
    this.#plans.set(day, [...(this.#plans.get(day) ?? []), act]);
  }

  #isOpen(key: string): boolean {
    return this.#open.some((each) => each.key === key);
  }

  #report(report: Report): Promise<void> {
    const [first = ''] = Object.keys(report.features);
    return this.#year.report({ vendor: first.split('.')[0] ?? '', source: 'console', ...report });
  }

  async #set(key: string, on: boolean): Promise<void> {
    this.#on.set(key, on);
    await this.#report({ features: { [key]: on } });
  }

  /** IT looks at all of these vendors' features. */
  async #look(vendors: readonly string[]): Promise<void> {
    for (const vendor of vendors) {
      const own = [...this.#on].filter(([key]) => key.split('.')[0] === vendor);
      await this.#report({ features: Object.fromEntries(own) });
    }
  }

  async #notify(day: string, key: string, notice: Partial<Notice>, terms: object = { maintenance: true }): Promise<Open> {
    return { key, day, terms, ...(await this.#year.gate.notice({ feature: key, title: `About ${key}`, ...notice })) };
  }

  /** One form of the clerk for all that a meeting voted on today. */
  async #certify(changes: readonly Open[], vote: 'yes' | 'no'): Promise<void> {
    const now = this.#year.gate.ports.clock();
    const form = createHash('sha256').update(`${now} ${vote}`).digest('hex');
    for (const { change, digest, terms } of changes) {
      const given = { votes: Object.fromEntries(SEATS.map((seat) => [seat, vote])), meetingDate: localDay(now) };
      const over = { ...given, terms: { ...NO_TERMS, ...terms } };
      await this.#year.gate.certify(change, digest, over, sharedCommandId(form, change));
    }
  }

  async #sign({ change, digest, terms }: Open): Promise<void> {
    await this.#year.gate.sign(change, digest, { terms: { ...NO_TERMS, ...terms } });
  }

  /** Everything is approved, and seen on, on the last days of the year before. */
  async begin(): Promise<void> {
    const { gate, until, ports } = this.#year;
    gate.at(at('2026-12-01', 9));
    const open: Open[] = [];
    for (const vendor of VENDORS) {
      const contract = { kind: 'contract', title: `The ${vendor} contract`, endsAt: ENDS[vendor] } as const;
      open.push(await this.#notify('', vendor, contract));
      for (let n = 1; n <= FEATURES; n += 1) open.push(await this.#notify('', keyOf(vendor, n), {}));
      await setVendorContact(gate.sideStore, vendor, { email: `sales@${vendor}.example`, language: 'en' });
    }
    gate.at(at('2026-12-10', 19));
    await this.#certify(open, 'yes');
    gate.at(at('2026-12-11', 9));
    for (const each of open) await this.#sign(each);
    for (const { key } of open) this.#on.set(key, true);
    await until(at('2026-12-11', 10));
    await this.#look(VENDORS);
    await until(at('2026-12-30', 9));
    await writeRegularly(ports);
  }

  async #release(day: string, v: number): Promise<void> {
    const [vendor, release] = [VENDORS[v] ?? 'acme', Math.floor(monthOf(day) / 3)];
    const effect = plusDays(day, 40);
    const effectiveAt = at(effect, 0);
    const held = { optOut: 'yes', optOutBy: at(plusDays(day, 25), 0), withoutAction: 'on', effectiveAt } as const;
    const second = (['yes', 'no', 'unknown'] as const)[(release + v) % 3] ?? 'yes';
    if (second === 'no') this.forced += 1;
    for (const [n, notice] of [held, second === 'yes' ? held : { optOut: second, effectiveAt }].entries()) {
      const key = keyOf(vendor, release * 2 + n + 1);
      this.#open.push(await this.#notify(day, key, { kind: 'update', ...notice }));
      if (notice.optOut === 'yes') this.#planOptOut(day, key);
      // An update that was not approved by its day: IT switches off what is no longer approved, and on again what is later.
      this.#plan(effect, async () => {
        if (this.#held.has(key) || !this.#isOpen(key)) return;
        this.#counts.lost += 1;
        this.#plan(plusDays(effect, this.#counts.lost % 4 === 0 ? 21 : 0), () => this.#set(key, false));
      });
    }
    for (const withoutAction of ['unknown', 'off'] as const) {
      const key = `${vendor}.new${release}${withoutAction}`;
      this.#open.push(await this.#notify(day, key, { optOut: 'yes', effectiveAt, withoutAction }));
      if (withoutAction === 'off') continue;
      this.#planOptOut(day, key);
      // A new feature that is on at its day, approved or not. One that is not is switched off once IT has heard of it.
      this.#plan(effect, async () => {
        if (this.#held.has(key)) return;
        this.#on.set(key, true);
        if (this.#isOpen(key)) this.#plan(plusDays(effect, 10), () => this.#set(key, false));
      });
    }
    const impact = Object.fromEntries(IMPACTS.map((each) => [each, 'unchanged'])) as Notice['impact'];
    await this.#notify(day, keyOf(vendor, 9 + release), { kind: 'update', optOut: 'no', impact });
  }

  /** In time, late, or never. */
  #planOptOut(day: string, key: string): void {
    const days = [15, 42][this.#counts.optOuts % 3];
    this.#counts.optOuts += 1;
    if (days === undefined) return;
    this.#plan(plusDays(day, days), async () => {
      const { change = '', digest = '' } = this.#open.find((each) => each.key === key) ?? {};
      if (change === '') return;
      const said = { revision: 1, digest, note: 'In the console.', evidence: null, caller: { name: 'it', person: SEATS[0] } };
      const n = Number(change.slice(change.lastIndexOf('/') + 1));
      expect(await recordOptOut(this.#year.gate.ports, { key, n, ...said }, null)).toMatchObject({ ok: true });
      if (days === 15) this.#held.add(key);
    });
  }

  async #audit(day: string): Promise<void> {
    const m = monthOf(day);
    const key = `${VENDORS[m % 3]}.secret${m}`;
    const say = (on: boolean) => this.#report({ source: 'audit', features: { [key]: on } });
    await say(true);
    const days = [0, 4, 35][(m / 2) % 3] ?? 0;
    if (days > 0) return this.#plan(plusDays(day, days), () => say(false));
    await this.#year.until(at(day, 13.5));
    this.#year.gate.at(at(day, 15));
    await say(false);
  }

  async #meet(day: string): Promise<void> {
    const [yes, no]: [Open[], Open[]] = [[], []];
    for (const each of this.#open.filter(({ day: sent }) => plusDays(sent, 8) <= day)) {
      const turn = this.#counts.decided % 5;
      this.#counts.decided += 1;
      if (turn < 3 || 'from' in each.terms) yes.push(each);
      else if (turn === 3) no.push(each);
    }
    await this.#certify(yes, 'yes');
    await this.#certify(no, 'no');
    this.#toSign.push(...yes);
    this.#open = this.#open.filter((each) => !yes.includes(each) && !no.includes(each));
  }

  async #contracts(day: string): Promise<void> {
    const last = [keyOf('zeta', FEATURES - 1), keyOf('zeta', FEATURES)];
    if (day === '2027-04-06') {
      const next = { kind: 'contract', title: 'The next acme contract', endsAt: '2028-06-30', optOut: 'yes' } as const;
      this.#open.push(await this.#notify(day, 'acme', next, { from: at('2027-06-20', 0) }));
    }
    if (day === plusDays(ENDS.zeta, 3)) {
      for (const key of this.#on.keys()) if (key.startsWith('zeta')) this.#on.set(key, last.includes(key));
      await this.#look(['zeta']);
    }
    if (day === plusDays(ENDS.zeta, 20)) for (const key of last) await this.#set(key, false);
  }

  /** Whether anything was done on a day, after its morning. */
  async day(day: string): Promise<boolean> {
    const { gate } = this.#year;
    const v = RELEASE_DAYS.indexOf(dayOfMonth(day));
    const isTuesday = weekday(day) === 2 && [2, 4].includes(Math.ceil(dayOfMonth(day) / 7));
    const plans = this.#plans.get(day) ?? [];
    gate.at(at(day, 9.5));
    const signed = this.#toSign.splice(0);
    for (const each of signed) {
      await this.#sign(each);
      if (this.#on.get(each.key) !== true) this.#plan(plusDays(day, 45), () => this.#set(each.key, true));
    }
    gate.at(at(day, 13));
    for (const plan of plans) await plan();
    await this.#contracts(day);
    const releases = v >= 0 && monthOf(day) % 3 === v && !(VENDORS[v] === 'zeta' && day > ENDS.zeta);
    if (releases) await this.#release(day, v);
    if (isAudited(day)) await this.#audit(day);
    gate.at(at(day, 19));
    if (isTuesday) await this.#meet(day);
    const isZetaEnding = day > ENDS.zeta && day <= plusDays(ENDS.zeta, 31);
    return signed.length + plans.length > 0 || releases || isTuesday || isAudited(day) || isZetaEnding;
  }

  /** On Mondays, before the morning. */
  async look(day: string): Promise<void> {
    if (weekday(day) === 1) await this.#look(VENDORS.filter((vendor) => vendor !== 'flock' || monthOf(day) !== 7));
  }
}

/** What makes a task the one it was, as a reader sees it. */
const nameOf = ({ key, kind, digest, since, source = '' }: Task): string =>
  [key, source, kind, kind === 'switch-off' || kind === 'switch-on' ? '' : digest, kind === 'look' ? since : ''].join(' ');

const isNamedFor = ({ by }: Task, day: string): boolean => {
  if (by === null) return false;
  const left = daysFrom(day, localDay(new Date(Date.parse(by) - 1).toISOString()));
  return [7, 1, 0, -1, -7].includes(left) || (left < 0 && -left % 30 === 0);
};

/** Which tasks the rule has a morning name, from the tasks that are open then and the events since the morning before. */
const namedOn = async ({ gate, derivedSoFar }: Year, day: string, since: number): Promise<readonly Task[]> => {
  const opened = new Set<string>();
  for (const { event } of (await derivedSoFar()).slice(since)) {
    if (event.type === 'TaskOpened') opened.add(nameOf(event.task));
    if (event.type === 'TaskClosed') opened.delete(nameOf(event.task));
  }
  const open = (await listTasks(gate.sideStore, { limit: 1_000 }))?.items ?? [];
  return open.filter((task) => opened.has(nameOf(task)) || isNamedFor(task, day));
};

type Of<T extends DerivedEvent['type']> = Extract<DerivedEvent, { readonly type: T }>;

const replay = async () => {
  const year = await openYear();
  const story = new Story(year);
  await story.begin();
  year.sent.splice(0);
  const begun = (await year.derivedSoFar()).length;
  const mornings: { readonly day: string; readonly named: readonly Task[]; readonly mails: readonly Sent[] }[] = [];
  let taken = begun;
  for (let day = FIRST_DAY; day <= LAST_DAY; day = plusDays(day, 1)) {
    year.gate.at(at(day, 6));
    await story.look(day);
    await year.until(at(day, 8));
    const named = await namedOn(year, day, taken);
    taken = (await year.derivedSoFar()).length;
    const before = year.sent.length;
    await writeRegularly(year.ports);
    mornings.push({ day, named, mails: year.sent.slice(before) });
    if (await story.day(day)) await year.until(at(day, 20));
  }
  const events = (await year.derivedSoFar()).slice(begun).map(({ event }) => event);
  const ofType = <T extends DerivedEvent['type']>(type: T) => events.filter((event): event is Of<T> => event.type === type);
  return { story, mornings, ofType, sent: year.sent };
};

const grouped = <T extends { readonly at: string; readonly sequence: number; readonly key: string }>(events: readonly T[]) =>
  Map.groupBy(events, (each) => `${each.at} ${each.sequence} ${each.key.split('.')[0]}`);

test('days of a city with 3 vendors and 7 members: each mail that the rules ask for, and no month with too many', async () => {
  const { story, mornings, ofType, sent } = await replay();
  const to = (address: string, subject: RegExp): readonly Sent[] =>
    sent.filter((mail) => mail.to === address && subject.test(mail.subject));

  // Mornings: a mail exactly when the rule names a task, and it names each.
  for (const { day, named, mails } of mornings) {
    const todo = mails.filter(({ subject }) => subject.startsWith('To do at your vendors'));
    expect([day, ...todo.map((mail) => mail.to).sort()], day).toEqual([day, ...(named.length > 0 ? [CLERK, IT] : [])]);
    for (const { key, vendor } of named.slice(0, 10)) expect(todo[0]?.text, day).toContain(`- ${key ?? vendor}`);
  }

  // Drift: one mail a report when it opens, one when it closes, on that day; those who decide, after a day.
  const opened = grouped(ofType('DriftOpened'));
  const closings = ofType('DriftClosed');
  for (const address of [IT, CLERK]) {
    const mails = to(address, /^On without permission/);
    expect(mails.length).toBe(opened.size);
    expect(to(address, /^No longer on without permission/).length).toBe(grouped(closings).size);
    for (const [, [first]] of opened)
      expect(mails.some(({ day, text }) => day === localDay(first?.at ?? '') && text.includes(first?.key ?? ''))).toBe(true);
  }
  const endOf = (event: Of<'DriftOpened'>): string =>
    closings.find(({ key, since }) => key === event.key && since === event.since)?.until ?? '9999';
  const aDayOn = (instant: string): string => new Date(Date.parse(instant) + DAY_MS).toISOString();
  const isLong = (each: Of<'DriftOpened'>): boolean => endOf(each) > aDayOn(each.at) && aDayOn(each.at) < `${LAST_DAY}T15`;
  const long = [...opened.values()].filter((group) => group.some(isLong));
  for (const address of [MAYOR, ...MEMBERS])
    expect(to(address, /^Still on without permission/).length, address).toBe(long.length);

  // The vendor's day, the notices that cannot be opted out of, and the contracts.
  const lastAnswer = new Map<string, string>();
  const wentOff = ofType('AnswerChanged').filter(({ key, variant, onFor }) => {
    const wasOn = (lastAnswer.get(key) ?? 'all') !== 'none';
    lastAnswer.set(key, String(onFor));
    return variant === 'outdated' && wasOn;
  });
  expect(to(IT, /^Off from now on/).length).toBe(new Set(wentOff.map((each) => `${each.at} ${each.sequence}`)).size);
  expect(to(CLERK, /^The city cannot opt out/).length).toBe(story.forced);
  const isReplayed = (day: string): boolean => day >= FIRST_DAY && day <= LAST_DAY;
  const distances = [90, 30, 7, 0].map((days) => plusDays(ENDS.zeta, -days)).filter(isReplayed);
  expect([opened.size, closings.length, long.length, story.forced, distances.length].every((n) => n > 0)).toBe(true);
  expect(to('sales@zeta.example', /contract/).map(({ day }) => day)).toEqual(distances);
  // Acme's next contract comes a few days after the first word about the end of this one.
  const others = [ENDS.acme, ENDS.flock].map((end) => plusDays(end, -90)).filter(isReplayed);
  for (const address of [IT, CLERK, MAYOR])
    expect(to(address, /the contract ends/).length, address).toBe(distances.length + others.length);

  // The measure.
  const most = (address: string): number => {
    const own = sent.filter((mail) => mail.to === address);
    return Math.max(...[...Map.groupBy(own, ({ day }) => day.slice(0, 7)).values()].map(({ length }) => length));
  };
  expect(most(IT)).toBeLessThanOrEqual(30);
  expect(most(CLERK)).toBeLessThanOrEqual(40);
  expect(most(MAYOR)).toBeLessThanOrEqual(15);
  for (const member of MEMBERS) expect(most(member)).toBeLessThanOrEqual(8);
});
