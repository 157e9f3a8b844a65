import type { Context } from 'hono';
import { CITY } from '../../../../../domain/feature/keys.ts';
import { taskName } from '../../../../platform/acts.ts';
import { capitalized, fillText } from '../../../../platform/catalogue.ts';
import { rankOf, readFigures, type TaskRank } from '../../../../register/derived/records.ts';
import { BY_VENDOR } from '../../../../register/rows.ts';
import { badParameter, paging } from '../../../http/input.ts';
import { type ProblemCode, problemAnswer, problemType, Refused } from '../../../http/problems.ts';
import { toResponse } from '../../../http/respond.ts';
import { type Caller, type Credentials, hasScope } from '../../../http/tokens.ts';
import type { SiteDeps } from '../../deps.ts';
import {
  type Choice,
  checkbox,
  errorSummary,
  type Fault,
  type FormState,
  faultsProblem,
  hidden,
  hiddenFields,
  type Input,
  isFilledIn,
  oneOf,
  radioRow,
  readForm,
  readOwnForm,
  rejectionText,
  selectField,
  textArea,
  textField,
  wantsPage,
} from '../../forms.ts';
import { empty, type Html, html, untrustedText, visuallyHidden } from '../../html.ts';
import { changeLink, featureLink, type Locale, VendorQuery, vendorNames } from '../../locale.ts';
import { type HtmlPage, localeAt, render, restoredNote, seeOther } from '../../page.ts';
import { chip, type Tone } from '../../parts/chip.ts';
import { dueText, lastSeen, whomText } from '../../parts/seen.ts';
import { csv, LimitQuery, listData, queryOf } from '../../query.ts';
import {
  CHOICES,
  isTaskField,
  NOTHING,
  nameOf,
  RecordedQuery,
  type Recording,
  readActs,
  readWorklist,
  recordActs,
  recordedNote,
  subjectOf,
  TASK_FIELDS,
  type WorkItem,
  type Worklist,
} from './acts.ts';

const TASK = ['kind', 'urgent', 'vendor', 'key', 'source', 'title', 'since', 'by', 'because', 'how', 'change', 'digest'] as const;
const STATE = ['agencies', 'except', 'below', 'version', 'until', 'conditions', 'seenOn', 'seenAt', 'seenBy', 'asOf'] as const;

const recordedIn = (context: Context): readonly string[] =>
  RecordedQuery.safeParse(context.req.queries('recorded') ?? []).data ?? [];

/** `input`: what was entered; the page shows it again after the next token. */
const notLetIn = async (deps: SiteDeps, context: Context, error: unknown, input: Input): Promise<Response> => {
  if (!(error instanceof Refused) || (error.answer.status !== 401 && error.answer.status !== 403)) throw error;
  if (!wantsPage(context)) return toResponse(error.answer);
  const locale = localeAt(deps, context);
  const { missing, unknown, scope } = locale.words.worklist.signIn;
  const is = (code: ProblemCode): boolean => error.answer.body.includes(problemType(code));
  const first = is('token-missing') && context.req.method !== 'POST';
  const fault = first ? undefined : is('token-missing') ? missing : is('scope-missing') ? scope : unknown;
  const challenge = error.answer.headers['www-authenticate'];
  if (challenge !== undefined) context.header('WWW-Authenticate', challenge);
  const receipt = first ? await recordedNote(deps, locale, recordedIn(context)) : empty;
  return render(context, locale, signInPage(locale, { status: error.answer.status, fault, receipt, input }));
};

const TASKS = 15;
const DATA_TASKS = 100;

const dataAnswer = (
  deps: SiteDeps,
  context: Context,
  { items, next, asOf }: Worklist,
  format: 'json' | 'csv',
): Promise<Response> => {
  const data = items.map(({ task, wording, terms }) => ({
    ...task,
    title: wording?.title ?? null,
    ...(terms !== undefined && { terms }),
  }));
  const rows = items.map(({ task, wording, terms, seen }) => ({
    ...task,
    title: wording?.title,
    version: terms?.version,
    until: terms?.until,
    conditions: terms?.conditions.join('\n'),
    seenOn: seen?.seen.on,
    seenAt: seen?.observedAt,
    seenBy: seen?.source,
    asOf,
  }));
  const file = () => csv(context, [...TASK, ...STATE], rows, next);
  return listData(deps, format, { items: data, next, asOf, checkpoint: deps.checkpoint() ?? null }, file);
};

