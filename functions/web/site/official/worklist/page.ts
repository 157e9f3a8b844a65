import type { Context } from 'hono';
import { type Caller, credentials } from '../../../http/credentials.ts';
import { paging, requirePage } from '../../../http/input.ts';
import { type ProblemCode, problemType } from '../../../http/problems.ts';
import { Refused } from '../../../http/refused.ts';
import { json, toResponse } from '../../../http/respond.ts';
import type { SiteDeps } from '../../deps.ts';
import {
  type Fault,
  type FormState,
  faultsProblem,
  type Input,
  oneOf,
  readForm,
  readOwnForm,
  rejectionText,
  wantsPage,
} from '../../forms.ts';
import { empty, type Html } from '../../html.ts';
import type { Locale } from '../../locale.ts';
import { VendorQuery } from '../../names.ts';
import { localeFor, render, seeOther } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { type CsvColumns, csv, withCursor } from '../../parts/formats.ts';
import { LimitQuery, queryOf } from '../../public/query.ts';
import { isTaskField, readActs } from './acts.ts';
import { tasksPage } from './list.ts';
import { readWorklist, type WorkItem, type Worklist } from './read.ts';
import { RecordedQuery, recordedNote } from './receipt.ts';
import { type Recording, recordActs } from './record.ts';
import { signInPage } from './signIn.ts';

const COLUMNS: CsvColumns<WorkItem & Pick<Worklist, 'asOf'>> = {
  kind: ({ task }) => task.kind,
  urgent: ({ task }) => task.urgent,
  vendor: ({ task }) => task.vendor,
  key: ({ task }) => task.key,
  source: ({ task }) => task.source ?? null,
  title: ({ wording }) => wording?.title ?? null,
  since: ({ task }) => task.since,
  by: ({ task }) => task.by,
  because: ({ task }) => task.because,
  how: ({ task }) => task.how,
  change: ({ task }) => task.change,
  digest: ({ task }) => task.digest,
  agencies: ({ task }) => task.agencies?.join('; ') ?? null,
  below: ({ task }) => task.below,
  version: ({ terms }) => terms?.version ?? null,
  until: ({ terms }) => terms?.until ?? null,
  conditions: ({ terms }) => terms?.conditions.join('\n') ?? null,
  seenOn: ({ seen }) => seen?.seen.on ?? null,
  seenAt: ({ seen }) => seen?.observedAt ?? null,
  seenBy: ({ seen }) => seen?.source ?? null,
  asOf: ({ asOf }) => asOf,
};

const localeHere = ({ ports }: SiteDeps, context: Context): Locale => localeFor(context, ports.zone, ports.clock());

/** Returns what an address names as recorded: the streams, one for each report. */
const recordedIn = (context: Context): readonly string[] =>
  RecordedQuery.safeParse(context.req.queries('recorded') ?? []).data ?? [];

const notLetIn = async (deps: SiteDeps, context: Context, error: unknown): Promise<Response> => {
  if (!(error instanceof Refused) || (error.answer.status !== 401 && error.answer.status !== 403)) throw error;
  if (!wantsPage(context)) return toResponse(error.answer);
  const locale = localeHere(deps, context);
  const { missing, unknown, scope } = locale.words.worklist.signIn;
  const is = (code: ProblemCode): boolean => error.answer.body.includes(problemType(code));
  const first = is('token-missing') && context.req.method !== 'POST';
  const fault = first ? undefined : is('token-missing') ? missing : is('scope-missing') ? scope : unknown;
  const challenge = error.answer.headers['www-authenticate'];
  if (challenge !== undefined) context.header('WWW-Authenticate', challenge);
  const receipt = first ? await recordedNote(deps, locale, recordedIn(context)) : empty;
  return render(context, locale, signInPage(context, locale, { status: error.answer.status, fault, receipt }));
};

const TASKS = 50;
const DATA_TASKS = 100;

const dataAnswer = (deps: SiteDeps, context: Context, { items, next, asOf }: Worklist, format: 'json' | 'csv'): Response => {
  const checkpoint = deps.checkpoint() ?? null;
  if (format === 'json')
    return json({
      items: items.map(({ task, wording, terms }) => ({
        ...task,
        title: wording?.title ?? null,
        ...(terms !== undefined && { terms }),
      })),
      next,
      asOf,
      checkpoint,
    });
  const rows = items.map((item) => ({ ...item, asOf }));
  return csv(COLUMNS, rows, next === null ? undefined : withCursor(context, next));
};

