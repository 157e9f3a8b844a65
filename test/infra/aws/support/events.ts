import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { ORIGIN_SECRET_HEADER } from '../../../../functions/handlers/runtime/secrets.ts';
import { CITY_URL } from './city.ts';
import type { BusEntry, Cloud } from './cloud.ts';

export const ORIGIN_SECRET = 'the origin secret';

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** What the test's record of a written commit looks like as DynamoDB streams it. */
export const streamRecord = ({ stream, version }: Cloud['written'][number], index: number, eventName = 'INSERT') => ({
  eventID: `record-${index}`,
  eventName,
  eventSource: 'aws:dynamodb',
  awsRegion: 'us-west-2',
  dynamodb: {
    ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
    Keys: { pk: { S: stream }, sk: { N: String(version) } },
    SequenceNumber: String(1_000 + index),
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
});

/** A request as an HTTP API passes it on, payload format 2.0: the path decoded, and cut at a `?` in it. */
export const requestEvent = (
  method: string,
  path: string,
  body: string | undefined,
  headers: Readonly<Record<string, string>>,
) => {
  const { pathname, search } = new URL(path, CITY_URL);
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: decodeURIComponent(pathname).replace(/\?.*/s, ''),
    rawQueryString: search.slice(1),
    headers: { [ORIGIN_SECRET_HEADER]: ORIGIN_SECRET, ...headers },
    requestContext: {
      accountId: '123456789012',
      apiId: 'api',
      domainName: 'somewhere.execute-api.us-west-2.amazonaws.com',
      http: { method, path: pathname, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request',
      stage: '$default',
    },
    ...(body !== undefined && { body }),
    isBase64Encoded: false,
  };
};

export const busEvent = ({ Source: source, DetailType: type, Detail: detail }: Omit<BusEntry, 'EventBusName'>) => ({
  version: '0',
  source,
  'detail-type': type,
  detail: JSON.parse(detail) as JsonValue,
});
