import { Hono } from 'hono';
import { readinessOf } from '../../platform/health.ts';
import { json, notFound, onError, toResponse } from '../http/respond.ts';
import { API_OPERATIONS } from '../routes/api.ts';
import { honoPath } from '../routes/route.ts';
import { type ApiDeps, bind, type Handlers, naming } from './bind.ts';
import { FLAG_CORS, FLAG_PREFLIGHT } from './ofrep/flag.ts';
import { flagHandlers } from './ofrep/routes.ts';
import { actHandlers, changeHandlers, redactionHandlers } from './operations/changes.ts';
import { featureHandlers } from './operations/features.ts';
import { noticeHandlers } from './operations/notices.ts';
import { observationHandlers } from './operations/observations.ts';
import { ruleHandlers } from './operations/rules.ts';
import { accessHandlers, formHandlers, vendorHandlers } from './operations/vendors.ts';

/**
 * Ignores query parameters, since monitors add their own. `/readyz` is 200 if answers are right and decisions possible; a gate without a
 * policy is ready, and answers `false`.
 */
const healthHandlers = ({ health }: ApiDeps): Pick<Handlers, '/healthz' | '/readyz'> => ({
  '/healthz': { GET: { answer: async () => json({ status: 'ok' }) } },
  '/readyz': {
    GET: {
      answer: async () => {
        const readiness = readinessOf(await health());
        return json(readiness, readiness.status === 'ready' ? 200 : 503);
      },
    },
  },
});

const handlersOf = (deps: ApiDeps): Handlers => ({
  ...noticeHandlers(deps),
  ...flagHandlers(deps),
  ...featureHandlers(deps),
  ...observationHandlers(deps),
  ...actHandlers(deps),
  ...changeHandlers(deps),
  ...vendorHandlers(deps),
  ...formHandlers(deps),
  ...ruleHandlers(deps),
  ...redactionHandlers(deps),
  ...accessHandlers(deps),
  ...healthHandlers(deps),
});

const BROWSERS_MAY_ASK = [
  '/ofrep/v1/evaluate/flags',
  '/ofrep/v1/evaluate/flags/{key+}',
] as const satisfies readonly (keyof typeof API_OPERATIONS)[];

export const apiApp = (deps: ApiDeps): Hono => {
  const app = new Hono();
  const named = naming(deps);
  // Refusals carry CORS headers too: a page that cannot read one sees a network failure and keeps its last answer.
  app.use('/ofrep/*', async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(FLAG_CORS)) context.res.headers.set(name, value);
  });
  for (const path of BROWSERS_MAY_ASK)
    app.options(honoPath(path), () =>
      named(toResponse({ status: 204, headers: { allow: 'POST, OPTIONS', ...FLAG_PREFLIGHT }, body: '' })),
    );
  bind(app, API_OPERATIONS, handlersOf(deps), deps);
  app.notFound(() => named(notFound()));
  const answerError = onError(deps.logger);
  app.onError((error, context) => named(answerError(error, context)));
  return app;
};
