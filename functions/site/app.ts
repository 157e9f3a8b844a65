import { Hono } from 'hono';
import { problemAnswer } from '../http/problems.ts';
import { linkRoutes } from './decide/routes.ts';
import type { SiteDeps } from './deps.ts';
import { failure, onSiteError } from './failure.ts';
import { secure } from './headers.ts';
import { SITE_ICON } from './parts/icon.ts';
import { STYLE, STYLE_PATH } from './style.ts';

const FOREVER = 'public, max-age=31536000, immutable';

/** The site: pages for officials behind their links, and for the public. Needs no scripts and sets no cookies. */
export const siteApp = (deps: SiteDeps): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    secure(context, deps.ports.url);
  });
  app.get(STYLE_PATH, (context) =>
    context.body(STYLE, 200, { 'Content-Type': 'text/css; charset=utf-8', 'Cache-Control': FOREVER }),
  );
  app.get('/assets/icon.svg', (context) =>
    context.body(SITE_ICON, 200, { 'Content-Type': 'image/svg+xml', 'Cache-Control': 'public, max-age=86400' }),
  );
  linkRoutes(app, deps);
  app.notFound((context) => failure(deps, context, problemAnswer('not-found', { detail: 'no page has this address' })));
  app.onError(onSiteError(deps));
  return app;
};
