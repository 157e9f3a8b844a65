import { readBody } from '../../http/body.ts';
import { toResponse } from '../../http/respond.ts';
import { CONTEXT_BYTES_MAX, IT_OPERATIONS } from '../../routes/api/it.ts';
import type { ApiHandlers } from '../bind.ts';
import type { ApiDeps } from '../deps.ts';
import { bulkEvaluator } from './bulk.ts';
import { FLAG_CORS } from './context.ts';
import { flagEvaluator } from './evaluateFlag.ts';

type FlagHandlers = Pick<ApiHandlers<typeof IT_OPERATIONS>, '/ofrep/v1/evaluate/flags' | '/ofrep/v1/evaluate/flags/{key+}'>;

const withCors = (answer: Parameters<typeof toResponse>[0]): Response =>
  toResponse({ ...answer, headers: { ...FLAG_CORS, ...answer.headers } });

/** Serves the two operations of OFREP 0.3. Everything after the prefix is the key; text that is not a valid key is off. */
export const flagHandlers = (deps: ApiDeps): FlagHandlers => {
  const evaluate = flagEvaluator(deps);
  const evaluateAll = bulkEvaluator(deps);
  const { auth } = IT_OPERATIONS['/ofrep/v1/evaluate/flags'].POST;
  return {
    '/ofrep/v1/evaluate/flags': {
      POST: {
        answer: async ({ req }) => {
          const caller = await deps.authenticate((name) => req.header(name), auth);
          const body = await readBody(req.raw, CONTEXT_BYTES_MAX);
          const contentType = req.header('content-type') ?? null;
          return withCors(await evaluateAll({ caller, contentType, body, ifNoneMatch: req.header('if-none-match') }));
        },
      },
    },
    '/ofrep/v1/evaluate/flags/{key+}': {
      POST: {
        answer: async ({ req }) =>
          withCors(
            await evaluate({
              key: req.param('key') ?? '',
              header: (name) => req.header(name),
              body: () => readBody(req.raw, CONTEXT_BYTES_MAX),
            }),
          ),
      },
    },
  };
};
