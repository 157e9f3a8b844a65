import type { Context } from 'hono';
import { checkQuery, NO_QUERY, readBody } from '../../http/input.ts';
import { toResponse } from '../../http/respond.ts';
import { CONTEXT_BYTES_MAX, IT_OPERATIONS } from '../../routes/api/it.ts';
import { handling } from '../bind.ts';
import { bulkEvaluator } from './bulk.ts';
import { STREAMS_HEADER } from './flag.ts';
import { flagdSource } from './flagd.ts';
import { flagEvaluator, keptFlags } from './keptFlags.ts';
import { gateAnswerer } from './status.ts';

/** The request as it was sent, as far as the server exposes it: node:http its target, an AWS HTTP API its parts. */
interface Sent {
  readonly incoming?: { readonly url?: string };
  readonly event?: { readonly rawPath?: string; readonly rawQueryString?: string };
}

/** Returns the request target before any normalisation; undefined if the server does not expose it. */
const targetOf = ({ env }: Context): string | undefined => {
  const { incoming, event } = (env ?? {}) as Sent;
  if (incoming?.url !== undefined) return incoming.url;
  if (event?.rawPath === undefined) return undefined;
  const query = event.rawQueryString ?? '';
  return query === '' ? event.rawPath : `${event.rawPath}?${query}`;
};

/** Includes the query: clients that do not encode a key send what follows a `?` in it as a query, and without it the key is another. */
const queryOf = (url: string): string => /\?.*/s.exec(url)?.[0] ?? '';

/** Serves OFREP 0.3, whose key is everything after the prefix, and the status-only route for proxies. */
export const flagHandlers = handling((deps) => {
  const newest = keptFlags({ ports: deps.ports });
  const evaluate = flagEvaluator(deps, newest);
  const answerGate = gateAnswerer(deps, newest);
  const aged = deps.keptHeads === undefined ? newest : keptFlags(deps);
  const evaluateAll = bulkEvaluator(deps, aged);
  const flagd = flagdSource(deps, aged);
  const { auth } = IT_OPERATIONS['/ofrep/v1/evaluate/flags'].POST;
  return {
    '/ofrep/v1/evaluate/flags': {
      POST: {
        answer: async ({ req }) => {
          const caller = await deps.authenticate((name) => req.header(name), auth);
          const body = await readBody(req.raw, CONTEXT_BYTES_MAX);
          const contentType = req.header('content-type') ?? null;
          const wantsStreams = req.header(STREAMS_HEADER) === '1';
          return toResponse(
            await evaluateAll({ caller, contentType, body, ifNoneMatch: req.header('if-none-match'), wantsStreams }),
          );
        },
      },
    },
    '/v1/flagd.json': {
      GET: {
        answer: async ({ req }) => {
          const caller = await deps.authenticate((name) => req.header(name), 'state:read');
          checkQuery(NO_QUERY, new URL(req.url).searchParams);
          return toResponse(await flagd({ caller, ifNoneMatch: req.header('if-none-match') }));
        },
      },
    },
    '/v1/gate/{key+}': {
      GET: {
        answer: async (context) =>
          toResponse(await answerGate({ target: targetOf(context), header: (name) => context.req.header(name) })),
      },
    },
    '/ofrep/v1/evaluate/flags/{key+}': {
      POST: {
        answer: async ({ req }) =>
          toResponse(
            await evaluate({
              key: `${req.param('key') ?? ''}${queryOf(req.url)}`,
              header: (name) => req.header(name),
              body: () => readBody(req.raw, CONTEXT_BYTES_MAX),
            }),
          ),
      },
    },
  };
});
