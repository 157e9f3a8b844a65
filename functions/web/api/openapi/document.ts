import * as z from 'zod';
import { SCOPES } from '../../../../domain/access/events.ts';
import { strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { SOURCE } from '../../../reactions/relay/cloudEvents.ts';
import { PROBLEMS, type ProblemCode, problemType } from '../../http/problems.ts';
import { API_OPERATIONS } from '../../routes/api.ts';
import { type ApiOperation, type ApiTable, REQUEST_BYTES_MAX, TAGS, type Tag } from '../../routes/route.ts';
import { exampleOf, fieldDescription } from './fields.ts';

type Json = Readonly<Record<string, unknown>>;

const TAG_DESCRIPTIONS: Readonly<Record<Tag, string>> = {
  vendors: 'Notices of changes, signed by vendors.',
  it: 'Whether a feature is enabled, and what the city heard.',
  observations: 'What is really on at the vendors, and what the city must do.',
  records: 'Changes and the history of features.',
  operators: 'Vendors, officials, tokens and the health of the gate.',
  rules: 'The roster and the policy.',
  redactions: 'Orders that hide a text, a notice or a document, and show it again.',
};

const PARAMETERS = {
  key: z.string().describe('The feature’s key.'),
  n: z.int().min(1).describe('The number of the change.'),
  id: z.string().describe('The id, as the list has it.'),
  keyId: z.string().describe('The key of the vendor, as lists name it.'),
} as const;

const SIGNATURE_HEADERS = {
  'webhook-id': 'The sender’s id of the message, 1 to 200 visible ASCII characters, the same when it is sent again.',
  'webhook-timestamp': 'When it was sent, in seconds since 1970.',
  'webhook-signature':
    '`v1,` or `v1a,` and the base64 of the signature over `webhook-id.webhook-timestamp.body`, with the exact bytes of the body.',
} as const;

const Problem = z
  .looseObject({
    type: z.string().describe('The stable name of the kind of problem, urn:aldergate:problem:….'),
    title: z.string().describe('The kind of problem in words.'),
    status: z.int().describe('The HTTP status.'),
    detail: z.string().optional().describe('What is wrong with this request.'),
    errors: z
      .array(
        strictObject(() => ({
          pointer: z.string().describe('Where, as a JSON pointer (RFC 6901).'),
          detail: z.string().describe('What is wrong there.'),
        })),
      )
      .optional()
      .describe('Everything that is wrong, if the input is invalid.'),
  })
  .meta({ id: 'Problem', description: 'A problem document (RFC 9457).' });

const namesIn = (path: string): readonly string[] => [...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => name);

const contentOf = (schema: z.ZodType, io: 'input' | 'output', components: Components): Json => {
  const described = components.schemaOf(schema, io);
  return { 'application/json': { schema: described, example: exampleOf(described, components.schemas()) } };
};

const parametersOf = (
  path: string,
  { query, auth, headers: read = {} }: ApiOperation,
  components: Components,
): readonly Json[] => {
  const parameter = (where: string, name: string, required: boolean, { description, ...schema }: Json): Json => ({
    name,
    in: where,
    required,
    description,
    schema,
  });
  return [
    ...namesIn(path).map((name) =>
      parameter('path', name, true, components.schemaOf(PARAMETERS[name as keyof typeof PARAMETERS], 'input')),
    ),
    ...Object.entries(query?.shape ?? {}).map(([name, field]) => {
      const schema = field as z.ZodType;
      return parameter('query', name, !schema.safeParse(undefined).success, components.fieldOf(name, schema));
    }),
    ...Object.entries(auth === 'signature' ? SIGNATURE_HEADERS : {}).map(([name, description]) =>
      parameter('header', name, true, { description, type: 'string' }),
    ),
    ...Object.entries(read).map(([name, description]) => parameter('header', name, false, { description, type: 'string' })),
  ];
};

const TOO_MANY = 429;
const UNAVAILABLE = 503;

const headers = (described: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(Object.entries(described).map(([name, description]) => [name, { description, schema: { type: 'string' } }]));

const RETRY_AFTER = { 'Retry-After': 'Seconds after which the same request may go through.' };
const LIMIT_HEADERS = headers({
  ...RETRY_AFTER,
  'RateLimit-Policy': 'For a limit of notices: each limit and its window (draft-ietf-httpapi-ratelimit-headers-10).',
  RateLimit: 'For a limit of notices: what is left of each limit, and the seconds until its window ends.',
});

const problemContent = (components: Components): Json => ({
  'application/problem+json': { schema: components.schemaOf(Problem, 'output') },
});

const problemResponse = (status: number, components: Components): Json => ({
  description: `Refused; \`type\` says why. \`x-problems\` lists each of status ${status}.`,
  ...(status === TOO_MANY && { headers: LIMIT_HEADERS }),
  ...(status === UNAVAILABLE && { headers: headers(RETRY_AFTER) }),
  content: problemContent(components),
});

/** On AWS the front door limits the rate of all requests, so any can answer 429. */
const problemsOf = ({ auth, body, problems = [] }: ApiOperation): readonly number[] => [
  ...new Set([
    ...(auth === 'none' ? [] : [400, 401]),
    ...(auth === 'none' || auth === 'signature' ? [] : [403]),
    ...(body === undefined ? [] : [413, 415]),
    ...problems,
    TOO_MANY,
    UNAVAILABLE,
  ]),
];

const responsesOf = (operation: ApiOperation, components: Components): Json => {
  const { status, answer, notReady, also = {}, statuses: own } = operation;
  if (own !== undefined) {
    const text = (example: string) => ({ 'text/plain': { schema: { type: 'string' }, example } });
    return Object.fromEntries(
      Object.entries(own).map(([code, description]) => [
        code,
        { description, content: code === '401' ? problemContent(components) : text(code === '200' ? 'yes' : 'no: pending') },
      ]),
    );
  }
  const statuses = problemsOf(operation).toSorted((a, b) => a - b);
  return {
    [status]: { description: 'Success', content: contentOf(answer, 'output', components) },
    ...Object.fromEntries(
      Object.entries(also).map(([code, description]) => [
        code,
        { description, ...(code !== '304' && { content: contentOf(answer, 'output', components) }) },
      ]),
    ),
    ...Object.fromEntries(statuses.map((code) => [code, problemResponse(code, components)])),
    ...(notReady !== undefined && {
      [UNAVAILABLE]: {
        description: 'Not ready',
        content: contentOf(notReady, 'output', components),
      },
    }),
  };
};

const securityOf = (auth: ApiOperation['auth']): readonly Json[] => {
  if (auth === 'none') return [];
  return auth === 'signature' ? [{ signature: [] }] : [{ bearer: [] }, { apiKey: [] }];
};

const operationJson = (path: string, operation: ApiOperation, components: Components): Json => {
  const {
    id,
    tag,
    summary,
    auth,
    orScope,
    body,
    describedBody = body,
    bodyBytesMax = REQUEST_BYTES_MAX,
    bodyOptional,
  } = operation;
  const parameters = parametersOf(path, operation, components);
  const scopes = [auth, ...(orScope === undefined ? [] : [orScope])].map((scope) => `\`${scope}\``);
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...((SCOPES as readonly string[]).includes(auth) && {
      description: `Needs a token of the scope ${scopes.join(' or ')}.`,
    }),
    ...(parameters.length > 0 && { parameters }),
    security: securityOf(auth),
    ...(describedBody !== undefined && {
      requestBody: {
        required: bodyOptional !== true,
        description: `At most ${bodyBytesMax} bytes.`,
        content: contentOf(describedBody, 'input', components),
      },
    }),
    responses: responsesOf(operation, components),
  };
};

const pathsOf = (table: ApiTable, components: Components): Json =>
  Object.fromEntries(
    Object.entries(table).map(([path, operations]) => [
      path.replaceAll('+}', '}'),
      Object.fromEntries(
        Object.entries(operations).map(([method, operation]) => [
          method.toLowerCase(),
          operationJson(path, operation, components),
        ]),
      ),
    ]),
  );

const problemTypes = (): readonly Json[] =>
  Object.entries(PROBLEMS).map(([code, { status, title }]) => ({ type: problemType(code as ProblemCode), status, title }));

/** OpenAPI 3.1, derived from the table that serves it. `url`: the address of this installation. */
export const openApiDocument = (url: string, table: ApiTable = API_OPERATIONS): Json => {
  const components = new Components();
  const paths = pathsOf(table, components);
  const webhooks = webhooksOf(components);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Aldergate',
      version: '1',
      summary: 'A vendor’s change stays off until the people elected to decide have said yes.',
      description:
        'Clients that ask whether a feature is enabled default to no: no answer is no approval. Errors are problem documents (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url }],
    tags: TAGS.map((name) => ({ name, description: TAG_DESCRIPTIONS[name] })),
    paths,
    webhooks,
    components: {
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'An API token.' },
        apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'An API token.' },
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'webhook-signature',
          description: 'A message signed by Standard Webhooks, `v1a` (Ed25519) or `v1` (HMAC-SHA256).',
        },
      },
      schemas: components.schemas(),
    },
    'x-problems': problemTypes(),
  };
};

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

