// The morning mail about tasks: what is new, what comes near, and what is overdue.

import type { Task } from '../../../domain/derived/tasks.ts';
import { taskIdentity } from '../../../domain/derived/tasks.ts';
import { staleFrom } from '../../../domain/feature/arrival.ts';
import { inForceIn } from '../../../domain/feature/state.ts';
import { ascending } from '../../../domain/kernel/order.ts';
import { endOfLocalDay, lastDayOf, localDateOf, startOfLocalDay } from '../../../domain/kernel/zone.ts';
import { fillCount, fillText } from '../../platform/catalogue.ts';
import type { Letter, Paragraph } from '../../platform/mail/letter.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { firstUrgentDay, inListOrder, tasksBetween } from '../../register/derived/lists.ts';
import { rankOf, type TaskRank, TO_SWITCH_ON, URGENT, WITH_TIME } from '../../register/derived/records.ts';
import { type FacetOf, isOn } from '../../register/rows.ts';
import type { Draft, Recipient } from './draft.ts';
import { listed } from './driftLetters.ts';
import type { NewTasks } from './newTasks.ts';
import type { NotifyPorts } from './ports.ts';
import { daysBefore } from './reminders.ts';
import { taskLine } from './taskLines.ts';

/** Days before the last day of a task, today included, and days after it, on which a mail names it; then every thirty days. */
const COMING_DAYS = [7, 1, 0] as const;
const OVERDUE_DAYS = [1, 7] as const;
const MONTH_DAYS = 30;

/** Local days: after `after`, up to `today`. What became due on a day without a mail is in the next. */
export interface Days {
  readonly after: string;
  readonly today: string;
}

const monthsOverdue = (oldest: string | undefined, { today }: Days): readonly number[] => {
  const days = oldest === undefined ? 0 : (Date.parse(today) - Date.parse(oldest)) / 86_400_000;
  return Array.from({ length: Math.floor(days / MONTH_DAYS) }, (_, index) => (index + 1) * MONTH_DAYS);
};

/** The tasks whose last day comes to one of the distances. Reads what it returns, and one page for each distance. */
export const tasksAtTheirDays = async (sideStore: SideStore, days: Days, zone: string): Promise<readonly Task[]> => {
  const oldest = await firstUrgentDay(sideStore);
  const overdue = [...OVERDUE_DAYS, ...monthsOverdue(oldest && lastDayOf(oldest, zone), days)];
  const found: Task[] = [];
  for (const distance of [...COMING_DAYS, ...overdue.map((each) => -each)]) {
    const [first, last] = [daysBefore(days.after, -distance - 1), daysBefore(days.today, -distance)];
    found.push(...(await tasksBetween(sideStore, startOfLocalDay(first, zone), endOfLocalDay(last, zone))));
  }
  return found;
};

/** What is on, and goes off when words come into effect that cannot be held back, or that the city has not opted out of. */
interface GoingOff {
  readonly key: string;
  readonly at: string;
}

/** The soonest first, in one group. */
export const GOING_OFF: FacetOf<GoingOff> = {
  entriesOf: (row) => {
    const { key, stateNow, unreadable } = row;
    const at = unreadable || !isOn(row) || inForceIn(stateNow) === undefined ? null : staleFrom(stateNow);
    return at === null ? [] : [['', { key, at }]];
  },
  order: (a, b) => ascending(a.at, b.at) || ascending(a.key, b.key),
};

const GOING_OFF_DAYS = [7, 1] as const;

/** Those whose day comes to seven days or to one; the day itself has a mail of its own. */
export const goingOffSoon = async (
  { register, zone }: Pick<NotifyPorts, 'register' | 'zone'>,
  { after, today }: Days,
  now: string,
): Promise<readonly GoingOff[]> => {
  const going = (await register.facet(GOING_OFF, { now })).get('') ?? [];
  return going.filter(({ at }) => {
    const day = localDateOf(at, zone);
    return at > now && GOING_OFF_DAYS.some((days) => day > daysBefore(after, -days) && day <= daysBefore(today, -days));
  });
};

export interface Todo {
  readonly tasks: readonly Task[];
  readonly goingOff: readonly GoingOff[];
}

/** Each task once, in the order of the list. */
export const todoOf = (atTheirDays: readonly Task[], fresh: NewTasks, goingOff: Todo['goingOff']): Todo => {
  const unique = new Map([...fresh.tasks, ...atTheirDays].map((task) => [taskIdentity(task), task]));
  return { tasks: [...unique.values()].sort(inListOrder), goingOff };
};

const PARTS: readonly (readonly [TaskRank, 'urgent' | 'coming' | 'mayGoOn'])[] = [
  [URGENT, 'urgent'],
  [WITH_TIME, 'coming'],
  [TO_SWITCH_ON, 'mayGoOn'],
];

const part = (
  words: MailWords,
  head: 'urgent' | 'coming' | 'mayGoOn' | 'goesOff',
  lines: readonly string[],
): readonly Paragraph[] =>
  lines.length === 0 ? [] : [fillCount(words.locale, words.todo, head, lines.length), listed(words, lines)];

const subjectOf = (words: MailWords, { tasks, goingOff }: Todo): string =>
  tasks.length > 0
    ? fillCount(words.locale, words.todo, 'subject', tasks.length)
    : fillText(words.todo.subjectOff, { key: goingOff[0]?.key ?? '' });

const todoLetter = (words: MailWords, todo: Todo, { now, zone, url }: { now: string; zone: string; url: string }): Letter => {
  const times = mailTimes(words, zone);
  const goingOff = todo.goingOff.map(({ key, at }) => fillText(words.todo.off, { key, when: times.dateTime(at) }));
  return {
    subject: subjectOf(words, todo),
    paragraphs: [
      ...(todo.tasks.length > 0 ? [words.todo.lead] : []),
      ...PARTS.flatMap(([rank, head]) =>
        part(
          words,
          head,
          todo.tasks.filter((task) => rankOf(task) === rank).map((task) => taskLine(words, task, now, zone)),
        ),
      ),
      ...part(words, 'goesOff', goingOff),
      { text: words.todo.all, url: `${url}/worklist` },
    ],
  };
};

/** None where there is nothing to say. */
export const todoDrafts = (
  todo: Todo,
  recipients: readonly Recipient[],
  at: { readonly now: string; readonly zone: string; readonly url: string },
): readonly Draft[] =>
  todo.tasks.length + todo.goingOff.length === 0
    ? []
    : recipients.map((to) => ({ to, purpose: 'todo', write: (words) => todoLetter(words, todo, at) }));
