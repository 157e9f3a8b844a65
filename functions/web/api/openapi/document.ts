import * as z from 'zod';
import { PROBLEMS, type ProblemCode, problemType } from '../../http/problems.ts';
import { Problem } from './answers.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';

type Json = Readonly<Record<string, unknown>>;

/** A schema as OpenAPI 3.1 has it: JSON Schema 2020-12. Checks that it cannot say are told by the answers. */
const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
};

const parametersOf = ({ parameters = {}, query, auth }: Operation): readonly Json[] => [
  ...Object.entries(parameters).map(([name, schema]) => ({
    name,
    in: 'path',
    required: true,
    schema: schemaOf(schema, 'input'),
  })),
  ...Object.entries(query?.shape ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: false,
    schema: schemaOf(schema as z.ZodType, 'input'),
  })),
  ...(auth === 'signature'
    ? ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) => ({
        name,
        in: 'header',
        required: true,
        description: 'Standard Webhooks, over the exact bytes of the body.',
        schema: { type: 'string' },
      }))
    : []),
];

const problemResponse = (status: number): Json => ({
  description: Object.values(PROBLEMS)
    .filter((kind) => kind.status === status)
    .map(({ title }) => title)
    .join(' · '),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const responsesOf = ({ status, answer, problems, id, notReady }: Operation): Json => ({
  [status]: { description: 'As asked', content: { 'application/json': { schema: schemaOf(answer, 'output') } } },
  ...(id === 'evaluateFlags' && { 304: { description: 'Nothing new since the ETag of If-None-Match' } }),
  ...Object.fromEntries(problems.map((code) => [code, problemResponse(code)])),
  ...(!problems.includes(503) && { 503: problemResponse(503) }),
  ...(notReady !== undefined && {
    503: { description: 'What is wrong', content: { 'application/json': { schema: schemaOf(notReady, 'output') } } },
  }),
});

const operationJson = (operation: Operation): Json => {
  const { id, summary, auth, scope, body } = operation;
  const parameters = parametersOf(operation);
  return {
    operationId: id,
    summary,
    ...(scope !== undefined && { description: `Needs a token of the scope \`${scope}\`.` }),
    ...(parameters.length > 0 && { parameters }),
    security: auth === 'token' ? [{ bearer: [] }, { apiKey: [] }] : [],
    ...(body !== undefined && {
      requestBody: { required: !id.startsWith('evaluate'), content: { 'application/json': { schema: schemaOf(body, 'input') } } },
    }),
    responses: responsesOf(operation),
  };
};

const paths = (): Json => {
  const byPath: Record<string, Record<string, Json>> = {};
  for (const operation of OPERATIONS) {
    const item = byPath[operation.path] ?? {};
    item[operation.method] = operationJson(operation);
    byPath[operation.path] = item;
  }
  return byPath;
};

/** Every problem the gate knows, with its status and title: clients tell them apart by type. */
const problemTypes = (): readonly Json[] =>
  Object.entries(PROBLEMS).map(([code, { status, title }]) => ({ type: problemType(code as ProblemCode), status, title }));

/** The description of the API, OpenAPI 3.1, made of the schemas that check what comes in. `url`: where this installation is reached. */
export const openApiDocument = (url: string): Json => ({
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
  paths: paths(),
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
    },
    schemas: { Problem: schemaOf(Problem, 'output') },
  },
  'x-problems': problemTypes(),
});
