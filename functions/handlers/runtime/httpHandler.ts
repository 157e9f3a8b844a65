import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { errorFields } from '../../platform/logging.ts';
import { JSON_HEADERS } from '../../web/http/respond.ts';
import { invoked, log } from './log.ts';
import { ORIGIN_SECRET_HEADER, type OriginSecret } from './originSecret.ts';

const BODYLESS = new Set(['GET', 'HEAD']);

/** A body that means nothing is dropped, as a server on one machine does: `Request` would refuse to hold it. */
const withoutNeedlessBody = ({ body, ...event }: APIGatewayProxyEventV2): APIGatewayProxyEventV2 =>
  body === undefined || BODYLESS.has(event.requestContext.http.method) ? event : { ...event, body };

/** What somebody is told who found the API's own address. No page and no route is there: the firewall is in front of the other one. */
const OUTSIDE: APIGatewayProxyStructuredResultV2 = {
  statusCode: 403,
  headers: { ...JSON_HEADERS, 'content-type': 'application/problem+json' },
  body: JSON.stringify({ title: 'This is not the way in', status: 403, detail: 'ask the gate at its public address' }),
};

/** The event without the key of the door: no code behind this needs it, so none can log it. */
const withoutKey = ({
  headers: { [ORIGIN_SECRET_HEADER]: _key, ...headers },
  ...event
}: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => ({
  ...event,
  headers,
});

/**
 * An app behind an HTTP API of API Gateway, payload format 2.0, that serves only what comes through its door. `before` each request
 * something may be looked up; if it fails, the request goes on without.
 */
export const httpHandler = (app: Hono, originSecret: OriginSecret, before: () => Promise<void> = async () => {}) => {
  const answer = handle(app);
  return invoked(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    if (!(await originSecret(event.headers[ORIGIN_SECRET_HEADER]))) return OUTSIDE;
    await before().catch((error: unknown) => log({ level: 'warn', event: 'not looked up', ...errorFields(error) }));
    // Hono's own type of the event wants fields that are only there behind an authorizer.
    const request = withoutNeedlessBody(withoutKey(event)) as unknown as LambdaEvent;
    return (await answer(request)) as APIGatewayProxyStructuredResultV2;
  });
};
