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

/** To a request that did not come through CloudFront and its firewall. */
const OUTSIDE: APIGatewayProxyStructuredResultV2 = {
  statusCode: 403,
  headers: { ...JSON_HEADERS, 'content-type': 'application/problem+json' },
  body: JSON.stringify({ title: 'Not the public address', status: 403, detail: 'ask the gate at its public address' }),
};

/** What is answered however the stage stands. */
const HEALTH_PATHS = new Set(['/healthz', '/readyz']);
/** Part of a history could give a "yes" that the whole of it does not. */
const RETRY_AFTER_S: Readonly<Partial<Record<Staged<Web>['standing'], string>>> = { importing: '60', unknown: '5' };

const problem = (...given: Parameters<typeof problemAnswer>): APIGatewayProxyStructuredResultV2 => {
  const { status, body, headers } = problemAnswer(...given);
  return { statusCode: status, headers: { ...JSON_HEADERS, ...headers }, body };
};

/** Lambda takes an answer of 6 MB, in which it is a string of JSON; a longer one would be a 500. */
const ANSWER_BYTES_MAX = 6_000_000;
/** No shorter text grows beyond that by what JSON escapes. */
const SHORT_CHARS = 1_000_000;

const fits = (answer: APIGatewayProxyStructuredResultV2): boolean =>
  (answer.body?.length ?? 0) <= SHORT_CHARS || Buffer.byteLength(JSON.stringify(answer)) <= ANSWER_BYTES_MAX;

const TOO_LONG = problem('too-large', {
  detail: 'the answer is longer than this gate can give at once: ask for less, such as by `limit`',
});

/**
 * An HTTP API hands a path on decoded. It is encoded anew, so that nothing ends it (`#`), vanishes from it (a line break) or climbs in it
 * (`..`): a question about what is no key would be answered for a key.
 */
const encodedPath = (path: string): string =>
  path
    .split('/')
    .map((segment) => encodeURIComponent(/^\.{1,2}$/.test(segment) ? segment.replaceAll('.', '%2e') : segment.toWellFormed()))
    .join('/');

/** No code behind this needs the origin secret, so none can log it. */
const withoutSecret = ({
  headers: { [ORIGIN_SECRET_HEADER]: _secret, ...headers },
  ...event
}: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => ({
  ...event,
  headers,
});

/** `refresh` runs ahead of each request; when it fails the request is answered anyway. */
interface Web {
  readonly app: Hono;
  readonly refresh?: () => Promise<void>;
}

/**
 * Behind an HTTP API of API Gateway, payload format 2.0. Answers 403 without the origin secret, and 503 while what answers cannot
 * be made, such as from files that cannot be reached, and, except on the paths of its health, while an archive is imported or it is not
 * known whether one is.
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
    // Hono's own type of the event wants fields that are only there behind an authorizer.
    const { rawPath } = event;
    const request = withoutNeedlessBody({ ...withoutSecret(event), rawPath: encodedPath(rawPath) }) as unknown as LambdaEvent;
    const answer = (await answerOf(made.app)(request)) as APIGatewayProxyStructuredResultV2;
    return fits(answer) ? answer : TOO_LONG;
  });
};

/** The same, with the origin secret, which is read while `web` is made. */
export const httpHandlerOf = async (secretId: string, web: Promise<() => Promise<Staged<Web>>>) => {
  const [originSecret, opened] = await Promise.all([openOriginSecret(secretId), web]);
  return httpHandler(originSecret, opened);
};
