import { type Context, Hono } from 'hono';
import { problemAnswer } from '../http/problems.ts';
import type { PagesDeps } from './deps.ts';
import { failure, onSiteError } from './failure.ts';
import { secure } from './headers.ts';
import { tryLanguage } from './page.ts';

export type Handler = (context: Context) => Response | Promise<Response>;

/** Adds an address with what it does by method; HEAD goes wherever GET does, every other method is answered 405. */
export type Route = (path: string, methods: Readonly<Partial<Record<'GET' | 'POST', Handler>>>) => void;

/** An app without an address yet, in the frame of the site: its headers on every answer, and what goes wrong told as a page. */
export const pagesApp = (deps: PagesDeps): { readonly app: Hono; readonly route: Route } => {
  const app = new Hono();
  app.use(async (context, next) => {
    tryLanguage(context, deps.trial);
    await next();
    secure(context, deps.ports.url);
  });
  app.notFound((context) => failure(deps, context, problemAnswer('not-found', { detail: 'no page has this address' })));
  app.onError(onSiteError(deps));
  const route: Route = (path, methods) => {
    for (const [method, handler] of Object.entries(methods)) app.on(method, path, handler);
    const allow = [...Object.keys(methods), ...('GET' in methods ? ['HEAD'] : [])].join(', ');
    app.all(path, (context) =>
      failure(deps, context, problemAnswer('method-not-allowed', { detail: `allowed here: ${allow}`, headers: { allow } })),
    );
  };
  return { app, route };
};
