import type { Context } from 'hono';
import { rankOf, type TaskRank } from '../../../../register/derived/records.ts';
import { type Caller, hasScope } from '../../../http/credentials.ts';
import {
  type Choice,
  checkbox,
  errorSummary,
  type FormState,
  hidden,
  oneOf,
  radioRow,
  textArea,
  textField,
} from '../../forms.ts';
import { empty, fillText, foreign, type Html, html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { type HtmlPage, linkIn } from '../../page.ts';
import { chip, type Tone } from '../../parts/chip.ts';
import { lookedFor } from '../../parts/seen.ts';
import { CHOICES, NOTHING, nameOf, subjectOf, TASK_FIELDS } from './acts.ts';
import type { WorkItem, Worklist } from './read.ts';
import { tokenField } from './signIn.ts';

/** What the page shows: the tasks as the token sees them, and what was entered before. */
export interface ListView {
  readonly list: Worklist;
  readonly caller: Pick<Caller, 'scopes' | 'person'>;
  readonly form: FormState;
  readonly receipt: Html;
  readonly messages: readonly Html[];
  readonly status: NonNullable<HtmlPage['status']>;
}

const TONES: Readonly<Record<WorkItem['task']['kind'], Tone>> = {
  'switch-off': 'no',
  'opt-out': 'wait',
  look: 'wait',
  'switch-on': 'on',
};

const timeOf = (instant: string, text: string): Html => html`<time datetime="${instant}">${text}</time>`;

const dueText = ({ words, say, deadline }: Locale, { by, urgent }: WorkItem['task']): Html => {
  const { noDay, overdue } = words.tasks;
  if (by === null) return html`${noDay}`;
  return html`${say(words.tasks.by, { when: timeOf(by, deadline(by)) })}${urgent ? html` <strong>${overdue}</strong>` : empty}`;
};

const seenText = ({ words, say, dateTime }: Locale, { task, seen }: WorkItem): Html => {
  const { seenOn, seenOff, notSeen, silentHow } = words.worklist;
  if (task.key === null) return html`${silentHow}`;
  if (seen === undefined) return html`${notSeen}`;
  const { observedAt, source } = seen;
  const last = say(seen.seen.on ? seenOn : seenOff, { when: timeOf(observedAt, dateTime(observedAt)), source: foreign(source) });
  return html`${last} <small>(${lookedFor(words, seen)})</small>`;
};

const audienceOf = ({ words, say, list }: Locale, { kind, agencies }: WorkItem['task']): Html => {
  if (agencies === null) return empty;
  const text = kind === 'switch-on' ? words.tasks.forSome : words.tasks.forOthers;
  return html`<p>${say(text, { agencies: foreign(list(agencies)) })}</p>`;
};

const termsText = (locale: Locale, { terms }: WorkItem): Html => {
  if (terms === undefined) return empty;
  const { words, say, until: untilText, list } = locale;
  const { version, until, conditions, by } = terms;
  const { worklist } = words;
  const names = by.map(({ name, fileNumber }) =>
    fileNumber === null ? name : fillText(worklist.file, { name, file: fileNumber }),
  );
  return html`<p>${by.length === 0 ? empty : html`${fillText(worklist.by, { names: list(names) })} `}${
    version === null ? empty : html`${say(worklist.version, { version: foreign(version) })} `
  }${until === null ? empty : say(worklist.until, { when: untilText(until) })}</p>${conditions.map(
    (condition) => html`<p class="words">${words.decide.condition} ${foreign(condition)}</p>`,
  )}`;
};

/** Renders what is to be done, by when, and why. */
const taskText = (context: Context, locale: Locale, item: WorkItem): Html => {
  const { words, say, count } = locale;
  const { task, vendorName, wording } = item;
  const { key, kind, because, how, change, below, urgent, source } = task;
  const subject =
    key === null
      ? say(words.tasks.source, { source: foreign(source ?? '') })
      : html`<a href="${linkIn(context, change === null ? `/features/${key}` : `/changes/${change}`)}"><code>${key}</code></a>`;
  return html`<p>${chip(urgent ? 'no' : TONES[kind], words.tasks.kind[kind])}${urgent ? html` ${chip('no', words.worklist.isUrgent)}` : empty} ${subject} <small>${foreign(vendorName)}</small></p>
${wording === undefined ? empty : html`<h3>${foreign(wording.title)}</h3>`}<p>${words.tasks.doing[kind]}. ${dueText(locale, task)}</p>
<p>${words.tasks.because[because]}${below === 0 ? empty : html` ${count(words.tasks, 'below', below)}`}</p>${audienceOf(locale, task)}${termsText(locale, item)}${
    how === null ? empty : html`<p>${words.tasks.how}</p><p class="words">${foreign(how)}</p>`
  }<p class="fine">${seenText(locale, item)}</p>`;
};

const choicesOf = ({ words }: Locale, { task, wording }: WorkItem, person: string | null): readonly Choice[] => {
  const { acts, nothing } = words.worklist.record;
  const labels: Readonly<Record<string, string>> = acts[task.kind];
  const can = (choice: string): boolean => choice !== 'opted-out' || (person !== null && wording !== undefined);
  const choices = CHOICES[task.kind].filter(can).map((value) => ({ value, label: labels[value] ?? value }));
  return [{ value: NOTHING, label: nothing }, ...choices];
};

const isEntered = ({ input, faults }: FormState, names: readonly string[]): boolean =>
  names.some((name) => (input.get(name)?.[0] ?? '') !== '' || faults.some((fault) => fault.name === name));

const nameIn =
  ({ ref }: WorkItem) =>
  (field: (typeof TASK_FIELDS)[number]): string =>
    nameOf(field, ref);

/** Renders for whom it is on, where that was seen or set, and what shows it. An opt-out needs the note, so it is in sight. */
const moreFields = (locale: Locale, { form }: ListView, item: WorkItem): Html => {
  const { record } = locale.words.worklist;
  const { key, kind } = item.task;
  const name = nameIn(item);
  const isOn = CHOICES[kind].some((choice) => choice === 'on-for');
  const seen = html`${textArea(locale, form, name('agencies'), { label: record.agencies, hint: record.agenciesHint })}${textField(locale, form, name('version'), { label: record.version })}`;
  const sha256Hint = fillText(record.sha256Hint, { linux: 'sha256sum FILE', windows: 'certutil -hashfile FILE SHA256' });
  const isOpen = kind === 'opt-out' || isEntered(form, (['agencies', 'version', 'note', 'file', 'sha256'] as const).map(name));
  return html`
<details${isOpen ? html` open` : empty}><summary>${isOn ? record.more : record.moreNote}<span class="visually-hidden">: ${key}</span></summary>${isOn ? seen : empty}
${textField(locale, form, name('note'), { label: record.note, hint: record.noteHint })}
${textField(locale, form, name('file'), { label: record.file })}${textField(locale, form, name('sha256'), { label: record.sha256, hint: sha256Hint })}</details>`;
};

/** Renders what can be said of a task. */
const taskFields = (locale: Locale, view: ListView, item: WorkItem): Html => {
  const { words, say, number } = locale;
  const { form, caller } = view;
  const { key, below } = item.task;
  if (key === null || !hasScope(caller, 'observe')) return empty;
  const name = nameIn(item);
  const { legend, below_one: one, below_other: other } = words.worklist.record;
  const choices = choicesOf(locale, item, caller.person);
  const beneath = fillText(below === 1 ? one : other, { count: number(below) });
  return html`${hidden(name('about'), subjectOf(item))}${radioRow(locale, form, name('act'), { legend: say(legend, { key: html`<code>${key}</code>` }), choices })}${
    below === 0 ? empty : checkbox(locale, form, name('below'), { label: beneath })
  }${moreFields(locale, view, item)}`;
};

/** The headings of the parts, by rank. */
const GROUPS = ['urgent', 'byDay', 'goesOn'] as const satisfies Record<TaskRank, string>;

const tasksHtml = (context: Context, locale: Locale, view: ListView): Html => {
  const { worklist } = locale.words;
  const { items } = view.list;
  return html`${GROUPS.map((group, rank) => {
    const own = items.filter(({ task }) => rankOf(task) === rank);
    if (own.length === 0) return empty;
    const cards = own.map(
      (item) => html`
<li class="card">${taskText(context, locale, item)}${taskFields(locale, view, item)}</li>`,
    );
    return html`
<h2>${worklist[group]}</h2>${group === 'goesOn' ? html`<p class="fine">${worklist.goesOnLead}</p>` : empty}<ul class="plain waits">${cards}</ul>`;
  })}`;
};

/** Renders the token's field and the button that records all that was chosen. */
const recordForm = (context: Context, locale: Locale, view: ListView): Html => {
  const { record } = locale.words.worklist;
  // So that a form with a fault is shown again with the tasks that it is about.
  const cursor = oneOf(view.form.input, 'cursor');
  const tasks = tasksHtml(context, locale, view);
  if (!view.list.items.some(({ task }) => task.key !== null)) return tasks;
  if (!hasScope(view.caller, 'observe')) return html`<p class="note">${record.readOnly}</p>${tasks}`;
  return html`
<form method="post" action="${linkIn(context, '/worklist')}">${tasks}
<div class="card"><h2>${record.heading}</h2><p>${view.caller.person === null ? record.noPerson : record.lead}</p>${tokenField(locale, { id: 'token-record' })}${cursor === '' ? empty : hidden('cursor', cursor)}
<button type="submit" name="step" value="record">${record.submit}</button></div></form>`;
};

const shownFields = ({ list: { items } }: ListView): readonly string[] =>
  items.flatMap(({ ref }) => TASK_FIELDS.map((field) => nameOf(field, ref)));

/** Renders the tasks, with a form in which IT says what it did or saw. */
export const tasksPage = (context: Context, locale: Locale, view: ListView): HtmlPage => {
  const { words, say, dateTime } = locale;
  const { worklist } = words;
  const { list, form, receipt, messages, status } = view;
  const tokenForm = (id: string, submit: string, cursor?: string): Html => html`
<form class="card" method="post" action="${linkIn(context, '/worklist')}">${tokenField(locale, { id })}${cursor === undefined ? empty : hidden('cursor', cursor)}<button type="submit">${submit}</button></form>`;
  const partly = receipt === empty ? undefined : worklist.recorded.notAll;
  return {
    title: worklist.title,
    status,
    ...(partly !== undefined && { refused: partly }),
    body: html`${errorSummary(locale, form, shownFields(view), messages, partly)}
<h1>${worklist.title}</h1><p class="lead">${worklist.lead}</p>${receipt}
<p class="fine">${say(words.register.asOf, { when: timeOf(list.asOf, dateTime(list.asOf)) })}</p>
${list.items.length === 0 ? html`<p>${worklist.nothing}</p>` : recordForm(context, locale, view)}
${list.next === null ? empty : html`<p>${worklist.moreLead}</p>${tokenForm('token-more', worklist.more, list.next)}`}
<details><summary>${worklist.signIn.again}</summary>${tokenForm('token', worklist.signIn.again)}</details>`,
  };
};
