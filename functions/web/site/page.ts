import { type Context, Hono } from 'hono';
import { featureStream, POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { DatedRoster } from '../../../domain/roster/holders.ts';
import type { CityIdentity } from '../../gate/ports.ts';
import { readRules, rostersUpTo } from '../../gate/rules.ts';
import { fillText } from '../../platform/catalogue.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import { LANGUAGES, type Language, languageOf } from '../../platform/words/tags.ts';
import { type Answer, PROBLEMS, type ProblemCode, type ProblemKind, problemAnswer, problemType } from '../http/problems.ts';
import { errorAnswer, toResponse } from '../http/respond.ts';
import { allowedMethods, honoPath, type PageTable } from '../routes/route.ts';
import { PASSKEY_SCRIPT_PATH, STYLE_PATH } from './assets.ts';
import type { PagesDeps, SiteDeps } from './deps.ts';
import { hidden, sentText, wantsPage } from './forms.ts';
import { empty, type Html, html, join } from './html.ts';
import type { Person } from './links.ts';
import {
  CATALOGUES,
  type CityLocale,
  hrefIn,
  type Locale,
  localeOf,
  preferredLanguage,
  type Trial,
  withRoster,
} from './locale.ts';

/** Pages load only the site's own stylesheet, images and fonts, submit forms only to the site, and cannot be framed. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Browser features that no page uses, denied so that injected content could not use them either. */
const PERMISSIONS = ['camera', 'display-capture', 'geolocation', 'microphone', 'midi', 'payment', 'serial', 'usb']
  .map((name) => `${name}=()`)
  .join(', ');

const SCRIPTED_POLICY = `${POLICY}; script-src 'self'`;
const SCRIPTED = 'scripted';

const allowScript = (context: Context): void => context.set(SCRIPTED, true);

/** HSTS is set only if the gate's address is https. */
const secure = (context: Context, url: string): void => {
  const links = /^\/(?:[dn]\/|worklist$)/.test(context.req.path) || context.req.path.startsWith('/m/');
  context.header('Content-Security-Policy', context.get(SCRIPTED) === true ? SCRIPTED_POLICY : POLICY);
  context.header('Referrer-Policy', links ? 'same-origin' : 'strict-origin-when-cross-origin');
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('X-Frame-Options', 'DENY');
  context.header('Cross-Origin-Opener-Policy', 'same-origin');
  context.header('Cross-Origin-Resource-Policy', 'same-origin');
  context.header('Permissions-Policy', PERMISSIONS);
  if (links) context.header('X-Robots-Tag', 'noindex, nofollow');
  if (url.startsWith('https://')) context.header('Strict-Transport-Security', 'max-age=31536000');
};

/** `here`: the menu entry it belongs to; `refused`: begins the title if a form was refused in part. */
export interface HtmlPage {
  readonly title: string;
  readonly body: Html;
  readonly wide?: boolean;
  readonly scripted?: boolean;
  readonly here?: 'register' | 'calendar' | 'rules';
  readonly refused?: string;
  readonly status?: 200 | ProblemKind['status'];
}

const nameCity = (context: Context, city: CityIdentity): void => context.set('city', city);

const cityOf = (context: Context): CityIdentity => {
  const city = context.get('city') as CityIdentity | undefined;
  if (city === undefined) throw new Error('broken invariant: a page is rendered outside pagesApp');
  return city;
};

/** Only the caller of an app's `fetch` can set it in the environment. */
const trialOf = (context: Context): Trial | undefined => {
  const trial = (context.env as { readonly trial?: Trial } | undefined)?.trial;
  return context.req.query('lang') === trial?.language ? trial : undefined;
};

const askedIn = (context: Context): Language | undefined => languageOf(context.req.query('lang'));

/** Returns the locale in the language of the address, else the reader's own, else the browser's, else English. */
export const localeFor = (context: Context, zone: string, now: string, own?: string): Locale => {
  const asked = trialOf(context) ?? askedIn(context);
  if (typeof asked === 'object') return localeOf(asked, zone, now, asked.language);
  return localeOf(asked ?? languageOf(own) ?? preferredLanguage(context.req.header('accept-language')) ?? 'en', zone, now, asked);
};

/** Returns the locale in the language of a link's person. `rosters`: see {@link CityLocale}. */
export const localeOfPerson = (
  context: Context,
  { zone, now, roster, link }: Pick<Person, 'zone' | 'now' | 'roster' | 'link'>,
  rosters?: readonly DatedRoster[],
): CityLocale => {
  const own = roster?.holders.find(({ id }) => id === link.holder)?.language;
  return withRoster(localeFor(context, zone, now, own), roster, rosters);
};

export const localeAt = ({ ports }: Pick<PagesDeps, 'ports'>, context: Context): Locale =>
  localeFor(context, ports.zone, ports.clock());

/** Returns the locale of a request with the names of the roster in force and of earlier ones. */
export const cityLocaleAt = async (deps: SiteDeps, context: Context): Promise<CityLocale> => {
  const { roster } = await readRules(deps.ports);
  return withRoster(localeAt(deps, context), roster?.roster, await rostersUpTo(deps.ports, roster));
};

const isRestored = (error: unknown): boolean => error instanceof CorruptStore && error.code === 'restored';

const restoredText = ({ words, href }: Locale): Html =>
  html`${words.restored} <a href="${href('/rules#officials')}">${words.restoredBy}</a>`;

/** Renders the note that nothing is on, whatever else the page shows, because the gate was restored from a backup. */
export const restoredNote = async ({ ports: { store } }: SiteDeps, locale: Locale): Promise<Html> => {
  const found = await ifReadable<unknown, boolean>(store.head(featureStream(POLICY_KEY)), isRestored);
  return found === true ? html`<p class="note">${restoredText(locale)}</p>` : empty;
};

/** Returns a path with `?lang=` if the request has it. */
export const linkIn = (context: Context, path: string): string => hrefIn(trialOf(context)?.language ?? askedIn(context), path);

/** Returns the page's address in a language. Leading slashes are collapsed: a path that begins with two would lead to another host. */
const inLanguage = (context: Context, language: Language, path: string): string => {
  const url = new URL(context.req.url);
  url.searchParams.set('lang', language);
  return `${path.replace(/^\/+/, '/')}${url.search}`;
};

/** Returns the sent fields if sending them again only shows a filled-in form or a review; else undefined. */
const fieldsAgain = (context: Context): Html | undefined => {
  const sent = new URLSearchParams(sentText(context));
  const { path } = context.req;
  const isForm = (path.startsWith('/n/') && (sent.get('step') ?? '') !== '') || (/^\/d\/[^/]+$/.test(path) && sent.has('edit'));
  const decidesNothing = isForm || /^\/d\/.+\/review$/.test(path);
  return decidesNothing && sent.size > 0 ? html`${[...sent].map(([name, value]) => hidden(name, value))}` : undefined;
};

const menu = (context: Context, { words }: Locale, here: HtmlPage['here']): Html => {
  const entry = (name: 'register' | 'calendar' | 'rules', path: string): Html =>
    html`<a href="${linkIn(context, path)}"${here === name ? html` aria-current="page"` : empty}>${words.nav[name]}</a>`;
  const entries = [entry('register', '/'), entry('calendar', '/calendar'), entry('rules', '/rules')];
  // Browsers without styles would run the links together.
  return html`<nav aria-label="${words.navigation}">${join(entries, ' ')}</nav>`;
};

/** The worklist needs a token, so it is not public, but its address is not a secret. */
const isWorklist = (context: Context): boolean => context.req.path === '/worklist';

const isOwn = (context: Context): boolean => isWorklist(context) || /^\/(?:[dmn]|dev)\//.test(context.req.path);

const TITLE_MAX = 56;
/** Characters kept at the end of a long title, which names its subject. */
const TITLE_END = 20;

const refusal = ({ words: { problem } }: Locale, { title, status, refused = problem.heading }: HtmlPage): string =>
  (status === 409 || status === 422) && !title.startsWith(refused) ? `${refused}: ` : '';

const short = (title: string): string => {
  const characters = [...title];
  if (characters.length <= TITLE_MAX) return title;
  const begin = characters.slice(0, TITLE_MAX - TITLE_END - 1).join('');
  const end = characters.slice(-TITLE_END).join('');
  // Cut at whole words: screen readers read the title first.
  return `${begin.replace(/\s+\S*$/, '')}…${end.replace(/^\S*\s+/, '')}`;
};

const footerCity = (context: Context, { words, say, zoneName }: Locale): Html => {
  const { name, contact } = cityOf(context);
  const ask = contact === undefined ? empty : html` ${say(words.cityContact, { contact: contactLink(contact) })}`;
  const page = say(words.cityPage, { city: html`<b translate="no">${name}</b>` });
  return html`<p>${page} ${say(words.timeZone, { zone: zoneName })}${ask}</p>`;
};

export const CONTACT_LINK = /([^\s@,;()<>]+@[^\s@,;()<>]+\.[^\s@,;()<>]+|https:\/\/[^\s,;()<>]+)/;

export const contactLink = (contact: string): Html => {
  const parts = contact.split(CONTACT_LINK).map((part, index) => {
    if (index % 2 === 0) return html`${part}`;
    return html`<a href="${part.includes('@') ? `mailto:${part}` : part}">${part}</a>`;
  });
  return html`<span translate="no">${parts}</span>`;
};

export const seeOther = (context: Context, path: string): Response => {
  context.header('Cache-Control', 'no-store');
  return context.redirect(linkIn(context, path), 303);
};

/** Renders the language links. They keep what was entered if possible; otherwise, after a POST, they lead to the page of the link. */
const otherLanguages = (context: Context, { language }: Locale): Html => {
  const { method, path } = context.req;
  const fields = fieldsAgain(context);
  const page = method === 'POST' ? path.replace(/^(\/d\/[^/]+)\/.*$/, '$1') : path;
  const others = LANGUAGES.filter((other) => other !== language).map((other) => {
    const name = CATALOGUES[other].language;
    return fields === undefined
      ? html`<a class="lang" href="${inLanguage(context, other, page)}" hreflang="${other}" lang="${other}">${name}</a>`
      : html`<form class="lang" method="post" action="${inLanguage(context, other, path)}">${fields}<button type="submit" lang="${other}">${name}</button></form>`;
  });
  return join(others);
};

const feedLink = (context: Context, { words }: Locale): Html => {
  const href = linkIn(context, '/feed.atom');
  return html`<link rel="alternate" href="${href}" type="application/atom+xml" title="${words.feed.title}">`;
};

const bar = (context: Context, locale: Locale, here: HtmlPage['here']): Html => {
  const city = html`<span class="city" translate="no">${cityOf(context).name}</span>`;
  const home = html`<a class="home" href="${linkIn(context, '/')}">${locale.words.site} ${city}</a>`;
  return html`<header class="bar">${home} ${menu(context, locale, here)} ${otherLanguages(context, locale)}</header>`;
};

/** Renders links to the other pages of a link's person. */
export const ownNav = ({ words, href }: Locale, pages: readonly (readonly [path: string, name: string])[]): Html => html`
<nav aria-label="${words.decide.mine}"><ul class="plain own">${pages.map(
  ([path, name]) => html`<li><a href="${href(path)}">${name}</a></li>`,
)}</ul></nav>`;

const footer = (context: Context, locale: Locale, status: HtmlPage['status']): Html => {
  const { words } = locale;
  const about = html`<p>${isOwn(context) ? words.footerOwn : words.footer}</p>`;
  return html`<footer>${footerCity(context, locale)}${status !== 404 && !isWorklist(context) && about}
<p><a href="${linkIn(context, '/check')}">${words.check.title}</a>
<a href="${linkIn(context, '/worklist')}">${words.worklist.title}</a>
<a href="${linkIn(context, '/docs')}">${words.developers}</a>
<a href="${linkIn(context, '/accessibility')}">${words.accessibility.title}</a>
<a href="${linkIn(context, '/privacy')}">${words.privacy.title}</a></p></footer>`;
};

export const render = (context: Context, locale: Locale, page: HtmlPage): Response | Promise<Response> => {
  const { title, body, wide, here, scripted, status = 200 } = page;
  const { language } = locale;
  context.header('Cache-Control', 'no-store');
  context.header('Content-Language', language);
  context.header('Vary', 'Accept-Language');
  if (scripted === true) allowScript(context);
  return context.html(
    html`<!doctype html>
<html lang="${language}" dir="${locale.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${short(`${refusal(locale, page)}${title}`)} · ${cityOf(context).name}</title>
<meta name="color-scheme" content="light dark">
<meta name="theme-color" content="#fbf9f4" media="(prefers-color-scheme: light)">
<meta name="theme-color" content="#141713" media="(prefers-color-scheme: dark)">
<link rel="stylesheet" href="${STYLE_PATH}">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
${!isOwn(context) && feedLink(context, locale)}
${scripted && html`<script src="${PASSKEY_SCRIPT_PATH}"></script>`}
</head>
<body>
<a class="skip" href="#main">${locale.words.skip}</a>
${bar(context, locale, here)}
<main id="main" tabindex="-1"${wide && html` class="wide"`}>
${body}
</main>
${footer(context, locale, status)}
</body>
</html>
`,
    status,
  );
};

const OWN_PAGE = /^\/[dmn]\/[^/]+/;

const isBehindLink = (context: Context): boolean => OWN_PAGE.test(context.req.path);

export const askLine = ({ words, say }: Locale, { name, contact }: CityIdentity): Html =>
  contact === undefined
    ? say(words.problem.linkAskClerk, { city: html`<b translate="no">${name}</b>` })
    : say(words.problem.linkAsk, { contact: contactLink(contact) });

/** Returns the page for a dead link. `form`: requests new links. */
export const deadLink = (locale: Locale, city: CityIdentity, form: Html = empty): HtmlPage => {
  const { words, say, href } = locale;
  const { linkUnknown: title, linkUnknownLead, linkSteps } = words.problem;
  const where = say(linkSteps.newest, { city: html`<b translate="no">${city.name}</b>` });
  const body = html`<h1>${title}</h1><p class="lead">${linkUnknownLead}</p>${form}
<ol><li>${where}</li><li>${linkSteps.whole}</li><li>${linkSteps.again} ${askLine(locale, city)}</li></ol>
<p><a href="${href('/')}">${words.nav.register}</a></p>`;
  return { title, body, status: 404 };
};

const textOf = (context: Context, { words }: Locale, { status, body }: Answer, url: string): readonly [string, string] => {
  const { problem, past } = words;
  if (body.includes(problemType('future-instant'))) return [past.future, past.futureLead];
  if (body.includes(problemType('disk-low'))) return [problem.full, problem.fullLead];
  if (body.includes(problemType('clock-behind'))) return [problem.clock, problem.clockLead];
  if (body.includes(problemType('unreadable-record'))) return [problem.unreadable, problem.unreadableLead];
  if (status === 403) return [problem.heading, fillText(problem.origin, { url })];
  if (status === 404) return [problem.notFound, problem.notFoundLead];
  if (status === 405) return [problem.method, isBehindLink(context) ? '' : problem.notFoundLead];
  if (status === 413) return [problem.heading, problem.tooLarge];
  if (status === 415) return [problem.heading, problem.mediaType];
  const known = Object.entries(problem.code).find(([code]) => body.includes(`"${problemType(code as ProblemCode)}"`))?.[1];
  if (known === undefined && status === 429) return [problem.busy, problem.errorLead];
  if (known !== undefined || (context.req.method === 'POST' && status < 500))
    return [problem.heading, known ?? problem.field.nonce];
  return status >= 500 ? [problem.error, problem.errorLead] : [problem.badQuery, problem.notFoundLead];
};

/** Answers a browser with an error page and any other client with a problem document. Server errors carry no detail. */
const failure = (
  { ports }: Pick<PagesDeps, 'ports'>,
  context: Context,
  answer: Answer,
  error?: unknown,
): Response | Promise<Response> => {
  if (!wantsPage(context)) return toResponse(answer);
  const locale = localeAt({ ports }, context);
  const { status } = Object.values<ProblemKind>(PROBLEMS).find((known) => known.status === answer.status) ?? PROBLEMS.internal;
  if (status === 404 && isBehindLink(context)) return render(context, locale, deadLink(locale, ports.city));
  const [title, text] = textOf(context, locale, { ...answer, status }, ports.url);
  const lead = isRestored(error) ? restoredText(locale) : text;
  // A form sent from the page of a link is sent again from there, also if its address is loaded anew; one from another address, from the
  // site's own.
  const back = ((context.req.method === 'POST' || status === 405) && OWN_PAGE.exec(context.req.path)?.[0]) || '/';
  const backText = back === '/' ? locale.words.nav.register : locale.words.inbox.back;
  const href = `${status === 403 ? ports.url : ''}${linkIn(context, back)}`;
  for (const name of ['allow', 'retry-after', 'accept'])
    if (answer.headers[name] !== undefined) context.header(name, answer.headers[name]);
  const body = html`<h1>${title}</h1>${lead !== '' && html`<p class="lead">${lead}</p>`}<p><a href="${href}">${backText}</a></p>`;
  return render(context, locale, { title, body, status });
};

const onSiteError =
  (deps: PagesDeps) =>
  (error: unknown, context: Context): Response | Promise<Response> =>
    failure(deps, context, errorAnswer(deps.logger, error, `${context.req.method} ${context.req.routePath}`), error);

export type PageHandler<Deps> = (deps: Deps, context: Context) => Response | Promise<Response>;

type PageHandlers<Deps, Table extends PageTable> = {
  readonly [Path in keyof Table]: { readonly [M in keyof Table[Path]]: PageHandler<Deps> };
};

export const pagesApp = <Deps extends PagesDeps, Table extends PageTable>(
  deps: Deps,
  table: Table,
  handlers: PageHandlers<NoInfer<Deps>, Table>,
): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    nameCity(context, deps.ports.city);
    await next();
    secure(context, deps.ports.url);
  });
  app.notFound((context) => failure(deps, context, problemAnswer('not-found', { detail: 'no page has this address' })));
  app.onError(onSiteError(deps));
  for (const [path, methods] of Object.entries(handlers) as [string, Readonly<Record<string, PageHandler<Deps>>>][]) {
    for (const [method, handler] of Object.entries(methods)) app.on(method, honoPath(path), (context) => handler(deps, context));
    const allow = allowedMethods(table[path] ?? {}).join(', ');
    app.all(honoPath(path), (context) =>
      failure(deps, context, problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } })),
    );
  }
  return app;
};
