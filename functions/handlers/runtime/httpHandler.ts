import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { errorFields } from '../../platform/logging.ts';
import { problemAnswer } from '../../web/http/problems.ts';
import { JSON_HEADERS } from '../../web/http/respond.ts';
import { invoked, logger } from './invocation.ts';
import { ORIGIN_SECRET_HEADER, type OriginSecret, openOriginSecret } from './secrets.ts';
import type { Staged } from './stage.ts';

const BODYLESS = new Set(['GET', 'HEAD']);

/** The constructor of `Request` rejects the body of a GET or HEAD. */
const withoutNeedlessBody = ({ body, ...event }: APIGatewayProxyEventV2): APIGatewayProxyEventV2 =>
  body === undefined || BODYLESS.has(event.requestContext.http.method) ? event : { ...event, body };

/** The response to a request that bypassed CloudFront and its firewall. */
const OUTSIDE: APIGatewayProxyStructuredResultV2 = {
  statusCode: 403,
  headers: { ...JSON_HEADERS, 'content-type': 'application/problem+json' },
  body: JSON.stringify({ title: 'Not the public address', status: 403, detail: 'ask the gate at its public address' }),
};

/** Answered whatever the standing of the stage. */
const HEALTH_PATHS = new Set(['/healthz', '/readyz']);
/** Standings that get a 503: part of a history could give a "yes" that the whole does not. */
const RETRY_AFTER_S: Readonly<Partial<Record<Staged<Web>['standing'], string>>> = { importing: '60', unknown: '5' };

const problem = (...given: Parameters<typeof problemAnswer>): APIGatewayProxyStructuredResultV2 => {
  const { status, body, headers } = problemAnswer(...given);
  return { statusCode: status, headers: { ...JSON_HEADERS, ...headers }, body };
};

/** Lambda limits a response to 6 MB after JSON-encoding its body as a string; a larger one becomes a 500. */
const ANSWER_BYTES_MAX = 6_000_000;
/** JSON escapes cannot make a shorter text exceed that. */
const SHORT_CHARS = 1_000_000;

const fits = (answer: APIGatewayProxyStructuredResultV2): boolean =>
  (answer.body?.length ?? 0) <= SHORT_CHARS || Buffer.byteLength(JSON.stringify(answer)) <= ANSWER_BYTES_MAX;

const TOO_LONG = problem('too-large', {
  detail: 'the answer is longer than this gate can give at once: ask for less, such as by `limit`',
});

/**
 * Encodes a path again, which an HTTP API passes on decoded, so that nothing ends it (`#`), vanishes (a line break) or climbs
 * (`..`): a request for an invalid key would be answered for a valid one.
 */
const encodedPath = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeURIComponent(/^\.{1,2}$/.test(segment) ? segment.replaceAll('.', '%2e') : segment.toWellFormed()))
    .join('/');

/** Removes the origin secret, which no later code needs, so that none can log it. */
const withoutSecret = ({
  headers: { [ORIGIN_SECRET_HEADER]: _secret, ...headers },
  ...event
}: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => ({
  ...event,
  headers,
});

/** `refresh` runs before each request; if it fails, the request is answered anyway. */
interface Web {
  readonly app: Hono;
  readonly refresh?: () => Promise<void>;
}

/**
 * Handles requests of an HTTP API of API Gateway, payload format 2.0. Answers 403 without the origin secret, and 503 while the app
 * cannot be made, for example if files are unreachable, and, except on the health paths, while an archive is or may be being imported.
 */
export const httpHandler = (originSecret: OriginSecret, web: () => Promise<Staged<Web>>) => {
  const answers = new WeakMap<Hono, ReturnType<typeof handle>>();
  const answerOf = (app: Hono): ReturnType<typeof handle> => {
    const answer = answers.get(app) ?? handle(app);
    answers.set(app, answer);
    return answer;
  };
  return invoked(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    if (!(await originSecret(event.headers[ORIGIN_SECRET_HEADER]))) return OUTSIDE;
    const opened = await web().catch((error: unknown) => {
      logger({ level: 'error', event: 'not opened', ...errorFields(error) });
      return undefined;
    });
    if (opened === undefined) return problem('unavailable');
    const { standing, made } = opened;
    if (RETRY_AFTER_S[standing] !== undefined && !HEALTH_PATHS.has(event.rawPath))
      return problem('unavailable', { headers: { 'retry-after': RETRY_AFTER_S[standing] } });
    await made.refresh?.().catch((error: unknown) => logger({ level: 'warn', event: 'not looked up', ...errorFields(error) }));
    // Hono's event type requires fields that only an authorizer adds.
    const { rawPath } = event;
    const request = withoutNeedlessBody({ ...withoutSecret(event), rawPath: encodedPath(rawPath) }) as unknown as LambdaEvent;
    const answer = (await answerOf(made.app)(request)) as APIGatewayProxyStructuredResultV2;
    return fits(answer) ? answer : TOO_LONG;
  });
};

/** The same; reads the origin secret while `web` is made. */
export const httpHandlerOf = async (secretId: string, web: Promise<() => Promise<Staged<Web>>>) => {
  const [originSecret, opened] = await Promise.all([openOriginSecret(secretId), web]);
  return httpHandler(originSecret, opened);
};