const formOf = (input: Input, faults: readonly Fault[] = []): FormState => ({ input, faults, prefix: 'w' });

const FIELDS: readonly string[] = ['token', 'cursor', 'vendor', 'step'];

const isField = (name: string): boolean => FIELDS.includes(name) || isTaskField(name);

const NOTHING_YET: Recording = { recorded: [], refused: [] };

/** `n`: tasks of the whole city; `names`: of all vendors. */
const viewOf = async (
  deps: SiteDeps,
  locale: Locale,
  { caller, list, form, done }: { caller: Caller; list: Worklist; form: FormState; done: Recording },
) => {
  const [{ tasks, urgentTasks }, vendors] = await Promise.all([
    readFigures(deps.ports.sideStore),
    deps.ports.register.facet(BY_VENDOR, { now: deps.ports.clock() }),
  ]);
  const n = { urgent: locale.number(urgentTasks), tasks: locale.number(tasks) };
  const names = await vendorNames(
    deps,
    [...vendors.keys()].filter((vendor) => vendor !== CITY),
  );
  const messages = done.refused.map((refused) => html`${refused.about}: ${rejectionText(locale, refused)}`);
  const [restored, receipt] = [await restoredNote(deps, locale), await recordedNote(deps, locale, done.recorded)];
  const status: HtmlPage['status'] = form.faults.length > 0 ? 422 : messages.length > 0 ? 409 : 200;
  return { list, caller, form, restored, receipt, messages, status, n, names };
};
type ListView = Awaited<ReturnType<typeof viewOf>>;

const showTasks = async (deps: SiteDeps, context: Context, shown: Parameters<typeof viewOf>[2]): Promise<Response> => {
  const locale = localeAt(deps, context);
  return render(context, locale, tasksPage(locale, await viewOf(deps, locale, shown)));
};

const showAgain = async (
  deps: SiteDeps,
  context: Context,
  caller: Caller,
  form: FormState,
  done: Recording,
): Promise<Response> => {
  const cursor = oneOf(form.input, 'cursor') || undefined;
  const vendor = oneOf(form.input, 'vendor') || undefined;
  const query = { agencies: caller.agencies, locale: localeAt(deps, context), limit: TASKS, cursor, vendor };
  return showTasks(deps, context, { caller, list: await readWorklist(deps, query), form, done });
};

/** Answers a program. What was recorded stays, and is named with what was refused. */
const refusedProblem = ({ recorded, refused: all }: Recording): Response => {
  const why = all.map(({ detail }) => detail).join(' ');
  const detail = `recorded: ${recorded.length === 0 ? 'nothing' : recorded.join(', ')}; refused: ${why}`;
  return toResponse(problemAnswer(all[0]?.code ?? 'invalid-form', { detail, status: 409 }));
};

const record = async (deps: SiteDeps, context: Context, caller: Caller, input: Input, faults: Fault[]): Promise<Response> => {
  const acts = readActs(input, faults);
  // An error about all of them links to the first choice on the page.
  const first = [...input.keys()].find((name) => name.startsWith('about.'))?.replace('about', 'act');
  if (acts.length === 0 && faults.length === 0) faults.push({ name: first ?? 'step', code: 'nothingChosen' });
  if (faults.length > 0)
    return wantsPage(context) ? showAgain(deps, context, caller, formOf(input, faults), NOTHING_YET) : faultsProblem(faults);
  const done = await recordActs(deps, caller, acts);
  if (done.refused.length > 0)
    return wantsPage(context) ? showAgain(deps, context, caller, formOf(input), done) : refusedProblem(done);
  const receipt = new URLSearchParams();
  for (const stream of done.recorded) receipt.append('recorded', stream);
  const vendor = oneOf(input, 'vendor');
  if (vendor !== '') receipt.append('vendor', vendor);
  return seeOther(context, `/worklist?${receipt}`);
};

/** `authenticate`: caches tokens briefly, so an app shares one instance. */
interface WorklistDeps extends SiteDeps {
  readonly authenticate: Credentials;
}

