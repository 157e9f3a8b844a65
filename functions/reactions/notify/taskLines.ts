import type { Task } from '../../../domain/derived/tasks.ts';
import { daysLeft } from '../../../domain/kernel/zone.ts';
import { fillCount, fillText, listFormat } from '../../platform/catalogue.ts';
import { type MailWords, mailTimes } from '../../platform/mail/words.ts';
import { oneLine } from './effectParagraphs.ts';

const whatOf = (words: MailWords, { key, vendor, source = '' }: Task): string =>
  key ?? fillText(words.todo.source, { vendor, source: oneLine(source) });

const whenOf = (words: MailWords, { by }: Task, now: string, zone: string): string => {
  const { todo, tasks, locale } = words;
  if (by === null) return tasks.noDay;
  const times = mailTimes(words, zone);
  const days = daysLeft(by, now, zone);
  if (by <= now) {
    const slots = { by: times.lastDay(by) };
    return days === 0 ? fillText(todo.lateToday, slots) : fillCount(locale, todo, 'late', -days, slots);
  }
  if (days === 0) return todo.byToday;
  if (days === 1) return fillText(todo.byTomorrow, { day: times.lastDay(by) });
  return fillText(tasks.by, { when: times.deadline(by) });
};

const extent = ({ tasks, locale }: MailWords, { kind, agencies, below }: Task): readonly string[] => {
  const names = agencies === null ? '' : listFormat(locale).format(agencies);
  const forWhom = kind === 'switch-on' ? tasks.forSome : tasks.forOthers;
  return [
    ...(names === '' ? [] : [fillText(forWhom, { agencies: names })]),
    ...(below > 0 ? [fillCount(locale, tasks, 'below', below)] : []),
  ];
};

/** One task in a line: of what, what to do, by when, and why. */
export const taskLine = (words: MailWords, task: Task, now: string, zone: string): string => {
  const line = fillText(words.todo.line, {
    what: whatOf(words, task),
    doing: words.tasks.doing[task.kind],
    when: whenOf(words, task, now, zone),
    why: words.tasks.because[task.because],
  });
  return [line, ...extent(words, task)].join(' ');
};
