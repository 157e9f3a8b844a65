import type { Service } from './call.ts';

/** An answer by which a service refuses a call, as a whole or in parts. */
export interface Refusal {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const MESSAGE = 'as the test planned';

const json = (status: number, type: string, version: '1.0' | '1.1'): Refusal => ({
  status,
  headers: { 'content-type': `application/x-amz-json-${version}` },
  body: JSON.stringify({ __type: type, message: MESSAGE }),
});

const rest = (status: number, type: string): Refusal => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': type },
  body: JSON.stringify({ message: MESSAGE }),
});

const xml = (status: number, code: string): Refusal => ({
  status,
  headers: { 'content-type': 'application/xml' },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${MESSAGE}</Message></Error>`,
});

interface Refusals {
  /** Too many requests, for now. */
  readonly throttled: Refusal;
  /** An internal error of the service. */
  readonly failed: Refusal;
}

/** The errors of each service, from its API reference. */
export const REFUSALS: Readonly<Record<Service, Refusals>> = {
  DynamoDB: {
    throttled: json(400, 'com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException', '1.0'),
    failed: json(500, 'com.amazonaws.dynamodb.v20120810#InternalServerError', '1.0'),
  },
  EventBridge: { throttled: json(400, 'ThrottlingException', '1.1'), failed: json(500, 'InternalException', '1.1') },
  KMS: { throttled: json(400, 'ThrottlingException', '1.1'), failed: json(500, 'KMSInternalException', '1.1') },
  S3: { throttled: xml(503, 'SlowDown'), failed: xml(500, 'InternalError') },
  SecretsManager: { throttled: json(400, 'ThrottlingException', '1.1'), failed: json(500, 'InternalServiceError', '1.1') },
  SES: { throttled: rest(429, 'TooManyRequestsException'), failed: rest(500, 'InternalServiceErrorException') },
};

/** Returns EventBridge's answer when it accepts no entry of a request: 200, and a code for each. */
export const entriesRefused = (request: Buffer): Refusal => {
  const { Entries: entries } = JSON.parse(request.toString()) as { readonly Entries: readonly unknown[] };
  const results = entries.map(() => ({ ErrorCode: 'InternalFailure', ErrorMessage: MESSAGE }));
  const body = JSON.stringify({ FailedEntryCount: results.length, Entries: results });
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body };
};

interface Asked {
  readonly Keys: readonly Item[];
}
type Item = Readonly<Record<string, unknown>>;

const placeOf = ({ pk, sk }: Item): string => JSON.stringify([pk, sk]);

/**
 * Returns DynamoDB's answer to a BatchGetItem of which it processed none of the keys, or the first half: 200, and the others as
 * UnprocessedKeys. One key has no half: it is left. `answer`: what DynamoDB answered in fact.
 */
export const keysUnprocessed = (request: Buffer, answer: Buffer, left: 'half' | 'all'): Refusal => {
  const { RequestItems: asked } = JSON.parse(request.toString()) as { readonly RequestItems: Readonly<Record<string, Asked>> };
  const { Responses: found = {} } = JSON.parse(answer.toString()) as {
    readonly Responses?: Readonly<Record<string, readonly Item[]>>;
  };
  const tables = Object.entries(asked).map(([table, { Keys, ...how }]) => {
    const processed = left === 'all' ? 0 : Math.floor(Keys.length / 2);
    const places = new Set(Keys.slice(0, processed).map(placeOf));
    const items = (found[table] ?? []).filter((item) => places.has(placeOf(item)));
    return { table, items, unprocessed: { ...how, Keys: Keys.slice(processed) } };
  });
  const body = JSON.stringify({
    Responses: Object.fromEntries(tables.map(({ table, items }) => [table, items])),
    UnprocessedKeys: Object.fromEntries(tables.map(({ table, unprocessed }) => [table, unprocessed])),
  });
  return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body };
};
