import type { Context, Hono } from 'hono';
import { SITE_PAGES } from '../routes/pages.ts';
import { siteAssets } from './assets.ts';
import type { SiteDeps } from './deps.ts';
import { linkRoutes } from './official/decide/routes.ts';
import { togetherRoutes } from './official/decide/together.ts';
import { deskRoutes } from './official/desk/page.ts';
import { inboxRoutes } from './official/inbox.ts';
import { packetRoutes } from './official/packet.ts';
import { vendorFormRoutes } from './official/vendorForm.ts';
import { weeklyRoutes } from './official/weekly.ts';
import { worklistRoutes } from './official/worklist/page.ts';
import { pagesApp } from './page.ts';
import { calendarFile, calendarPage } from './public/calendar.ts';
import { casesPage } from './public/cases.ts';
import { changePage } from './public/change.ts';
import { checkPage } from './public/check.ts';
import { cityPage, outboxJson, outboxPage, securityText } from './public/cityPages.ts';
import { featurePage, proofPage } from './public/feature.ts';
import { atomFeed } from './public/feed.ts';
import { numbersPage } from './public/numbers.ts';
import { registerPage, vendorPage } from './public/register.ts';
import { rulesPage } from './public/rules.ts';

const assetOf =
  (assets: ReturnType<typeof siteAssets>) =>
  (context: Context): Response | Promise<Response> => {
    const found = assets.get(context.req.path);
    if (found === undefined) return context.notFound();
    return context.body(found.body, 200, { 'Content-Type': found.type, 'Cache-Control': found.kept });
  };

const verifierFile = async (deps: SiteDeps, context: Context): Promise<Response> => {
  const verifier = await deps.verifier();
  if (verifier === undefined) return context.notFound();
  return context.body(verifier.bytes, 200, { 'Content-Type': 'text/javascript; charset=utf-8', 'Cache-Control': 'no-cache' });
};

export const siteApp = (deps: SiteDeps): Hono => {
  const asset = assetOf(siteAssets());
  return pagesApp(deps, SITE_PAGES, {
    '/': { GET: (context) => registerPage(deps, context) },
    '/numbers': { GET: (context) => numbersPage(deps, context) },
    '/on-without-permission': { GET: (context) => casesPage(deps, context) },
    '/vendors/{id}': { GET: (context) => vendorPage(deps, context) },
    '/features/{key}': { GET: (context) => featurePage(deps, context) },
    '/features/{key}/proof': { GET: (context) => proofPage(deps, context) },
    '/changes/{key}/{n}': { GET: (context) => changePage(deps, context) },
    '/calendar': { GET: (context) => calendarPage(deps, context) },
    '/calendar.ics': { GET: (context) => calendarFile(deps, context) },
    '/feed.atom': { GET: (context) => atomFeed(deps, context) },
    '/rules': { GET: (context) => rulesPage(deps, context) },
    '/check': { GET: (context) => checkPage(deps, context) },
    '/assets/{file}': { GET: asset },
    '/favicon.ico': { GET: asset },
    '/robots.txt': { GET: asset },
    '/accessibility': { GET: cityPage(deps, 'accessibility') },
    '/privacy': { GET: cityPage(deps, 'privacy') },
    '/.well-known/security.txt': { GET: (context) => securityText(deps, context) },
    '/aldergate-verify.mjs': { GET: (context) => verifierFile(deps, context) },
    '/dev/outbox': { GET: (context) => outboxPage(deps, context) },
    '/dev/outbox.json': { GET: (context) => outboxJson(deps, context) },
    ...packetRoutes(deps),
    ...linkRoutes(deps),
    ...inboxRoutes(deps),
    ...togetherRoutes(deps),
    ...deskRoutes(deps),
    ...worklistRoutes(deps),
    ...vendorFormRoutes(deps),
    ...weeklyRoutes(deps),
  });
};