const formOf = (input: Input, faults: readonly Fault[] = []): FormState => ({ input, faults, prefix: 'w' });

const FIELDS: readonly string[] = ['token', 'cursor', 'step'];

const isField = (name: string): boolean => FIELDS.includes(name) || isTaskField(name);

const NOTHING_YET: Recording = { recorded: [], refused: [] };

/** Shows the tasks after a form was sent: with its faults, or with what was recorded before something was refused. */
const showAgain = async (
  deps: SiteDeps,
  context: Context,
  caller: Caller,
  form: FormState,
  done: Recording,
): Promise<Response> => {
  const locale = localeHere(deps, context);
  const cursor = oneOf(form.input, 'cursor');
  const query = { agencies: caller.agencies, locale, limit: TASKS, ...(cursor !== '' && { cursor }) };
  const list = requirePage(await readWorklist(deps, query));
  const messages: readonly Html[] = done.refused.map((refused) => rejectionText(locale, refused));
  const receipt = await recordedNote(deps, locale, done.recorded);
  const status = form.faults.length > 0 ? 422 : messages.length > 0 ? 409 : 200;
  return render(context, locale, tasksPage(context, locale, { list, caller, form, receipt, messages, status }));
};

/** Records what was chosen and leads back to the worklist, which shows the receipt. */
const record = async (deps: SiteDeps, context: Context, caller: Caller, input: Input, faults: Fault[]): Promise<Response> => {
  const acts = readActs(input, faults);
  if (acts.length === 0 && faults.length === 0) faults.push({ name: 'step', code: 'nothingChosen' });
  if (faults.length > 0)
    return wantsPage(context) ? showAgain(deps, context, caller, formOf(input, faults), NOTHING_YET) : faultsProblem(faults);
  const done = await recordActs(deps, caller, acts);
  if (done.refused.length > 0) return showAgain(deps, context, caller, formOf(input), done);
  const receipt = new URLSearchParams();
  for (const stream of done.recorded) receipt.append('recorded', stream);
  return seeOther(context, `/worklist?${receipt}`);
};

const answering = (deps: SiteDeps) => {
  const authenticate = credentials(deps.ports);

  const get = async (context: Context): Promise<Response> => {
    const shape = { cursor: paging.cursor, limit: LimitQuery, vendor: VendorQuery };
    const { format, cursor, limit, vendor } = queryOf(context, shape);
    try {
      const caller = await authenticate((name) => context.req.header(name), 'state:read', 'observe');
      const locale = localeHere(deps, context);
      const query = {
        agencies: caller.agencies,
        locale,
        vendor,
        cursor,
        limit: limit ?? (format === 'html' ? TASKS : DATA_TASKS),
      };
      const list = requirePage(await readWorklist(deps, query));
      if (format !== 'html') return dataAnswer(deps, context, list, format);
      const receipt = await recordedNote(deps, locale, recordedIn(context));
      const view = { list, caller, form: formOf(new Map()), receipt, messages: [], status: 200 as const };
      return await render(context, locale, tasksPage(context, locale, view));
    } catch (error) {
      return notLetIn(deps, context, error);
    }
  };

  const post = async (context: Context): Promise<Response> => {
    const { input, faults } = readForm(await readOwnForm(context, deps.ports.url), isField);
    const token = oneOf(input, 'token').trim();
    const sent = (name: string): string | undefined => (name === 'x-api-key' ? token : undefined);
    try {
      if (oneOf(input, 'step') === 'record')
        return await record(deps, context, await authenticate(sent, 'observe'), input, [...faults]);
      const caller = await authenticate(sent, 'state:read', 'observe');
      if (faults.length > 0) return faultsProblem(faults);
      return await showAgain(deps, context, caller, formOf(input), NOTHING_YET);
    } catch (error) {
      return notLetIn(deps, context, error);
    }
  };
  return { get, post };
};

export const worklistRoutes = (deps: SiteDeps): Pick<SitePages, '/worklist'> => {
  const { get, post } = answering(deps);
  return { '/worklist': { GET: get, POST: post } };
};
