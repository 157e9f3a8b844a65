import type { Context } from 'hono';
import type { CityIdentity } from '../../gate/city.ts';
import { type Answer, type ProblemCode, problemType } from '../http/problems.ts';
import { errorAnswer, toResponse } from '../http/respond.ts';
import type { PagesDeps } from './deps.ts';
import { wantsPage } from './forms/guard.ts';
import { empty, fillText, type Html, html } from './html.ts';
import type { Locale } from './locale.ts';
import { contactLink, type HtmlPage, linkIn, localeFor, render } from './page.ts';

const STATUSES = [400, 403, 404, 405, 409, 410, 413, 415, 422, 429, 500, 503] as const;

/** The page of one person: an official's link, a weekly mail's, or a vendor's form. */
const OWN_PAGE = /^\/[dmn]\/[^/]+/;

const isBehindLink = (context: Context): boolean => OWN_PAGE.test(context.req.path);

/** Renders what to do about a link that does not work. */
const deadLink = ({ words, say }: Locale, { name, contact }: CityIdentity): Html => {
  const { newest, whole, again } = words.problem.linkSteps;
  const ask =
    contact === undefined
      ? say(words.problem.linkAskClerk, { city: html`<b translate="no">${name}</b>` })
      : say(words.problem.linkAsk, { contact: contactLink(contact) });
  return html`<ol><li>${say(newest, { city: html`<b translate="no">${name}</b>` })}</li><li>${whole}</li><li>${again} ${ask}</li></ol>`;
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
export const failure = ({ ports }: Pick<PagesDeps, 'ports'>, context: Context, answer: Answer): Response | Promise<Response> => {
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
export const onSiteError =
  (deps: PagesDeps) =>
  (error: unknown, context: Context): Response | Promise<Response> =>
    failure(deps, context, errorAnswer(deps.logger, error, `${context.req.method} ${context.req.routePath}`));
