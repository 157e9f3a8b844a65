import type { Context } from 'hono';
import { type Credentials, credentials } from '../../../http/credentials.ts';
import { type ProblemCode, problemType } from '../../../http/problems.ts';
import { Refused } from '../../../http/refused.ts';
import { json, toResponse } from '../../../http/respond.ts';
import type { SiteDeps } from '../../deps.ts';
import { readOwnForm, wantsPage } from '../../forms/guard.ts';
import { oneOf, readForm } from '../../forms/input.ts';
import type { Locale } from '../../locale.ts';
import { localeFor, render } from '../../page.ts';
import type { SitePages } from '../../pagesApp.ts';
import { csv } from '../../parts/formats.ts';
import { queryOf } from '../../public/query.ts';
import type { WorkItem, Worklist } from './item.ts';
import { signInPage, worklistPage } from './page.ts';
import { readWorklist } from './read.ts';

const HEAD = [
  'action',
  'urgent',
  'vendor',
  'key',
  'title',
  'status',
  'since',
  'change',
  'by',
  'version',
  'validUntil',
  'audience',
  'conditions',
  'seenOn',
  'seenAt',
  'seenBy',
  'asOf',
];

const rowOf = (item: WorkItem, asOf: string) => [
  item.action,
  item.urgent,
  item.vendor,
  item.key,
  item.title,
  item.status,
  item.since,
  item.change,
  item.by.map(({ name, fileNumber }) => (fileNumber === null ? name : `${name} (${fileNumber})`)).join('; '),
  item.version,
  item.validUntil,
  item.audience === null ? null : item.audience.join('; '),
  item.conditions.join('\n'),
  item.seen?.on ?? null,
  item.seen?.observedAt ?? null,
  item.seen?.source ?? null,
  asOf,
];

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

const show = (deps: SiteDeps, context: Context, list: Worklist, format: 'html' | 'json' | 'csv') => {
  if (format === 'json') {
    const checkpoint = deps.checkpoint() ?? null;
    return json({
      items: list.items,
      next: null,
      settled: list.settled,
      lackPersons: list.lackPersons,
      asOf: list.asOf,
      checkpoint,
    });
  }
  if (format === 'csv')
    return csv(
      HEAD,
      list.items.map((item) => rowOf(item, list.asOf)),
    );
  const locale = localeHere(deps, context);
  return render(context, locale, worklistPage(context, locale, list, deps.ports.url));
};

/** Answers a request with a token in a header as page, JSON or CSV. Without one, asks a browser for it. */
const get = async (deps: SiteDeps, authenticate: Credentials, context: Context): Promise<Response> => {
  const { format } = queryOf(context, {});
  try {
    const { agencies } = await authenticate((name) => context.req.header(name), 'state:read');
    return await show(deps, context, await readWorklist(deps, agencies), format);
  } catch (error) {
    return notLetIn(deps, context, error);
  }
};

/** Answers a token sent from the site's own form with the page. Changes nothing. */
const post = async (deps: SiteDeps, authenticate: Credentials, context: Context): Promise<Response> => {
  const { input } = readForm(await readOwnForm(context, deps.ports.url), (name) => name === 'token');
  const token = oneOf(input, 'token').trim();
  try {
    const { agencies } = await authenticate((name) => (name === 'x-api-key' ? token : undefined), 'state:read');
    return await show(deps, context, await readWorklist(deps, agencies), 'html');
  } catch (error) {
    return notLetIn(deps, context, error);
  }
};

/** The routes of the worklist for city IT. */
export const worklistRoutes = (deps: SiteDeps): Pick<SitePages, '/worklist'> => {
  const authenticate = credentials(deps.ports);
  return {
    '/worklist': {
      GET: (context) => get(deps, authenticate, context),
      POST: (context) => post(deps, authenticate, context),
    },
  };
};
