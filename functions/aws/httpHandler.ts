import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Hono } from 'hono';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { errorFields } from '../http/log.ts';
import { invoked, log } from './log.ts';

const BODYLESS = new Set(['GET', 'HEAD']);

/** A body that means nothing is dropped, as a server on one machine does: `Request` would refuse to hold it. */
const withoutNeedlessBody = ({ body, ...event }: APIGatewayProxyEventV2): APIGatewayProxyEventV2 =>
  body === undefined || BODYLESS.has(event.requestContext.http.method) ? event : { ...event, body };

/** An app behind an HTTP API of API Gateway, payload format 2.0. `before` each request something may be looked up; if it fails, the request goes on without. */
export const httpHandler = (app: Hono, before: () => Promise<void> = async () => {}) => {
  const answer = handle(app);
  return invoked(
    // Hono's own type of the event wants fields that are only there behind an authorizer.
    async (event: APIGatewayProxyEventV2) => {
      await before().catch((error: unknown) => log({ level: 'warn', event: 'not looked up', ...errorFields(error) }));
      return (await answer(withoutNeedlessBody(event) as unknown as LambdaEvent)) as APIGatewayProxyStructuredResultV2;
    },
  );
};