export const worklistPage = async (deps: WorklistDeps, context: Context): Promise<Response> => {
  const shape = { cursor: paging.cursor, limit: LimitQuery, vendor: VendorQuery };
  const { format, cursor, limit, vendor } = queryOf(context, shape);
  const input = new Map(vendor === undefined ? [] : [['vendor', [vendor]]]);
  try {
    const caller = await deps.authenticate((name) => context.req.header(name), 'state:read', 'observe');
    const asked = { agencies: caller.agencies, vendor, cursor, limit: limit ?? (format === 'html' ? TASKS : DATA_TASKS) };
    const list = await readWorklist(deps, { ...asked, locale: localeAt(deps, context) });
    if (format !== 'html') return await dataAnswer(deps, context, list, format);
    const done = { recorded: recordedIn(context), refused: [] };
    return await showTasks(deps, context, { caller, list, form: formOf(input), done });
  } catch (error) {
    return notLetIn(deps, context, error, input);
  }
};

export const worklistPost = async (deps: WorklistDeps, context: Context): Promise<Response> => {
  const { input, faults } = readForm(await readOwnForm(context, deps.ports.url), isField);
  const token = oneOf(input, 'token').trim();
  const header = (name: string): string | undefined => context.req.header(name);
  const field = (name: string): string | undefined => (name === 'x-api-key' ? token : undefined);
  const sent = token === '' ? header : field;
  // Checked before anything is recorded, since the next page is of this vendor.
  if (!VendorQuery.safeParse(oneOf(input, 'vendor') || undefined).success)
    throw badParameter('vendor', 'is not the id of a vendor');
  try {
    if (oneOf(input, 'step') === 'record')
      return await record(deps, context, await deps.authenticate(sent, 'observe'), input, [...faults]);
    const caller = await deps.authenticate(sent, 'state:read', 'observe');
    if (faults.length > 0) return faultsProblem(faults);
    return await showAgain(deps, context, caller, formOf(input), NOTHING_YET);
  } catch (error) {
    return notLetIn(deps, context, error, input);
  }
};

const TONES: Readonly<Record<WorkItem['task']['kind'], Tone>> = {
  'switch-off': 'no',
  'opt-out': 'wait',
  look: 'wait',
  'switch-on': 'on',
};

const seenText = (locale: Locale, { task, seen }: WorkItem): Html => {
  const { worklist, seen: named } = locale.words;
  if (task.key === null) return html`${worklist.silentHow}`;
  if (seen === undefined) return html`${worklist.notSeen}`;
  return html`${capitalized(named.state[seen.seen.on ? 'on' : 'off'])}: ${lastSeen(locale, seen)}`;
};

const audienceOf = (locale: Locale, task: WorkItem['task']): Html => {
  const text = whomText(locale, task);
  return text === empty ? empty : html`<p>${text}</p>`;
};

const termsText = (locale: Locale, { terms }: WorkItem): Html => {
  if (terms === undefined) return empty;
  const { words, say, until: untilText, list } = locale;
  const { version, until, conditions, by } = terms;
  const { worklist } = words;
  const names = by.map(({ name, fileNumber }) =>
    fileNumber === null ? name : fillText(worklist.file, { name, file: fileNumber }),
  );
  return html`<p>${by.length > 0 && html`${fillText(worklist.by, { names: list(names) })} `}${
    version !== null && html`${say(worklist.version, { version: untrustedText(version) })} `
  }${until !== null && say(worklist.until, { when: untilText(until) })}</p>${conditions.map(
    (condition) => html`<p class="words">${words.decide.condition} ${untrustedText(condition)}</p>`,
  )}`;
};

const taskText = (locale: Locale, item: WorkItem): Html => {
  const { words, say, count } = locale;
  const { task, vendorName, wording } = item;
  const { key, kind, because, how, change, below, urgent, source } = task;
  const subject =
    key === null
      ? say(words.tasks.source, { source: untrustedText(source ?? '') })
      : change === null
        ? featureLink(locale, key)
        : changeLink(locale, change, html`<code>${key}</code>`);
  const kindChip = chip(urgent ? 'no' : TONES[kind], taskName(words.tasks, task));
  return html`<p>${kindChip} ${subject} <small>${untrustedText(vendorName)}</small></p>
${wording !== undefined && html`<h3>${untrustedText(wording.title)}</h3>`}<p>${dueText(locale, task)} ${words.tasks.because[because]}${below !== 0 && html` ${count(words.tasks, 'below', below)}`}</p>
${audienceOf(locale, task)}${termsText(locale, item)}
${how !== null && html`<p>${words.tasks.how}</p><p class="words">${untrustedText(how)}</p>`}
<p class="fine">${seenText(locale, item)}</p>`;
};