/** References lead to the components, and each property has a description. `within`: the names around it. */
const rewritten = (value: unknown, within: readonly string[]): unknown => {
  if (Array.isArray(value)) return value.map((each) => rewritten(each, within));
  if (!isObject(value)) return value;
  const entries = Object.entries(value).flatMap(([name, each]) => {
    // Zod emits it for read-only types; in OpenAPI the keyword means something else.
    if (name === 'readOnly') return [];
    if (name === '$ref') return [[name, String(each).replace('#/$defs/', '#/components/schemas/')]];
    if (name === '$defs' && isObject(each))
      return [[name, Object.fromEntries(Object.entries(each).map(([id, schema]) => [id, rewritten(schema, [id])]))]];
    if (name === 'properties' && isObject(each)) {
      const properties = Object.entries(each).map(([field, schema]) => {
        const { description = fieldDescription(within, field), ...rest } = rewritten(schema, [...within, field]) as Json;
        return [field, { ...(description !== undefined && { description }), ...rest }];
      });
      return [[name, Object.fromEntries(properties)]];
    }
    return [[name, rewritten(each, within)]];
  });
  return Object.fromEntries(entries);
};

/** Collects schemas: each one with an id becomes a component that the others refer to. */
class Components {
  readonly #schemas = new Map<string, Json>();

