import type { Context } from 'hono';
import type { CityIdentity } from '../../gate/ports.ts';
import { LANGUAGES, type Language, languageOf } from '../../platform/catalogue.ts';
import { empty, type Html, html, join } from './html.ts';
import { type Locale, localeOf, preferredLanguage, type Trial } from './locale.ts';
import { PASSKEY_SCRIPT_PATH } from './script/passkeys.ts';
import { FONTS, fontPath, STYLE_PATH } from './style.ts';
import { CATALOGUES } from './words.ts';

/** Pages load the site's own stylesheet, images and fonts only, submit forms to the site only, and cannot be framed. */
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

/** Marks the response as a page with a script. */
const allowScript = (context: Context): void => context.set(SCRIPTED, true);

/** Sets the headers of every response. `url`: the gate's address; HSTS is set only if it is https. */
export const secure = (context: Context, url: string): void => {
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

/**
 * A page's own content; the frame is the same for all. `here`: the menu entry it belongs to; `refused`: what its title begins with where a form
 * was refused and it is not that nothing was recorded.
 */
export interface HtmlPage {
  readonly title: string;
  readonly body: Html;
  readonly wide?: boolean;
  readonly scripted?: boolean;
  readonly here?: 'register' | 'calendar' | 'rules';
  readonly refused?: string;
  readonly status?: 200 | 400 | 401 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 429 | 451 | 500 | 503;
}

export const nameCity = (context: Context, city: CityIdentity): void => context.set('city', city);

const cityOf = (context: Context): CityIdentity => {
  const city = context.get('city') as CityIdentity | undefined;
  if (city === undefined) throw new Error('broken invariant: a page is rendered outside pagesApp');
  return city;
};

/** Returns the language under test if it is asked for. Only who calls `fetch` of an app can put one into its environment. */
const trialOf = (context: Context): Trial | undefined => {
  const trial = (context.env as { readonly trial?: Trial } | undefined)?.trial;
  return context.req.query('lang') === trial?.language ? trial : undefined;
};

/**
 * Returns the locale of a page: the language asked for in its address, else the reader's own, else the browser's, else English.
 */
export const localeFor = (context: Context, zone: string, now: string, own?: string): Locale => {
  const tried = trialOf(context);
  if (tried !== undefined) return localeOf(tried, zone, now);
  const asked = languageOf(context.req.query('lang'));
  return localeOf(asked ?? languageOf(own) ?? preferredLanguage(context.req.header('accept-language')) ?? 'en', zone, now);
};

/** Returns a path of the site with `?lang=` if the request has it. */
export const linkIn = (context: Context, path: string): string => {
  const asked = trialOf(context)?.language ?? languageOf(context.req.query('lang'));
  if (asked === undefined) return path;
  const [address = '', anchor] = path.split('#', 2);
  return `${address}${address.includes('?') ? '&' : '?'}lang=${asked}${anchor === undefined ? '' : `#${anchor}`}`;
};

/**
 * Returns the page's own path in another language; after a POST, the path of the link. Leading slashes are collapsed, since a
 * path that begins with two would lead to another host.
 */
const inLanguage = (context: Context, language: Language): string => {
  const url = new URL(context.req.url);
  url.searchParams.set('lang', language);
  const path = context.req.method === 'POST' ? url.pathname.replace(/^(\/d\/[^/]+)\/.*$/, '$1') : url.pathname;
  return `${path.replace(/^\/+/, '/')}${url.search}`;
};

const menu = (context: Context, { words }: Locale, here: HtmlPage['here']): Html => {
  const entry = (name: 'register' | 'calendar' | 'rules', path: string): Html =>
    html`<a href="${linkIn(context, path)}"${here === name ? html` aria-current="page"` : empty}>${words.nav[name]}</a>`;
  return html`<nav aria-label="${words.navigation}">${entry('register', '/')}${entry('calendar', '/calendar')}${entry('rules', '/rules')}</nav>`;
};

/** Reports whether a page is the worklist: it needs a token, so it is not public, and its address is no secret. */
const isWorklist = (context: Context): boolean => context.req.path === '/worklist';

const isOwn = (context: Context): boolean => isWorklist(context) || /^\/(?:[dmn]|dev)\//.test(context.req.path);

/** Longest page title in a browser's title bar, in characters. */
const TITLE_MAX = 56;

/** Returns what a title begins with where a form was refused, as its page says it first. */
const refusal = ({ words: { problem } }: Locale, { title, status, refused = problem.heading }: HtmlPage): string =>
  (status === 409 || status === 422) && !title.startsWith(refused) ? `${refused}: ` : '';

/** Shortens a title: a vendor's may have 200 characters, and tabs show the beginning. */
const short = (title: string): string => {
  const characters = [...title];
  return characters.length > TITLE_MAX
    ? `${characters
        .slice(0, TITLE_MAX - 1)
        .join('')
        .trimEnd()}…`
    : title;
};

const footerCity = (context: Context, { words, say, zoneName }: Locale): Html => {
  const { name, contact } = cityOf(context);
  const ask = contact === undefined ? empty : html` ${say(words.cityContact, { contact: contactLink(contact) })}`;
  return html`<p>${say(words.cityPage, { city: html`<b translate="no">${name}</b>` })} ${say(words.timeZone, { zone: zoneName })}${ask}</p>`;
};

/** A mail or web address in a text. */
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

const otherLanguages = (context: Context, { language }: Locale): Html =>
  join(
    LANGUAGES.filter((other) => other !== language).map(
      (other) =>
        html`<a class="lang" href="${inLanguage(context, other)}" hreflang="${other}" lang="${other}">${CATALOGUES[other].language}</a>`,
    ),
  );

export const render = (context: Context, locale: Locale, page: HtmlPage): Response | Promise<Response> => {
  const { title, body, wide, here, scripted, status = 200 } = page;
  const { words, language } = locale;
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
${FONTS.map((file) => html`<link rel="preload" href="${fontPath(file)}" as="font" type="font/woff2" crossorigin>`)}
<link rel="stylesheet" href="${STYLE_PATH}">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
${isOwn(context) ? empty : html`<link rel="alternate" href="${linkIn(context, '/feed.atom')}" type="application/atom+xml" title="${words.feed.title}">`}
${scripted === true ? html`<script src="${PASSKEY_SCRIPT_PATH}"></script>` : empty}
</head>
<body>
<a class="skip" href="#main">${words.skip}</a>
<header class="bar"><a class="home" href="${linkIn(context, '/')}">${words.site} <span class="city" translate="no">${cityOf(context).name}</span></a>${menu(context, locale, here)}${otherLanguages(context, locale)}</header>
<main id="main" tabindex="-1"${wide === true ? html` class="wide"` : empty}>
${body}
</main>
<footer>${footerCity(context, locale)}${status === 404 || isWorklist(context) ? empty : html`<p>${isOwn(context) ? words.footerOwn : words.footer}</p>`}<p><a href="${linkIn(context, '/check')}">${words.checkIt}</a> <a href="${linkIn(context, '/worklist')}">${words.worklist.title}</a> <a href="${linkIn(context, '/docs')}">${words.developers}</a> <a href="${linkIn(context, '/accessibility')}">${words.accessibility.title}</a> <a href="${linkIn(context, '/privacy')}">${words.privacy.title}</a></p></footer>
</body>
</html>
`,
    status,
  );
};
