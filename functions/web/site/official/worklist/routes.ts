import type { Context } from 'hono';
import { credentials } from '../../../http/credentials.ts';
import { paging, requirePage } from '../../../http/paging.ts';
import { type ProblemCode, problemType } from '../../../http/problems.ts';
import { Refused } from '../../../http/refused.ts';
import { json, toResponse } from '../../../http/respond.ts';
import type { SiteDeps } from '../../deps.ts';
import { wantsPage } from '../../forms/guard.ts';
import { oneOf } from '../../forms/input.ts';
import { readFields } from '../../forms/rejection.ts';
import type { Locale } from '../../locale.ts';
import { localeFor, render } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { type CsvColumns, csv, withCursor } from '../../parts/formats.ts';
import { LimitQuery, queryOf } from '../../public/query.ts';
import type { WorkItem, Worklist } from './item.ts';
import { signInPage, worklistPage } from './page.ts';
import { readWorklist } from './read.ts';
import { TaskIndex } from './tasks.ts';

const COLUMNS: CsvColumns<WorkItem & Pick<Worklist, 'asOf'>> = {
  action: ({ action }) => action,
  urgent: ({ urgent }) => urgent,
  vendor: ({ vendor }) => vendor,
  key: ({ key }) => key,
  title: ({ title }) => title,
  status: ({ status }) => status,
  since: ({ since }) => since,
  change: ({ change }) => change,
  by: ({ by }) => by.map(({ name, fileNumber }) => (fileNumber === null ? name : `${name} (${fileNumber})`)).join('; '),
  version: ({ version }) => version,
  validUntil: ({ validUntil }) => validUntil,
  audience: ({ audience }) => audience?.join('; ') ?? null,
  conditions: ({ conditions }) => conditions.join('\n'),
  seenOn: ({ seen }) => seen?.on ?? null,
  seenAt: ({ seen }) => seen?.observedAt ?? null,
  seenBy: ({ seen }) => seen?.source ?? null,
  asOf: ({ asOf }) => asOf,
};

const localeHere = ({ ports }: SiteDeps, context: Context): Locale => localeFor(context, ports.zone, ports.clock());

/** Answers why a token does not open the page; a client that does not ask for a page gets the problem as it is. */
const notLetIn = (deps: SiteDeps, context: Context, error: unknown): Response | Promise<Response> => {
  if (!(error instanceof Refused) || (error.answer.status !== 401 && error.answer.status !== 403)) throw error;
  if (!wantsPage(context)) return toResponse(error.answer);
  const locale = localeHere(deps, context);
  const { missing, unknown, scope } = locale.words.worklist.signIn;
  const is = (code: ProblemCode): boolean => error.answer.body.includes(problemType(code));
  const first = is('token-missing') && context.req.method !== 'POST';
  const fault = first ? undefined : is('token-missing') ? missing : is('scope-missing') ? scope : unknown;
  const challenge = error.answer.headers['www-authenticate'];
  if (challenge !== undefined) context.header('WWW-Authenticate', challenge);
  return render(context, locale, signInPage(context, locale, error.answer.status, fault));
};

/** Tasks on a page; data has a hundred by default. */
const TASKS = 50;
const DATA_TASKS = 100;

const show = (deps: SiteDeps, context: Context, list: Worklist, format: 'html' | 'json' | 'csv') => {
  if (format === 'json') return json({ ...list, checkpoint: deps.checkpoint() ?? null });
  if (format === 'csv')
    return csv(
      COLUMNS,
      list.items.map((item) => ({ ...item, asOf: list.asOf })),
      list.next === null ? undefined : withCursor(context, list.next),
    );
  const locale = localeHere(deps, context);
  return render(context, locale, worklistPage(context, locale, list, deps.ports.url));
};

/** Answers worklists; the tasks are kept from one question to the next. */
const answering = (deps: SiteDeps) => {
  const authenticate = credentials(deps.ports);
  const index = new TaskIndex();

  /** Answers a request with a token in a header as page, JSON or CSV. Without one, asks a browser for it. */
  const get = async (context: Context): Promise<Response> => {
    const { format, cursor, limit } = queryOf(context, { cursor: paging.cursor, limit: LimitQuery });
    try {
      const { agencies } = await authenticate((name) => context.req.header(name), 'state:read');
      const query = { agencies, cursor, limit: limit ?? (format === 'html' ? TASKS : DATA_TASKS) };
      return await show(deps, context, requirePage(await readWorklist(deps, index, query)), format);
    } catch (error) {
      return notLetIn(deps, context, error);
    }
  };

  /** Answers a token sent from the site's own form with the page. Changes nothing. */
  const post = async (context: Context): Promise<Response> => {
    const input = await readFields(context, deps.ports.url, ['token', 'cursor']);
    const token = oneOf(input, 'token').trim();
    const cursor = oneOf(input, 'cursor');
    try {
      const { agencies } = await authenticate((name) => (name === 'x-api-key' ? token : undefined), 'state:read');
      const query = { agencies, limit: TASKS, ...(cursor !== '' && { cursor }) };
      return await show(deps, context, requirePage(await readWorklist(deps, index, query)), 'html');
    } catch (error) {
      return notLetIn(deps, context, error);
    }
  };
  return { get, post };
};

/** The routes of the worklist for city IT. */
export const worklistRoutes = (deps: SiteDeps): Pick<SitePages, '/worklist'> => {
  const { get, post } = answering(deps);
  return { '/worklist': { GET: get, POST: post } };
};
