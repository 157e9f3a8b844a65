import { type Context, Hono } from 'hono';
import { VendorId } from '../../domain/vendor/keys.ts';
import { badParameter } from '../http/input.ts';
import { problemAnswer } from '../http/problems.ts';
import { linkRoutes } from './decide/routes.ts';
import type { SiteDeps } from './deps.ts';
import { failure, onSiteError } from './failure.ts';
import { secure } from './headers.ts';
import { inboxRoutes } from './inbox/routes.ts';
import { calendarFile, calendarPage } from './pages/calendar.ts';
import { changePage } from './pages/change.ts';
import { featurePage } from './pages/feature.ts';
import { atomFeed } from './pages/feed.ts';
import { outboxJson, outboxPage } from './pages/outbox.ts';
import { registerPage } from './pages/register.ts';
import { rulesPage } from './pages/rules.ts';
import { SITE_ICON } from './parts/icon.ts';
import type { Route } from './route.ts';
import { STYLE, STYLE_PATH } from './style.ts';

const FOREVER = 'public, max-age=31536000, immutable';
const A_DAY = 'public, max-age=86400';

/** One vendor's part of the register; a city's own entries are under `aldergate`. */
const vendorPage = (deps: SiteDeps, context: Context): Promise<Response> => {
  const id = context.req.param('id') ?? '';
  if (id !== 'aldergate' && !VendorId.safeParse(id).success) throw badParameter('id', 'is not the id of a vendor');
  return registerPage(deps, context, id);
};

const publicRoutes = (route: Route, deps: SiteDeps): void => {
  const { outbox } = deps;
  route(STYLE_PATH, {
    GET: (context) => context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': FOREVER }),
  });
  route('/assets/icon.svg', {
    GET: (context) => context.body(SITE_ICON, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': A_DAY }),
  });
  route('/', { GET: (context) => registerPage(deps, context) });
  route('/vendors/:id', { GET: (context) => vendorPage(deps, context) });
  route('/features/:key', { GET: (context) => featurePage(deps, context) });
  route('/changes/:key/:n', { GET: (context) => changePage(deps, context) });
  route('/rules', { GET: (context) => rulesPage(deps, context) });
  route('/calendar', { GET: (context) => calendarPage(deps, context) });
  route('/calendar.ics', { GET: (context) => calendarFile(deps, context) });
  route('/feed.atom', { GET: (context) => atomFeed(deps, context) });
  if (outbox === undefined) return;
  route('/dev/outbox', { GET: (context) => outboxPage(deps, outbox, context) });
  route('/dev/outbox.json', { GET: () => outboxJson(outbox) });
};

/** The site: pages for officials behind their links, and for the public. Needs no scripts and sets no cookies. */
export const siteApp = (deps: SiteDeps): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    secure(context, deps.ports.url);
  });
  const route: Route = (path, methods) => {
    for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
    const allow = [...Object.keys(methods), ...('GET' in methods ? ['HEAD'] : [])].join(', ');
    app.all(path, (context) =>
      failure(deps, context, problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } })),
    );
  };
  publicRoutes(route, deps);
  linkRoutes(route, deps);
  inboxRoutes(route, deps);
  app.notFound((context) => failure(deps, context, problemAnswer('not-found', { detail: 'no page has this address' })));
  app.onError(onSiteError(deps));
  return app;
};