const choicesOf = ({ words }: Locale, { task, wording }: WorkItem, person: string | null): readonly Choice[] => {
  const { acts, nothing } = words.worklist.record;
  const isOptOut = task.kind === 'opt-out';
  const canOptOut = isOptOut && person !== null && wording !== undefined;
  const choices = CHOICES.filter((value) => (value === 'opted-out' ? canOptOut : value !== 'on-for' || !isOptOut));
  return [{ value: NOTHING, label: nothing }, ...choices.map((value) => ({ value, label: acts[value] }))];
};

const nameIn =
  ({ ref }: WorkItem) =>
  (field: (typeof TASK_FIELDS)[number]): string =>
    nameOf(field, ref);

const moreFields = (locale: Locale, { form }: ListView, item: WorkItem): Html => {
  const { record } = locale.words.worklist;
  const { key, kind } = item.task;
  const name = nameIn(item);
  const sha256Hint = fillText(record.sha256Hint, { linux: 'sha256sum FILE', windows: 'certutil -hashfile FILE SHA256' });
  const isOptOut = kind === 'opt-out';
  const seen = html`${textArea(locale, form, name('agencies'), { label: record.agencies, hint: record.agenciesHint })}
${textField(locale, form, name('version'), { label: record.version })}`;
  const isOpen = isOptOut || isFilledIn(form, (['agencies', 'version', 'note', 'file', 'sha256'] as const).map(name));
  return html`
<details${isOpen && html` open`} aria-label="${key}"><summary>${isOptOut ? locale.words.seen.evidence : record.more}${visuallyHidden(key ?? '')}</summary>${!isOptOut && seen}
${textField(locale, form, name('note'), { label: locale.words.decide.certify.comment, hint: record.noteHint })}
${textField(locale, form, name('file'), { label: record.file })}
${textField(locale, form, name('sha256'), { label: record.sha256, hint: sha256Hint })}</details>`;
};

const taskFields = (locale: Locale, view: ListView, item: WorkItem): Html => {
  const { words, say, number } = locale;
  const { form, caller } = view;
  const { key, below } = item.task;
  if (key === null || !hasScope(caller, 'observe')) return empty;
  const name = nameIn(item);
  const { legend: legendText, below_one: one, below_other: other } = words.worklist.record;
  const legend = say(legendText, { key: html`<code>${key}</code>` });
  const choices = choicesOf(locale, item, caller.person);
  const beneath = fillText(below === 1 ? one : other, { count: number(below) });
  return html`${hidden(name('about'), subjectOf(item))}${radioRow(locale, form, name('act'), { legend, choices })}
${below !== 0 && checkbox(locale, form, name('below'), { label: beneath, value: String(below) })}${moreFields(locale, view, item)}`;
};

const GROUPS = ['urgent', 'byDay', 'goesOn'] as const satisfies Record<TaskRank, string>;

const tasksHtml = (locale: Locale, view: ListView): Html => {
  const { worklist } = locale.words;
  const { items } = view.list;
  return html`${GROUPS.map((group, rank) => {
    const own = items.filter(({ task }) => rankOf(task) === rank);
    if (own.length === 0) return empty;
    const cards = own.map(
      (item) => html`
<li class="card">${taskText(locale, item)}${taskFields(locale, view, item)}</li>`,
    );
    return html`
<h2>${worklist[group]}</h2>${group === 'goesOn' && html`<p class="fine">${worklist.goesOnLead}</p>`}<ul class="plain waits">${cards}</ul>`;
  })}`;
};

/** Renders a hidden field with the form's cursor or vendor, so that a form with a fault is shown again with its tasks. */
const kept = ({ form }: ListView, name: 'cursor' | 'vendor'): Html => {
  const value = oneOf(form.input, name);
  return value === '' ? empty : hidden(name, value);
};

