import type { Context } from 'hono';
import type { Task } from '../../../../domain/derived/tasks.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { linkIn } from '../page.ts';
import { chip } from './chip.ts';

/** Returns the page on which a task is read about: of its change, its feature, or its vendor. */
export const pageOfTask = ({ change, key, vendor }: Pick<Task, 'change' | 'key' | 'vendor'>): string =>
  change !== null ? `/changes/${change}` : key !== null ? `/features/${key}` : `/vendors/${vendor}`;

const whoText = ({ words, say, list }: Locale, { kind, agencies }: Task): Html =>
  agencies === null || agencies.length === 0
    ? empty
    : html` ${say(kind === 'switch-on' ? words.tasks.forSome : words.tasks.forOthers, { agencies: foreign(list(agencies)) })}`;

/** Renders by when a task is due: overdue, by a day, or without one. */
export const dueText = ({ words, say, deadline, now }: Locale, { by, kind }: Task): Html => {
  if (by === null) return kind === 'switch-on' ? empty : html`${words.tasks.noDay}`;
  if (by <= now)
    return html`${words.tasks.overdue} ${say(words.tasks.by, { when: html`<time datetime="${by}">${deadline(by)}</time>` })}`;
  return say(words.tasks.by, { when: html`<time datetime="${by}">${deadline(by)}</time>` });
};

const toneOf = ({ kind, urgent }: Task): 'no' | 'wait' | 'on' => (kind === 'switch-on' ? 'on' : urgent ? 'no' : 'wait');

/** Renders one task: what, by when, why, and how the vendor says it is done. `link`: what leads to the page about it. */
export const taskItem = (locale: Locale, task: Task, link: Html = empty): Html => {
  const { words, count } = locale;
  const { doing, because, how, below_one, below_other } = words.tasks;
  return html`
<li>${chip(toneOf(task), doing[task.kind])} ${link}<small>${dueText(locale, task)} ${because[task.because]}${whoText(locale, task)}${task.below === 0 ? empty : html` ${count({ ...words.tasks, below_one, below_other }, 'below', task.below)}`}</small>${task.how === null ? empty : html`<small>${how} ${foreign(task.how)}</small>`}</li>`;
};

/** Renders tasks of several keys as a list, each with a link to what it is about. */
export const taskList = (
  context: Context,
  locale: Locale,
  tasks: readonly (readonly [task: Task, title: string])[],
): Html => html`
<ul class="plain">${tasks.map(([task, title]) =>
  taskItem(
    locale,
    task,
    html`<a href="${linkIn(context, pageOfTask(task))}">${foreign(title)}</a> <code>${task.change ?? task.key ?? task.vendor}</code>`,
  ),
)}</ul>`;
