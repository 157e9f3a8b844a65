import type { Hono } from 'hono';
import type { SiteDeps } from './deps.ts';
import { FONTS } from './fonts.ts';
import { linkRoutes } from './official/decide/routes.ts';
import { deskRoutes } from './official/desk/routes.ts';
import { inboxRoutes } from './official/inbox/routes.ts';
import { packetRoutes } from './official/packet/page.ts';
import { vendorFormRoutes } from './official/vendorForm/routes.ts';
import { weeklyRoutes } from './official/weekly/routes.ts';
import { worklistRoutes } from './official/worklist/routes.ts';
import { pagesApp, type Route } from './pagesApp.ts';
import { SITE_ICON } from './parts/chip.ts';
import { calendarPage } from './public/calendar.ts';
import { calendarFile } from './public/calendarFile.ts';
import { changePage } from './public/change.ts';
import { checkPage } from './public/check.ts';
import { featurePage } from './public/feature.ts';
import { atomFeed } from './public/feed.ts';
import { numbersPage } from './public/numbers.ts';
import { outboxJson, outboxPage } from './public/outbox.ts';
import { proofPage } from './public/proof.ts';
import { registerPage } from './public/register.ts';
import { rulesPage } from './public/rules.ts';
import { vendorPage } from './public/vendor.ts';
import { PASSKEY_SCRIPT, PASSKEY_SCRIPT_PATH } from './script/passkeys.ts';
import { STYLE, STYLE_PATH } from './style.ts';

/** The public register: what everybody may read, in every form it has. */
export const registerRoutes = (route: Route, deps: SiteDeps): void => {
  route('/', { GET: (context) => registerPage(deps, context) });
  route('/numbers', { GET: (context) => numbersPage(deps, context) });
  route('/vendors/:id', { GET: (context) => vendorPage(deps, context) });
  route('/features/:key', { GET: (context) => featurePage(deps, context) });
  route('/features/:key/proof', { GET: (context) => proofPage(deps, context) });
  route('/changes/:key/:n', { GET: (context) => changePage(deps, context) });
  route('/calendar', { GET: (context) => calendarPage(deps, context) });
  route('/calendar.ics', { GET: (context) => calendarFile(deps, context) });
  route('/feed.atom', { GET: (context) => atomFeed(deps, context) });
};

const FOREVER = 'public, max-age=31536000, immutable';
const A_DAY = 'public, max-age=86400';

const publicRoutes = (route: Route, deps: SiteDeps): void => {
  const { outbox, verifier } = deps;
  route(STYLE_PATH, {
    GET: (context) => context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': FOREVER }),
  });
  for (const { path, bytes } of FONTS)
    route(path, { GET: (context) => context.body(bytes, 200, { 'Content-Type': 'font/woff2', 'Cache-Control': FOREVER }) });
  route(PASSKEY_SCRIPT_PATH, {
    GET: (context) =>
      context.body(PASSKEY_SCRIPT, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': FOREVER }),
  });
  route('/assets/icon.svg', {
    GET: (context) => context.body(SITE_ICON, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': A_DAY }),
  });
  if (verifier !== undefined)
    route('/aldergate-verify.mjs', {
      GET: (context) =>
        context.body(verifier.bytes, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' }),
    });
  route('/check', { GET: (context) => checkPage(deps, context) });
  route('/rules', { GET: (context) => rulesPage(deps, context) });
  if (outbox === undefined) return;
  route('/dev/outbox', { GET: (context) => outboxPage(deps, outbox, context) });
  route('/dev/outbox.json', { GET: () => outboxJson(outbox) });
};

/** The site: pages for officials behind their links, and for the public. Needs no scripts and sets no cookies. */
export const siteApp = (deps: SiteDeps): Hono => {
  const { app, route } = pagesApp(deps);
  publicRoutes(route, deps);
  registerRoutes(route, deps);
  packetRoutes(route, deps);
  linkRoutes(route, deps);
  inboxRoutes(route, deps);
  deskRoutes(route, deps);
  worklistRoutes(route, deps);
  vendorFormRoutes(route, deps);
  weeklyRoutes(route, deps);
  return app;
};
