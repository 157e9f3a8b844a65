import { expect, test } from 'vitest';
import type { DerivedEvent } from '../../../../domain/derived/events.ts';
import type { Task } from '../../../../domain/derived/record.ts';
import { listTasks } from '../../../../functions/register/derived/records.ts';
import { at, IT, openYear, plusDays, SEATS, type Sent, type Year, ZONE } from './year.ts';
import { ENDS, Story } from './yearStory.ts';

const CLERK = 'clerk@city.example';
const MAYOR = 'mayor@city.example';
const MEMBERS = SEATS.map((seat) => `${seat}@city.example`);

const localDay = new Intl.DateTimeFormat('en-CA', { timeZone: ZONE });
const dayOf = (instant: string): string => localDay.format(new Date(instant));
const daysFrom = (one: string, other: string): number => (Date.parse(other) - Date.parse(one)) / 86_400_000;

/** What makes a task the one it was, as a reader sees it. */
const nameOf = ({ key, kind, digest, since, source = '' }: Task): string =>
  [key, source, kind, kind === 'switch-off' || kind === 'switch-on' ? '' : digest, kind === 'look' ? since : ''].join(' ');

const isNamedFor = ({ by }: Task, day: string): boolean => {
  if (by === null) return false;
  const left = daysFrom(day, localDay.format(new Date(Date.parse(by) - 1)));
  return [7, 1, 0, -1, -7].includes(left) || (left < 0 && -left % 30 === 0);
};

/** Which tasks the rule has a morning name, from the tasks that are open then and the events since the morning before. */
const namedOn = async (year: Year, day: string, since: number): Promise<readonly Task[]> => {
  const opened = new Set<string>();
  for (const { event } of (await year.derivedSoFar()).slice(since)) {
    if (event.type === 'TaskOpened') opened.add(nameOf(event.task));
    if (event.type === 'TaskClosed') opened.delete(nameOf(event.task));
  }
  const open: Task[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listTasks(year.gate.sideStore, { cursor, limit: 1_000 });
    open.push(...(page?.items ?? []));
    if (page?.next == null) break;
    cursor = page.next;
  }
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
  for (let day = '2026-12-31'; day <= '2027-12-31'; day = plusDays(day, 1)) {
    year.gate.at(at(day, 6));
    await story.look(day);
    await year.until(at(day, 8));
    const named = await namedOn(year, day, taken);
    taken = (await year.derivedSoFar()).length;
    const before = year.sent.length;
    await year.morning();
    mornings.push({ day, named, mails: year.sent.slice(before) });
    if (await story.day(day)) await year.until(at(day, 20));
  }
  const events = (await year.derivedSoFar()).slice(begun).map(({ event }) => event);
  const ofType = <T extends DerivedEvent['type']>(type: T) => events.filter((event): event is Of<T> => event.type === type);
  return { year, story, mornings, events, ofType, sent: year.sent };
};

const grouped = <T extends { readonly at: string; readonly sequence: number; readonly key: string }>(events: readonly T[]) =>
  Map.groupBy(events, (each) => `${each.at} ${each.sequence} ${each.key.split('.')[0]}`);

const to = (sent: readonly Sent[], address: string, subject: RegExp): readonly Sent[] =>
  sent.filter((mail) => mail.to === address && subject.test(mail.subject));

test('a year of a city with 300 features, 3 vendors and 7 members: each mail that the rules ask for, and no month with too many', async () => {
  const { story, mornings, ofType, sent } = await replay();

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
    expect(to(sent, address, /^On without permission/).length).toBe(opened.size);
    expect(to(sent, address, /^No longer on without permission/).length).toBe(grouped(closings).size);
    for (const [, [first]] of opened)
      expect(
        to(sent, address, /^On without permission/).some(
          ({ day, text }) => day === dayOf(first?.at ?? '') && text.includes(first?.key ?? ''),
        ),
      ).toBe(true);
  }
  const endOf = (event: Of<'DriftOpened'>): string =>
    closings.find(({ key, since }) => key === event.key && since === event.since)?.until ?? '9999';
  const aDayOn = (instant: string): string => new Date(Date.parse(instant) + 86_400_000).toISOString();
  const long = [...opened.values()].filter((group) =>
    group.some((each) => endOf(each) > aDayOn(each.at) && aDayOn(each.at) < '2027-12-31T15'),
  );
  for (const address of [MAYOR, ...MEMBERS])
    expect(to(sent, address, /^Still on without permission/).length, address).toBe(long.length);

  expect([opened.size, long.length, story.forced].every((n) => n > 0)).toBe(true);

  // The vendor's day, the notices that cannot be opted out of, and the contracts.
  const lastAnswer = new Map<string, string>();
  const wentOff = ofType('AnswerChanged').filter(({ key, variant, onFor }) => {
    const wasOn = (lastAnswer.get(key) ?? 'all') !== 'none';
    lastAnswer.set(key, String(onFor));
    return variant === 'outdated' && wasOn;
  });
  const offDays = new Set(wentOff.map((each) => `${each.at} ${each.sequence}`));
  expect(to(sent, IT, /^Off from now on/).length).toBe(offDays.size);
  expect(to(sent, CLERK, /^The city cannot opt out/).length).toBe(story.forced);
  expect(to(sent, 'sales@zeta.example', /contract/).map(({ day }) => day)).toEqual(
    [90, 30, 7, 0].map((days) => plusDays(ENDS.zeta, -days)),
  );
  for (const address of [IT, CLERK, MAYOR]) expect(to(sent, address, /the contract ends/).length, address).toBe(4 + 1 + 1);

  // The measure.
  const inMonths = (address: string): readonly number[] =>
    [
      ...Map.groupBy(
        sent.filter((mail) => mail.to === address),
        ({ day }) => day.slice(0, 7),
      ).values(),
    ].map(({ length }) => length);
  const most = {
    it: Math.max(...inMonths(IT)),
    clerk: Math.max(...inMonths(CLERK)),
    mayor: Math.max(...inMonths(MAYOR)),
    member: Math.max(...MEMBERS.flatMap(inMonths)),
  };
  expect(most.it).toBeLessThanOrEqual(30);
  expect(most.clerk).toBeLessThanOrEqual(40);
  expect(most.mayor).toBeLessThanOrEqual(15);
  expect(most.member).toBeLessThanOrEqual(8);
}, 300_000);
