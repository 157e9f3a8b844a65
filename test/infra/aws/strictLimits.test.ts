import { posix } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Hono } from 'hono';
import { beforeAll, describe, expect, test } from 'vitest';
import { httpHandler } from '../../../functions/handlers/runtime/httpHandler.ts';
import { openApiDocument } from '../../../functions/web/api/openapi/document.ts';
import { honoPath } from '../../../functions/web/routes/route.ts';
import { ROUTES } from '../../../functions/web/routes/table.ts';
import { CITY_URL } from './support/city.ts';
import { requestEvent } from './support/events.ts';
import { only, type Part, propertiesOf, type Templates, templates } from './support/templates.ts';

// Which routes the templates limit strictly, read from the templates alone.

let deployed: Templates;
beforeAll(() => {
  deployed = templates();
});

const TOKEN = 'k3J9-_aQ'.repeat(5);
const sample = (path: string) => path.replaceAll(/\{(\w+)\+?\}/g, (_, name) => (name === 'token' ? TOKEN : `some-${name}`));
const paths = Object.values(ROUTES).flatMap((routes) => Object.keys(routes));
/** What a path may hold that anyone may know. A parameter of another name counts as a secret. */
const PUBLIC = ['file', 'id', 'key', 'keyId', 'n', 'page', 'path', 'sha256', 'version'];
const secrets = paths.filter((path) => [...path.matchAll(/\{(\w+)/g)].some(([, name = '']) => !PUBLIC.includes(name)));
const signed = Object.entries(openApiDocument(CITY_URL).paths as Readonly<Record<string, object>>)
  .filter(([, operations]) => JSON.stringify(operations).includes('"name":"webhook-signature"'))
  .map(([path]) => path);
const strict = new Set([...secrets, ...signed]);

/** Returns whether the firewall counts a path at the counter: it decodes it, then resolves its dots and doubled slashes. */
const isCounted = (path: string) => {
  const rule = only(deployed.guard, 'AWS::WAFv2::WebACL').Rules.find((each: Part) => each.Name === 'AtTheCounter');
  const { Limit: limit, ScopeDownStatement: scope } = rule.Statement.RateBasedStatement;
  const { RegexString: pattern, TextTransformations: transformations, FieldToMatch: field } = scope.RegexMatchStatement;
  expect({ limit, field, action: rule.Action }).toStrictEqual({ limit: 300, field: { UriPath: {} }, action: { Block: {} } });
  const steps: Readonly<Record<string, (text: string) => string>> = {
    URL_DECODE: decodeURIComponent,
    NORMALIZE_PATH: posix.normalize,
  };
  const inOrder = transformations.toSorted((a: Part, b: Part) => a.Priority - b.Priority);
  const text = inOrder.reduce((each: string, { Type: type }: Part) => steps[type]?.(each) ?? expect.fail(type), path);
  return new RegExp(pattern).test(text);
};

/** Returns the requests a second that the API takes for a path: an HTTP API chooses the route with the most literal segments first. */
const perSecond = (path: string) => {
  const routes = propertiesOf(deployed.gate, 'AWS::ApiGatewayV2::Route').map(({ RouteKey: key }) => String(key));
  const parts = (text: string) => text.split('/').slice(1);
  const fits = (route: string) => {
    const wanted = parts(route);
    const isGreedy = wanted.at(-1)?.endsWith('+}') === true;
    const given = parts(path);
    if (isGreedy ? given.length < wanted.length : given.length !== wanted.length) return false;
    return wanted.every((part, index) => part.startsWith('{') || part === given[index]);
  };
  const rank = (route: string) =>
    parts(route)
      .map((part) => (part.endsWith('+}') ? '2' : part.startsWith('{') ? '1' : '0'))
      .join('');
  const [chosen = ''] = routes
    .filter((route) => fits(route.replace('ANY ', '')))
    .toSorted((one, other) => rank(one).localeCompare(rank(other)));
  const { RouteSettings: settings = {}, DefaultRouteSettings: others } = only(deployed.gate, 'AWS::ApiGatewayV2::Stage');
  expect(chosen).not.toBe('');
  return (settings[chosen] ?? others).ThrottlingRateLimit;
};

describe('strict limits', () => {
  test('there are routes with a secret in the path, and routes that check a signature', () => {
    expect(new Set(secrets.map((path) => path.split('/')[1]))).toEqual(new Set(['d', 'm', 'n']));
    expect(signed.toSorted()).toEqual(['/v1/attestations', '/v1/changes/{key}/{n}/withdraw', '/v1/documents', '/v1/notices']);
  });

  test.each(paths)('%s', (path) => {
    const isStrict = strict.has(path);
    const [isCountedThere, isSlow] = [isCounted(sample(path)), perSecond(sample(path)) === 20];
    expect({ isCountedThere, isSlow }).toEqual({ isCountedThere: isStrict, isSlow: isStrict });
  });

  test('also however a path is spelt that the functions read as one with a secret', async () => {
    const app = new Hono();
    app.all(honoPath('/n/{token}'), (context) => context.text(context.req.param('token') ?? ''));
    const handler = httpHandler(
      async () => true,
      async () => ({ standing: 'open', made: { app } }),
    );
    const reads = async (rawPath: string) => {
      const event = { ...requestEvent('GET', '/', undefined, {}), rawPath } as unknown as APIGatewayProxyEventV2;
      return (await handler(event, { awsRequestId: 'r' })).body === TOKEN;
    };
    const read = ['/n/'];
    for (const each of read) expect(await reads(`${each}${TOKEN}`), each).toBe(true);
    const spelt = [
      '/%6e/',
      '/x/../n/',
      '/./n/',
      '/x/%2e%2e/n/',
      '//x/..//../n/',
      '//n/',
      '/n//',
      '/N/',
      '/%256e/',
      '/n%2F',
      '/x%2F../n/',
    ];
    for (const each of spelt) if (await reads(`${each}${TOKEN}`)) read.push(each);
    expect(read.filter((each) => !isCounted(`${each}${TOKEN}`))).toEqual([]);
  });
});
