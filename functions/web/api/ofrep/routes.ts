import type { Context } from 'hono';
import { readBody } from '../../http/body.ts';
import type { Credentials } from '../../http/credentials.ts';
import { toResponse } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { evaluateAll } from './bulk.ts';
import { CONTEXT_BYTES_MAX } from './context.ts';
import { FLAG_CORS } from './cors.ts';
import { FLAG_PATH, flagEvaluator } from './evaluateFlag.ts';

type Route = (path: string, method: 'POST', handler: (context: Context) => Promise<Response>) => void;

const answered = (answer: Parameters<typeof toResponse>[0]): Response =>
  toResponse({ ...answer, headers: { ...FLAG_CORS, ...answer.headers } });

/** The two routes of OFREP 0.3. What stands after the prefix is a key, whatever it is: one that is none is off. */
export const flagRoutes = (route: Route, deps: ApiDeps, authenticate: Credentials): void => {
  const evaluate = flagEvaluator(deps, authenticate);
  route('/ofrep/v1/evaluate/flags', 'POST', async ({ req }) => {
    const caller = await authenticate((name) => req.header(name), 'state:read');
    const body = await readBody(req.raw, CONTEXT_BYTES_MAX);
    const contentType = req.header('content-type') ?? null;
    return answered(await evaluateAll(deps, { caller, contentType, body, ifNoneMatch: req.header('if-none-match') }));
  });
  route(`${FLAG_PATH}:key{.+}`, 'POST', async ({ req }) =>
    answered(
      await evaluate({
        key: req.param('key') ?? '',
        header: (name) => req.header(name),
        body: () => readBody(req.raw, CONTEXT_BYTES_MAX),
      }),
    ),
  );
};
