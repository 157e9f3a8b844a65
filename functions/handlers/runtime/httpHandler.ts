import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { errorFields } from '../../platform/logging.ts';
import { JSON_HEADERS } from '../../web/http/respond.ts';
import { invoked, logger } from './invocation.ts';
import { ORIGIN_SECRET_HEADER, type OriginSecret } from './secrets.ts';

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

/** No code behind this needs the origin secret, so none can log it. */
const withoutSecret = ({
  headers: { [ORIGIN_SECRET_HEADER]: _secret, ...headers },
  ...event
}: APIGatewayProxyEventV2): APIGatewayProxyEventV2 => ({
  ...event,
  headers,
});

/**
 * Behind an HTTP API of API Gateway, payload format 2.0. Answers 403 without the origin secret. `before` runs ahead of each request;
 * when it fails the request is answered anyway.
 */
export const httpHandler = (app: Hono, originSecret: OriginSecret, before: () => Promise<void> = async () => {}) => {
  const answer = handle(app);
  return invoked(async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
    if (!(await originSecret(event.headers[ORIGIN_SECRET_HEADER]))) return OUTSIDE;
    await before().catch((error: unknown) => logger({ level: 'warn', event: 'not looked up', ...errorFields(error) }));
    // Hono's own type of the event wants fields that are only there behind an authorizer.
    const request = withoutNeedlessBody(withoutSecret(event)) as unknown as LambdaEvent;
    return (await answer(request)) as APIGatewayProxyStructuredResultV2;
  });
};
