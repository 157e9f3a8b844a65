import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { credentials } from '../http/credentials.ts';
import { json, notFound, onError, onlyMethods, toResponse } from '../http/respond.ts';
import type { ApiDeps } from './deps.ts';
import { FLAG_PREFLIGHT } from './ofrep/cors.ts';
import { flagRoutes } from './ofrep/routes.ts';
import { adminRoutes } from './routes/admin.ts';
import { getChange, getChanges } from './routes/changes.ts';
import { getFeature, getFeatures } from './routes/features.ts';
import { getHistory } from './routes/history.ts';
import { postIntake } from './routes/intake.ts';
import { postNotice } from './routes/notices.ts';
import { postObservation } from './routes/observations.ts';
import { postRedaction } from './routes/redactions.ts';
import { postWithdrawal } from './routes/withdraw.ts';

type Handler = (context: Context) => Promise<Response>;

/** Whether an address is the API's; every other one is the site's. */
export const isApiPath = (path: string): boolean => /^\/(?:(?:v1|ofrep)(?:\/|$)|(?:openapi\.json|healthz|readyz)$)/.test(path);

/** 200 if the gate can do all its work, else 503 with what is wrong. A gate without a policy is ready: its answers are `false`. */
const ready =
  ({ health, log }: ApiDeps): Handler =>
  async () => {
    const problems = await health();
    if (problems.length === 0) return json({ status: 'ready' });
    log({ level: 'error', event: 'not ready', problems });
    return json({ status: 'not-ready', problems }, 503);
  };

/** The header of every answer that names the newest published checkpoint of the public log, by its size. */
const CHECKPOINT_HEADER = 'aldergate-checkpoint';

/** Absent while nothing is published. Lists and first answers to notices have it here alone: their bodies never change. */
const namesCheckpoint =
  ({ checkpoint }: ApiDeps): MiddlewareHandler =>
  async (context, next) => {
    await next();
    const size = checkpoint?.();
    if (size !== undefined) context.header(CHECKPOINT_HEADER, size);
  };

/** The API: vendors' notices, the city's questions. Every answer is JSON, problems included; knows nothing of pages. */
export const apiApp = (deps: ApiDeps): Hono => {
  const app = new Hono();
  app.use(namesCheckpoint(deps));
  const authenticate = deps.authenticate ?? credentials(deps.ports.sideStore);
  const route = (path: string, method: 'GET' | 'POST', handler: Handler): void => {
    app.on(method, path, handler);
    app.all(path, onlyMethods(method));
  };
  app.options('/ofrep/v1/evaluate/flags/*', () =>
    toResponse({ status: 204, headers: { allow: 'POST, OPTIONS', ...FLAG_PREFLIGHT }, body: '' }),
  );
  flagRoutes(route, deps, authenticate);
  route('/v1/notices', 'POST', postNotice(deps));
  route('/v1/intake', 'POST', postIntake(deps, authenticate));
  route('/v1/observations', 'POST', postObservation(deps, authenticate));
  route('/v1/features', 'GET', getFeatures(deps, authenticate));
  route('/v1/features/:key', 'GET', getFeature(deps, authenticate));
  route('/v1/features/:key/history', 'GET', getHistory(deps, authenticate));
  route('/v1/features/:key/redactions', 'POST', postRedaction(deps, authenticate));
  route('/v1/changes', 'GET', getChanges(deps, authenticate));
  route('/v1/changes/:key/:n', 'GET', getChange(deps, authenticate));
  route('/v1/changes/:key/:n/withdraw', 'POST', postWithdrawal(deps));
  if (deps.document !== undefined) route('/openapi.json', 'GET', async () => json(deps.document));
  route('/healthz', 'GET', async () => json({ status: 'ok' }));
  route('/readyz', 'GET', ready(deps));
  adminRoutes(
    (path, handlers) => {
      for (const [method, handler] of Object.entries(handlers)) app.on(method, path, handler);
      app.all(path, onlyMethods(...Object.keys(handlers)));
    },
    deps,
    authenticate,
  );
  app.notFound(() => notFound());
  app.onError(onError(deps.log));
  return app;
};