  /** JSON Schema 2020-12. Throws if two schemas that differ have one id. */
  schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
    const made = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
    const {
      $schema: _dialect,
      $defs = {},
      ...rest
    } = rewritten(made, []) as Json & {
      readonly $defs?: Readonly<Record<string, Json>>;
    };
    for (const [name, component] of Object.entries($defs)) this.#add(name, component);
    return rest;
  }

  fieldOf(name: string, schema: z.ZodType): Json {
    const { description = fieldDescription([], name), ...rest } = this.schemaOf(schema, 'input');
    return { description, ...rest };
  }

  #add(name: string, { id: _id, ...component }: Json): void {
    if (name.startsWith('__')) throw new Error('a recursive schema of the API needs an id');
    const known = this.#schemas.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(component))
      throw new Error(`two schemas of the API are called ${name}`);
    this.#schemas.set(name, component);
  }

  schemas(): Readonly<Record<string, Json>> {
    return Object.fromEntries([...this.#schemas].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

const Event = z
  .looseObject({
    specversion: z.literal('1.0').describe('The version of CloudEvents.'),
    id: z.string().describe('Names the event; also the webhook-id, the same when it is sent again.'),
    source: z.literal(SOURCE).describe('Where the event comes from.'),
    type: z.string().describe(`${SOURCE}.FAMILY.TYPE.vVERSION, as /events.schema.json lists them.`),
    subject: z.string().describe('What it is about: a feature’s key, or the name of the stream.'),
    time: z.string().describe('When it happened.'),
    datacontenttype: z.literal('application/json').describe('The media type of the data.'),
    sequence: z
      .int()
      .min(0)
      .describe(
        'The version of the stream, which grows; of a derived event the index in the public log of the entry that caused it.',
      ),
    data: z.looseObject({}).describe('The event itself, as /events.schema.json describes its type.'),
  })
  .meta({ id: 'Event', description: 'An event as a CloudEvent.' });

const webhooksOf = (components: Components) => ({
  event: {
    post: {
      operationId: 'event',
      summary:
        'Something happened: a change was notified or decided, a rule, a person or a key changed, an answer, a task or a case of drift',
      security: [{ signature: [] }],
      requestBody: {
        required: true,
        content: { 'application/cloudevents+json': { schema: components.schemaOf(Event, 'output') } },
      },
      responses: { '2XX': { description: 'The event is taken. Any other answer: it is sent again.' } },
    },
  },
});
