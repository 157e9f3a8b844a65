// The morning's mails: about tasks that are new, near or overdue, about what goes off soon, and about contracts that end.

import * as z from 'zod';
import { type Task, taskIdentity } from '../../../domain/derived/record.ts';
import { changeId, vendorOf } from '../../../domain/feature/keys.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { ascending, earliest, latest, plusMs } from '../../../domain/kernel/order.ts';
import { object, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { daysLeft, lastDayOf, localDateOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';
import { vendorContact, vendorName } from '../../gate/vendors.ts';
import { lateText, taskName } from '../../platform/acts.ts';
import { fillCount, fillText, listFormat } from '../../platform/catalogue.ts';
import type { Letter } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import {
  confirmedTasks,
  listTasks,
  rankOf,
  type TaskRank,
  TO_SWITCH_ON,
  taskAudience,
  URGENT,
  WITH_TIME,
} from '../../register/derived/records.ts';
import { BY_KEY, CONTRACT_ENDS, type ContractEnd, type FacetOf, mayBeOnInRegister } from '../../register/rows.ts';
import { allOn } from './asks.ts';
import { countText, oneLine, subjectAbout } from './letters.ts';
import { attempt, clerksAndIt, type Draft, deciders, draftsTo, isSent, judgedOnly, type NotifyPorts } from './post.ts';

// Days

/** When offices open. */
const MORNING_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;

export const daysBefore = (localDate: string, days: number): string =>
  plusMs(`${localDate}T00:00:00.000Z`, -days * DAY_MS).slice(0, 10);

const daysFrom = (one: string, other: string): number => Math.round((Date.parse(other) - Date.parse(one)) / DAY_MS);

export const morningOf = (localDate: string, zone: string): string => plusMs(startOfLocalDay(localDate, zone), MORNING_MS);

/** Local days: after `after`, up to `today`. What became due on a day without a mail is in the next. */
interface Days {
  readonly after: string;
  readonly today: string;
}

// Tasks

/**
 * Side kind: since when a task is new, by a digest of what makes it the same: removed once a morning mail has named it, or when it
 * is over.
 */
const NEW = 'task-new';
const Entry = object(() => ({ at: z.string() }));

type TaskPorts = Pick<NotifyPorts, 'sideStore' | 'clock'>;

const idOf = (task: Task): string => digestOf(taskIdentity(task)).slice('sha256:'.length);

export const newTask = async ({ sideStore, clock }: TaskPorts, task: Task): Promise<void> => {
  await sideStore.putIfAbsent(NEW, idOf(task), { at: clock() });
};

export const overTask = ({ sideStore }: TaskPorts, task: Task): Promise<void> => sideStore.remove(NEW, idOf(task));

/** Days before the last day of a task, today included, and days after it, on which a mail names it; then every thirty days. */
const DISTANCES = [7, 1, 0, -1, -7] as const;
const MONTH_DAYS = 30;

/** Reports whether a day has reached one of the distances, in days before it. */
const hasComeTo = (day: string, distances: readonly number[], { after, today }: Days): boolean =>
  distances.some((days) => day > daysBefore(after, -days) && day <= daysBefore(today, -days));

const isAtItsDay = ({ by }: Task, days: Days, zone: string): boolean => {
  if (by === null) return false;
  const day = lastDayOf(by, zone);
  const monthsTo = (until: string): number => Math.max(0, Math.floor(daysFrom(day, until) / MONTH_DAYS));
  return hasComeTo(day, DISTANCES, days) || monthsTo(days.today) > monthsTo(days.after);
};

/** Returns open tasks that are new by an instant or at one of their days. `ids`: new tasks that are mailed or over. */
const tasksToSay = async (ports: NotifyPorts, days: Days, until: string) => {
  const { sideStore, zone } = ports;
  const entries = await sideStore.list(NEW);
  const fresh = new Set(entries.flatMap(({ id, value }) => ((Entry.safeParse(value).data?.at ?? '') <= until ? [id] : [])));
  const named: Task[] = [];
  for await (const task of allOn((query) => listTasks(sideStore, query)))
    if (fresh.has(idOf(task)) || isAtItsDay(task, days, zone)) named.push(task);
  const tasks = await confirmedTasks(ports, named);
  const said = new Set(tasks.map(idOf));
  // Tasks that are not confirmed now are mailed once they are.
  for (const id of named.map(idOf)) if (!said.has(id)) fresh.delete(id);
  return { tasks, ids: [...fresh] };
};

/** A feature that is on and goes off when words take effect that cannot be held back, or of which the city has not opted out. */
interface GoingOff {
  readonly key: string;
  readonly at: string;
}

const GOING_OFF: FacetOf<GoingOff> = {
  entriesOf: ({ key, unreadable, untrueFrom: at }) => (unreadable || at === null ? [] : [['', { key, at }]]),
  order: (a, b) => ascending(a.at, b.at) || ascending(a.key, b.key),
};

const GOING_OFF_DAYS = [7, 1] as const;

/** Returns those that go off in seven days or in one; the day itself has its own mail. */
const goingOffSoon = async ({ register, zone }: NotifyPorts, days: Days, now: string) => {
  const going = (await register.facet(GOING_OFF, { now })).get('') ?? [];
  return going.filter(({ at }) => at > now && hasComeTo(localDateOf(at, zone), GOING_OFF_DAYS, days));
};

const whenOf = (words: MailWords, { by }: Task, now: string, zone: string): string => {
  const { todo, tasks, locale } = words;
  if (by === null) return tasks.noDay;
  const times = mailTimes(words, zone);
  if (by <= now) return lateText(tasks, locale, times, { by, now, zone });
  const days = daysLeft(by, now, zone);
  if (days === 0) return todo.byToday;
  if (days === 1) return fillText(todo.byTomorrow, { day: times.lastDay(by) });
  return fillText(tasks.by, { when: times.deadline(by) });
};

export const taskLine = (words: MailWords, task: Task, now: string, zone: string): string => {
  const { todo, tasks, locale } = words;
  const { key, vendor, source = '', because, below } = task;
  const { said, agencies } = taskAudience(task);
  const line = fillText(todo.line, {
    what: key ?? fillText(todo.source, { vendor, source: oneLine(source) }),
    doing: taskName(tasks, task),
    when: whenOf(words, task, now, zone),
    why: tasks.because[because],
  });
  const names = listFormat(locale).format(agencies);
  return [
    line,
    ...(names === '' ? [] : [fillText(tasks[said], { agencies: names })]),
    ...(below > 0 ? [fillCount(locale, tasks, 'below', below)] : []),
  ].join(' ');
};

const PARTS: readonly (readonly [TaskRank, 'urgent' | 'coming' | 'mayGoOn'])[] = [
  [URGENT, 'urgent'],
  [WITH_TIME, 'coming'],
  [TO_SWITCH_ON, 'mayGoOn'],
];

const todoDrafts = async (
  ports: NotifyPorts,
  tasks: readonly Task[],
  goingOff: readonly GoingOff[],
  event: string,
  now: string,
): Promise<readonly Draft[]> => {
  const { zone, url } = ports;
  const write = (words: MailWords): Letter => {
    const { todo, locale } = words;
    const { dateTime } = mailTimes(words, zone);
    const linesOf = (rank: TaskRank): readonly string[] =>
      tasks.filter((task) => rankOf(task) === rank).map((task) => taskLine(words, task, now, zone));
    const off = goingOff.map(({ key, at }) => fillText(todo.off, { key, when: dateTime(at) }));
    return {
      subject:
        tasks.length > 0
          ? fillCount(locale, todo, 'subject', tasks.length)
          : fillText(todo.subjectOff, { key: goingOff[0]?.key ?? '' }),
      paragraphs: [
        ...(tasks.length > 0 ? [todo.lead] : []),
        ...PARTS.flatMap(([rank, head]) => countText(words, todo, head, linesOf(rank))),
        ...countText(words, todo, 'goesOff', off),
        { text: todo.all, url: `${url}/worklist` },
      ],
    };
  };
  if (tasks.length + goingOff.length === 0) return [];
  return draftsTo(await clerksAndIt(ports), 'todo', write).map((draft) => ({ ...draft, event }));
};

// Contracts

const CONTRACT_DAYS = [7, 30, 90] as const;

/** The last mail is of the last day, or of the day before if the contract ends before that morning. */
const lastDistance = ({ at }: ContractEnd, zone: string): number => (at <= morningOf(lastDayOf(at, zone), zone) ? 1 : 0);

/** Returns the distance that a contract has reached since the day `after`; after an outage only the nearest. */
const distanceOf = (end: ContractEnd, { after, today }: Days, now: string, zone: string): number | undefined => {
  const days = daysLeft(end.at, now, zone);
  const distance = [lastDistance(end, zone), ...CONTRACT_DAYS].find((each) => days <= each);
  return distance !== undefined && days >= 0 && days + daysFrom(after, today) > distance ? distance : undefined;
};

interface Coming extends ContractEnd {
  readonly distance: number;
}

const contractsAtTheirDays = async ({ register, zone }: NotifyPorts, days: Days, now: string): Promise<readonly Coming[]> => {
  const ends = (await register.facet(CONTRACT_ENDS, { now })).get('') ?? [];
  return ends.flatMap((end) => {
    const distance = end.at > now ? distanceOf(end, days, now, zone) : undefined;
    return distance === undefined ? [] : [{ ...end, distance }];
  });
};

/** Drafts mails to the clerks, IT, those who sign, and the vendor's contact: before a contract ends, and on its last day. */
const contractDrafts = async (
  ports: NotifyPorts,
  { key, n, at, title, distance }: Coming,
  now: string,
): Promise<readonly Draft[]> => {
  const { zone, url } = ports;
  const rows = (await ports.register.facet(BY_KEY, { prefix: key, now })).get('') ?? [];
  const beneath = rows.filter((row) => row.key !== key && mayBeOnInRegister(row)).length;
  const days = daysLeft(at, now, zone);
  const [change, vendor] = [changeId(key, n), await vendorName(ports, key)];
  const write = (words: MailWords): Letter => {
    const { contractEnd, locale } = words;
    const names = { vendor, title };
    return {
      subject: subjectAbout(
        words,
        names,
        days === 0 ? contractEnd.subjectToday : fillCount(locale, contractEnd, 'subject', days),
      ),
      paragraphs: [
        fillText(contractEnd.lead, { ...names, change, by: mailTimes(words, zone).deadline(at) }),
        beneath === 0 ? contractEnd.alone : fillCount(locale, contractEnd, 'beneath', beneath),
        contractEnd.means,
        contractEnd.after,
        { text: contractEnd.page, url: `${url}/changes/${change}` },
      ],
    };
  };
  const named = [...(await clerksAndIt(ports)), ...(await deciders(ports, ['signature']))];
  const unique = new Map(named.map((to) => [JSON.stringify(to), to]));
  const contact = await vendorContact(ports.sideStore, vendorOf(key));
  return [...unique.values(), ...(contact === undefined ? [] : [{ vendor: vendorOf(key) }])].map((to) => ({
    to,
    purpose: 'contract-end',
    event: `contract-end/${change}/${at}/${distance}`,
    change,
    write,
  }));
};

// The morning

/**
 * Side kind: the local day whose morning mails were looked for last; `begun`: the one that was begun since, and when; `tried`: some
 * of its mails were refused, and each reached somebody.
 */
const MORNING = 'morning-mailed';
const NEWEST = 'newest';
const Morning = strictObject(() => ({
  day: z.string().nullable(),
  begun: strictObject(() => ({ day: z.string(), at: z.string(), tried: z.boolean() })).nullable(),
}));
type Morning = z.infer<typeof Morning>;

/**
 * After a longer outage only what became due lately is mailed as such: the worklist has all of it. `day` lies ahead if a clock ran
 * ahead.
 */
const DAYS_MAX = 31;

const daysTo = (today: string, day: string | null): Days => {
  const yesterday = daysBefore(today, 1);
  return { today, after: latest(daysBefore(today, DAYS_MAX), earliest(day, yesterday) ?? yesterday) };
};

const end = async ({ sideStore }: NotifyPorts, day: string, said: readonly string[]): Promise<void> => {
  for (const id of said) await sideStore.remove(NEW, id);
  await sideStore.put(MORNING, NEWEST, { day, begun: null });
};

const reachesAny = async (ports: NotifyPorts, drafts: readonly Draft[]): Promise<boolean> =>
  drafts.length === 0 || (await Promise.all(drafts.map((draft) => isSent(ports, draft)))).includes(true);

/**
 * Sends the mails of the city's morning, once a day, also when the day's first run was late. What is new counts up to when the day was
 * begun, so that a repeat after a crash is about the same. A mail that was refused is tried again that day.
 */
export const writeMorning = async (ports: NotifyPorts, now: string): Promise<void> => {
  const { sideStore, zone } = ports;
  const today = localDateOf(now, zone);
  if (now < morningOf(today, zone)) return;
  let morning: Morning = Morning.safeParse(await sideStore.get(MORNING, NEWEST)).data ?? { day: null, begun: null };
  if (morning.day === today) return;
  if (morning.begun !== null && morning.begun.day !== today) {
    const { day, at, tried } = morning.begun;
    // What no mail could say that day is said today.
    if (tried) await end(ports, day, (await tasksToSay(ports, daysTo(today, morning.day), at)).ids);
    morning = { day: tried ? day : morning.day, begun: null };
  }
  const begun = morning.begun ?? { day: today, at: now, tried: false };
  await sideStore.put(MORNING, NEWEST, { day: morning.day, begun });
  const days = daysTo(today, morning.day);
  const [goingOff, contracts] = await Promise.all([
    goingOffSoon(ports, days, now).then((said) => judgedOnly(ports, said)),
    contractsAtTheirDays(ports, days, now).then((said) => judgedOnly(ports, said)),
  ]);
  // The next run mails all of it.
  if (goingOff === undefined || contracts === undefined) return;
  const { tasks, ids } = await tasksToSay(ports, days, begun.at);
  const mails = [await todoDrafts(ports, tasks, goingOff, `todo/${begun.at}`, now)];
  for (const contract of contracts) mails.push(await contractDrafts(ports, contract, now));
  let left = true;
  for (const drafts of mails) left = (await attempt(ports, 'morning', drafts)) && left;
  if (left) return end(ports, today, ids);
  const reached = await Promise.all(mails.map((drafts) => reachesAny(ports, drafts)));
  await sideStore.put(MORNING, NEWEST, { day: morning.day, begun: { ...begun, tried: !reached.includes(false) } });
};
