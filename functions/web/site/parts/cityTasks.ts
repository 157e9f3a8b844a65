import type { Context } from 'hono';
import type { Task } from '../../../../domain/derived/tasks.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import type { ChangeView } from '../../../../domain/feature/view.ts';
import type { Roster } from '../../../../domain/roster/schema.ts';
import { rankOf, type TaskRank } from '../../../register/derived/records.ts';
import { empty, foreign, type Html, html } from '../html.ts';
import type { Locale } from '../locale.ts';
import { holderName } from '../names.ts';
import { linkIn } from '../page.ts';
import { chip, type Tone } from './chip.ts';

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

/** By rank. */
const TONES = ['no', 'wait', 'on'] as const satisfies Record<TaskRank, Tone>;

/** Renders one task: what, by when, why, and how the vendor says it is done. `link`: what leads to the page about it. */
export const taskItem = (locale: Locale, task: Task, link: Html = empty): Html => {
  const { words, count } = locale;
  const { doing, because, how, below_one, below_other } = words.tasks;
  return html`
<li>${chip(TONES[rankOf(task)], doing[task.kind])} ${link} <small>${dueText(locale, task)} ${because[task.because]}${whoText(locale, task)}${task.below === 0 ? empty : html` ${count({ ...words.tasks, below_one, below_other }, 'below', task.below)}`}</small>${task.how === null ? empty : html`<small>${how} ${foreign(task.how)}</small>`}</li>`;
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

const optOutText = ({ words, say, dateTime }: Locale, view: ChangeView, roster: Roster | null): Html => {
  const { standing, records } = view.optOut ?? { standing: 'late', records: [] };
  const last = records.at(-1);
  if (last === undefined) return empty;
  const { optedOut, optedOutLate, optedOutClaimed, proof } = words.tasks;
  const text = { counts: optedOut, late: optedOutLate, claimed: optedOutClaimed }[standing];
  const { title, sha256 } = records.findLast(({ evidence }) => evidence !== null)?.evidence ?? { title: '', sha256: null };
  return html`<p>${say(text, { when: html`<time datetime="${last.at}">${dateTime(last.at)}</time>`, person: foreign(holderName(roster, last.person)) })}${
    sha256 === null ? empty : html` ${say(proof, { title: foreign(title) })} <code>${sha256}</code>`
  }</p>`;
};

/** Of one feature: its changes, and what the city has to do now. */
interface FeatureTasks {
  readonly tasks: readonly Task[];
  readonly changes: readonly ChangeView[];
  readonly roster: Roster | null;
}

/** Renders what the city has to do about a feature, by when, and which opt-outs were recorded; nothing where there is neither. */
export const cityTasksSection = (context: Context, locale: Locale, { tasks, changes, roster }: FeatureTasks): Html => {
  const { words } = locale;
  const link = (change: string | null): Html =>
    change === null ? empty : html`<a href="${linkIn(context, `/changes/${change}`)}"><code>${change}</code></a>`;
  const recorded = changes.filter(({ optOut }) => optOut !== null).toReversed();
  if (tasks.length === 0 && recorded.length === 0) return empty;
  const optOuts = recorded.map(
    (view) => html`<li>${link(changeId(view.key, view.number))} ${optOutText(locale, view, roster)}</li>`,
  );
  return html`
<h2>${words.tasks.heading}</h2>${tasks.length === 0 ? html`<p>${words.tasks.nothing}</p>` : html`<ul class="plain">${tasks.map((task) => taskItem(locale, task, link(task.change)))}</ul>`}${recorded.length === 0 ? empty : html`<h3>${words.tasks.recorded}</h3><ul class="plain">${optOuts}</ul>`}`;
};
