import { type Context, Hono } from 'hono';
import type { CityIdentity } from '../../gate/ports.ts';
import { type Answer, type ProblemCode, problemAnswer, problemType } from '../http/problems.ts';
import { errorAnswer, toResponse } from '../http/respond.ts';
import type { SITE_PAGES } from '../routes/pages.ts';
import { allowedMethods, honoPath, type PageTable } from '../routes/route.ts';
import type { PagesDeps } from './deps.ts';
import { wantsPage } from './forms.ts';
import { empty, fillText, type Html, html } from './html.ts';
import type { Locale } from './locale.ts';
import { contactLink, type HtmlPage, linkIn, localeFor, nameCity, render, secure } from './page.ts';

const STATUSES = [400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503] as const;

const OWN_PAGE = /^\/[dmn]\/[^/]+/;

const isBehindLink = (context: Context): boolean => OWN_PAGE.test(context.req.path);

/** Renders whom to ask for a new link. */
export const askLine = ({ words, say }: Locale, { name, contact }: CityIdentity): Html =>
  contact === undefined
    ? say(words.problem.linkAskClerk, { city: html`<b translate="no">${name}</b>` })
    : say(words.problem.linkAsk, { contact: contactLink(contact) });

/** Renders what to do with a link that does not work. */
export const deadLink = (locale: Locale, city: CityIdentity): Html => {
  const { words, say } = locale;
  const { newest, whole, again } = words.problem.linkSteps;
  return html`<ol><li>${say(newest, { city: html`<b translate="no">${city.name}</b>` })}</li><li>${whole}</li><li>${again} ${askLine(locale, city)}</li></ol>`;
};

const textOf = (context: Context, { words }: Locale, { status, body }: Answer, url: string): readonly [string, string] => {
  const { problem, past } = words;
  if (body.includes(problemType('future-instant'))) return [past.future, past.futureLead];
  if (body.includes(problemType('disk-low'))) return [problem.full, problem.fullLead];
  if (body.includes(problemType('clock-behind'))) return [problem.clock, problem.clockLead];
  if (body.includes(problemType('unreadable-record'))) return [problem.unreadable, problem.unreadableLead];
  if (status === 403) return [problem.heading, fillText(problem.origin, { url })];
  if (status === 404)
    return isBehindLink(context) ? [problem.linkUnknown, problem.linkUnknownLead] : [problem.notFound, problem.notFoundLead];
  if (status === 405) return [problem.method, problem.notFoundLead];
  if (status === 413) return [problem.heading, problem.tooLarge];
  if (status === 415) return [problem.heading, problem.mediaType];
  if (status === 429 || status === 503) return [problem.busy, problem.busyLead];
  if (context.req.method === 'POST' && status < 500) {
    const known = Object.entries(problem.code).find(([code]) => body.includes(`"${problemType(code as ProblemCode)}"`));
    return [problem.heading, known?.[1] ?? problem.field.nonce];
  }
  return status >= 500 ? [problem.error, problem.errorLead] : [problem.badQuery, problem.notFoundLead];
};

/**
 * Answers a failure with a page to a browser and a problem document to any other client, with the same status. Server errors
 * carry no detail.
 */
const failure = ({ ports }: Pick<PagesDeps, 'ports'>, context: Context, answer: Answer): Response | Promise<Response> => {
  if (!wantsPage(context)) return toResponse(answer);
  const locale = localeFor(context, ports.zone, ports.clock());
  const status: NonNullable<HtmlPage['status']> = STATUSES.find((known) => known === answer.status) ?? 500;
  const [title, lead] = textOf(context, locale, { ...answer, status }, ports.url);
  for (const name of ['allow', 'retry-after', 'accept'])
    if (answer.headers[name] !== undefined) context.header(name, answer.headers[name]);
  // What was sent from a page behind a link is sent again from there; a link that does not work leads nowhere.
  const back = (status !== 404 && context.req.method === 'POST' && OWN_PAGE.exec(context.req.path)?.[0]) || '/';
  const steps = status === 404 && isBehindLink(context) ? deadLink(locale, ports.city) : empty;
  const body = html`<h1>${title}</h1><p class="lead">${lead}</p>${steps}<p><a href="${linkIn(context, back)}">${back === '/' ? locale.words.nav.register : locale.words.inbox.back}</a></p>`;
  return render(context, locale, { title, body, status });
};

/** Returns the handler for `app.onError`: refusals are answered as they are, everything else is logged in full. */
const onSiteError =
  (deps: PagesDeps) =>
  (error: unknown, context: Context): Response | Promise<Response> =>
    failure(deps, context, errorAnswer(deps.logger, error, `${context.req.method} ${context.req.routePath}`));

export type Handler = (context: Context) => Response | Promise<Response>;

type PageHandlers<Table extends PageTable> = {
  readonly [Path in keyof Table]: { readonly [M in keyof Table[Path]]: Handler };
};

export type SitePages = PageHandlers<typeof SITE_PAGES>;

/**
 * Serves every page of a table by its handler, in the frame of the site: its headers stand on every answer, and what goes wrong is
 * answered as a page. Any other method of a page is answered 405.
 */
export const pagesApp = <Table extends PageTable>(deps: PagesDeps, table: Table, handlers: PageHandlers<Table>): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    nameCity(context, deps.ports.city);
    await next();
    secure(context, deps.ports.url);
  });
  app.notFound((context) => failure(deps, context, problemAnswer('not-found', { detail: 'no page has this address' })));
  app.onError(onSiteError(deps));
  for (const [path, methods] of Object.entries(handlers) as [string, Readonly<Record<string, Handler>>][]) {
    for (const [method, handler] of Object.entries(methods)) app.on(method, honoPath(path), handler);
    const allow = allowedMethods(table[path] ?? {}).join(', ');
    app.all(honoPath(path), (context) =>
      failure(deps, context, problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } })),
    );
  }
  return app;
};
