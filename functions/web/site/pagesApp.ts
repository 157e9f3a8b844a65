import { type Context, Hono } from 'hono';
import { problemAnswer } from '../http/problems.ts';
import type { SITE_PAGES } from '../routes/pages.ts';
import { allowedMethods, honoPath, type PageTable } from '../routes/route.ts';
import type { PagesDeps } from './deps.ts';
import { failure, onSiteError } from './failure.ts';
import { secure } from './headers.ts';
import { nameCity } from './page.ts';

export type Handler = (context: Context) => Response | Promise<Response>;

/** One handler for each method of each page of a table: the compiler demands that none is missing. */
export type PageHandlers<Table extends PageTable> = {
  readonly [Path in keyof Table]: { readonly [M in keyof Table[Path]]: Handler };
};

/** The handlers of the site; each folder of pages supplies its own. */
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
