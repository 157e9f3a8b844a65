import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { localMoment } from '../../../../domain/kernel/zone.ts';
import { checkPolicy } from '../../../../domain/policy/check.ts';
import { lockoutIn } from '../../../../domain/policy/decide.ts';
import { checkRoster } from '../../../../domain/roster/check.ts';
import { openApiDocument } from '../../../../functions/web/api/openapi/document.ts';
import { problemType } from '../../../../functions/web/http/problems.ts';
import { API_OPERATIONS } from '../../../../functions/web/routes/api.ts';
import type { ApiOperation } from '../../../../functions/web/routes/route.ts';
import { folderOfTest } from '../../../support/folders.ts';

const run = promisify(execFile);
// biome-ignore lint/suspicious/noExplicitAny: what the document holds is what the test asserts
const document = openApiDocument('https://gate.example') as any;

interface Part {
  readonly in: string;
  readonly name: string;
  readonly required: boolean;
}

interface Property {
  readonly at: string;
  readonly name: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

const propertiesIn = (value: unknown, at = ''): readonly Property[] => {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, each]) => {
    const own =
      name === 'properties' && !Array.isArray(each)
        ? Object.entries(each as Record<string, Property['schema']>).map(([property, schema]) => ({
            at: `${at}/${property}`,
            name: property,
            schema,
          }))
        : [];
    return [...own, ...propertiesIn(each, `${at}/${name}`)];
  });
};