const recordForm = (locale: Locale, view: ListView): Html => {
  const { record } = locale.words.worklist;
  const tasks = tasksHtml(locale, view);
  if (!view.list.items.some(({ task }) => task.key !== null)) return tasks;
  if (!hasScope(view.caller, 'observe')) return html`<p class="note">${record.readOnly}</p>${tasks}`;
  return html`
<form method="post" action="${locale.href('/worklist')}">${tasks}
<div class="card"><h2>${record.heading}</h2><p>${view.caller.person === null ? record.noPerson : record.lead}</p>
${tokenField(locale, { id: 'token-record' })}${kept(view, 'cursor')}${kept(view, 'vendor')}
<button type="submit" name="step" value="record">${record.submit}</button></div></form>`;
};

const shownFields = ({ list: { items } }: ListView): readonly string[] =>
  items.flatMap(({ ref }) => TASK_FIELDS.map((field) => nameOf(field, ref)));

/** Returns the title, which begins with what was recorded. */
const titleWith = ({ words: { worklist, several } }: Locale, receipt: Html): string =>
  receipt === empty ? worklist.title : `${several.recorded}: ${worklist.title}`;

const tasksPage = (locale: Locale, view: ListView): HtmlPage => {
  const { words, say } = locale;
  const { worklist } = words;
  const { list, form, restored, receipt, messages, status, n, names } = view;
  const tokenForm = (id: string, submit: string, more: Html): Html => html`
<form class="card" method="post" action="${locale.href('/worklist')}">${tokenField(locale, { id })}
${more}<button type="submit">${submit}</button></form>`;
  const choices = [...names].map(([value, name]) => ({ value, label: name }));
  const vendor = selectField(locale, form, 'vendor', { label: words.find.vendor, blank: words.find.anyVendor, choices });
  const partly = receipt === empty ? undefined : words.several.partly;
  return {
    title: status === 200 ? titleWith(locale, receipt) : worklist.title,
    status,
    ...(partly !== undefined && { refused: partly }),
    body: html`${errorSummary(locale, form, shownFields(view), messages, partly)}
<h1>${worklist.title}</h1>${restored}<p class="lead">${worklist.lead}</p>${receipt}
<p><b>${say(worklist.counts, n)}</b> ${say(words.asOf, { when: locale.time(list.asOf) })}</p>
<details><summary>${worklist.signIn.again}</summary>${tokenForm('token', worklist.signIn.submit, vendor)}</details>
${list.items.length === 0 && list.next === null ? html`<p>${words.tasks.nothing}</p>` : recordForm(locale, view)}
${list.next !== null && html`<p>${worklist.moreLead}</p>${tokenForm('token-more', worklist.more, html`${hidden('cursor', list.next)}${kept(view, 'vendor')}`)}`}`,
  };
};

/** The token is only in the body of forms sent to the site: not in a cookie, an address that a log keeps, or visible text. */
const tokenField = ({ words }: Locale, { id, fault }: { readonly id: string; readonly fault?: string | undefined }): Html => {
  const { token, hint } = words.worklist.signIn;
  const described = fault === undefined ? `${id}-hint` : `${id}-hint ${id}-fault`;
  return html`
<div class="field"><label for="${id}">${token}</label><p class="hint" id="${id}-hint">${hint}</p>${
    fault !== undefined && html`<p class="fault" id="${id}-fault">${fault}</p>`
  }
<input type="password" id="${id}" name="token" required autocomplete="current-password" spellcheck="false"
aria-describedby="${described}"${fault !== undefined && html` aria-invalid="true" autofocus`}></div>`;
};

interface SignIn {
  readonly status: NonNullable<HtmlPage['status']>;
  readonly fault?: string | undefined;
  readonly receipt: Html;
  readonly input: Input;
}

const signInPage = (locale: Locale, { status, fault, receipt, input }: SignIn): HtmlPage => {
  const { title: heading, signIn } = locale.words.worklist;
  const { lead, submit } = signIn;
  return {
    title: fault === undefined ? titleWith(locale, receipt) : `${fault} ${heading}`,
    status,
    body: html`<h1>${heading}</h1>${receipt}<p class="lead">${lead}</p>
<form class="card" method="post" action="${locale.href('/worklist')}">${tokenField(locale, { id: 'token', fault })}
${hiddenFields(input, ['token', 'step'])}<button type="submit">${submit}</button></form>`,
  };
};
