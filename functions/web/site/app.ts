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
import { pagesApp } from './pagesApp.ts';
import { SITE_ICON } from './parts/icon.ts';
import { checkPage } from './public/check.ts';
import { outboxJson, outboxPage } from './public/outbox.ts';
import { registerRoutes } from './public/registerRoutes.ts';
import { rulesPage } from './public/rules.ts';
import type { Route } from './route.ts';
import { PASSKEY_SCRIPT, PASSKEY_SCRIPT_PATH } from './script/passkeys.ts';
import { STYLE, STYLE_PATH } from './style.ts';

const FOREVER = 'public, max-age=31536000, immutable';
const A_DAY = 'public, max-age=86400';

const publicRoutes = (route: Route, deps: SiteDeps): void => {
  const { outbox } = deps;
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