test('it is OpenAPI 3.1, its ids are unique, and it names every problem', () => {
  expect(document.openapi).toBe('3.1.0');
  const ids = Object.values<Record<string, { operationId: string }>>({ ...document.paths, ...document.webhooks }).flatMap(
    (item) => Object.values(item).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(document['x-problems']).toContainEqual({
    type: problemType('too-many-open'),
    status: 429,
    title: 'Too many changes are open',
  });
  expect(document.components.schemas.Notice.properties.title).toMatchObject({ maxLength: 200 });
  const { items } = document.paths['/v1/drift'].get.responses[200].content['application/json'].example;
  expect(items[0]).toMatchObject({ kind: 'not-approved', approved: { variant: 'pending' } });
  const { required, content } = document.webhooks.event.post.requestBody;
  expect([required, Object.keys(content)]).toStrictEqual([true, ['application/cloudevents+json']]);
});

test('a query asks for nothing but the key of a record', () => {
  const operations = Object.values<Record<string, { readonly parameters?: readonly Part[] }>>(document.paths).flatMap(
    Object.values,
  );
  const asked = operations.flatMap(({ parameters = [] }) => parameters).filter((each) => each.in === 'query');
  expect(asked.filter(({ required }) => required).map(({ name }) => name)).toStrictEqual(['key']);
});

test('it has every status of success and every header that an operation reads', () => {
  const statusesOf = (path: string, method: string) =>
    Object.keys(document.paths[path][method].responses).filter((status) => Number(status) < 400);
  expect(statusesOf('/v1/policy', 'post')).toStrictEqual(['200', '202']);
  expect(statusesOf('/v1/flagd.json', 'get')).toStrictEqual(['200', '304']);
  expect(statusesOf('/ofrep/v1/evaluate/flags', 'post')).toStrictEqual(['200', '304']);
  const headersOf = (path: string, method: string) =>
    document.paths[path][method].parameters
      .filter((each: { in: string }) => each.in === 'header')
      .map((each: { name: string }) => each.name);
  expect(headersOf('/v1/intake', 'post')).toStrictEqual(['Idempotency-Key']);
  expect(headersOf('/v1/flagd.json', 'get')).toStrictEqual(['If-None-Match']);
});

test('the roster and the policy of the examples can be set and adopted together', () => {
  const sent = (path: string, method: string) => document.paths[path][method].requestBody.content['application/json'].example;
  const checked = checkRoster(sent('/v1/roster', 'put'), 'UTC');
  if (!checked.ok) expect.fail(JSON.stringify(checked.problems));
  const { policy } = sent('/v1/policy', 'post');
  expect(checkPolicy(policy, checked.roster)).toStrictEqual({ ok: true, policy });
  expect(lockoutIn(policy, checked.roster, localMoment('2026-03-05T18:00:00.000Z', 'UTC'))).toBeUndefined();
});

test('what a field may hold is what the gate takes there', () => {
  const schemaOf = (path: string, method: string, parameter: string) =>
    document.paths[path][method].parameters.find(({ name }: { name: string }) => name === parameter).schema;
  expect(schemaOf('/v1/features', 'get', 'limit')).toStrictEqual({ type: 'integer', minimum: 1, maximum: 1_000 });
  expect(schemaOf('/v1/policy/explain', 'get', 'key')).toMatchObject({ type: 'string', pattern: expect.any(String) });
  const { TokenRequest, VendorRequest, Notice } = document.components.schemas;
  expect(TokenRequest.properties.scopes.items.enum).toStrictEqual(['state:read', 'observe', 'notice', 'admin']);
  expect(VendorRequest.properties.id).toMatchObject({ pattern: '^[a-z0-9-]{1,40}$' });
  expect(Notice.properties.version.description).not.toMatch(/null/);
  const dates = ['2031-05-01', '2031-05-01T10:00:00.5-06:00', '2031-05-01T10:00:00', '1 May', '1831-05-01'];
  expect(dates.filter((text) => new RegExp(Notice.properties.endsAt.pattern).test(text))).toStrictEqual(dates.slice(0, 2));
});

test('what a status has is what the gate answers with it', () => {
  const kindsOf = (path: string, method: string, status: string) =>
    Object.keys(document.paths[path][method].responses[status].content);
  const { 200: yes, 403: no } = document.paths['/v1/gate/{key}'].get.responses;
  expect([yes, no].map(({ content }) => content['text/plain'].example)).toStrictEqual(['yes', 'no: pending']);
  expect(kindsOf('/v1/gate/{key}', 'get', '401')).toStrictEqual(['application/problem+json']);
  const headersOf = (status: string) => Object.keys(document.paths['/v1/notices'].post.responses[status].headers ?? {});
  expect(headersOf('429')).toStrictEqual(['Retry-After', 'RateLimit-Policy', 'RateLimit']);
  expect(headersOf('503')).toStrictEqual(['Retry-After']);
});

test('every property, parameter and operation has a description', () => {
  const properties = propertiesIn(document);
  expect(properties.length).toBeGreaterThan(200);
  const silent = properties.filter(({ schema }) => typeof schema.description !== 'string').map(({ at }) => at);
  expect(silent).toStrictEqual([]);
  for (const item of Object.values<Record<string, { parameters?: { name: string; description?: string }[] }>>(document.paths))
    for (const { parameters = [] } of Object.values(item))
      for (const { name, description } of parameters) expect(description, name).toMatch(/\.$/);
});

test('every operation has an example of what is sent and answered, which its own schemas accept', () => {
  for (const [path, operations] of Object.entries<Readonly<Record<string, ApiOperation>>>(API_OPERATIONS))
    for (const [method, { id, body, describedBody = body, status, answer, statuses }] of Object.entries(operations)) {
      if (statuses !== undefined) continue;
      const described = document.paths[path.replaceAll('+}', '}')][method.toLowerCase()];
      const { example } = described.responses[status].content['application/json'];
      expect(answer.safeParse(example).error, id).toBeUndefined();
      if (describedBody !== undefined)
        expect(describedBody.safeParse(described.requestBody.content['application/json'].example).error, id).toBeUndefined();
    }
});

// A tool that is not the project's.
test('Redocly finds nothing, not even to warn of', async () => {
  const folder = folderOfTest('openapi');
  writeFileSync(join(folder, 'openapi.json'), JSON.stringify(document));
  // Outside of any project of its own, so that no configuration softens the rules.
  writeFileSync(join(folder, 'redocly.yaml'), 'extends: [recommended-strict]\n');
  const cli = join(process.cwd(), 'node_modules/@redocly/cli/bin/cli.js');
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', CI: 'true' };
  const { stdout } = await run(process.execPath, [cli, 'lint', 'openapi.json', '--format', 'json'], { cwd: folder, env }).catch(
    (error: { stdout: string }) => error,
  );
  const { totals, problems } = JSON.parse(stdout.slice(stdout.indexOf('{')));
  expect({ totals, problems }).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
});
