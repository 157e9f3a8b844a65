import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import type { SCOPES } from '../../../../domain/access/events.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { endToken, tokensAfter } from '../../../../functions/gate/tokens.ts';
import { openApiDocument } from '../../../../functions/web/api/openapi/document.ts';
import type { Refused } from '../../../../functions/web/http/problems.ts';
import { createToken, credentials, isTokenShaped, type TokenRequest, tokenId } from '../../../../functions/web/http/tokens.ts';
import { type Gate, NOON, openGate } from '../../openGate.ts';

let ports: Gate['ports'];

beforeEach(async () => {
  ({ ports } = await openGate());
});

const header = (sent: string, value: string) => (name: string) => (name === sent ? value : undefined);
const bearer = (token: string) => header('authorization', `Bearer ${token}`);
const make = (over: Partial<Parameters<typeof createToken>[1]> = {}) =>
  createToken(ports, { name: 'it', scopes: ['admin'], person: null, ...over });
const refusedFor = (token: string, scope: (typeof SCOPES)[number] = 'admin') =>
  answerOf(credentials(ports)(bearer(token), scope));

const answerOf = async (asked: unknown) =>
  Promise.resolve(asked).then(
    () => undefined,
    (error: Refused) => ({ ...error.answer, body: JSON.parse(error.answer.body) as JsonValue }),
  );

test('a token is kept as its hash only', async () => {
  const { id, token, scopes } = await make({ scopes: ['state:read', 'state:read'] });
  expect(scopes).toStrictEqual(['state:read']);
  expect(id).toBe(tokenId(token));
  const stored = await ports.sideStore.list('token');
  expect(stored).toStrictEqual([{ id, value: { name: 'it' } }]);
  const head = await ports.store.head(`access/token/${id}`);
  expect(JSON.stringify([stored, Buffer.from(head?.bytes ?? []).toString()])).not.toContain(token);
});

test('a token’s end is a checksum: no other last character will do, and none in between', async () => {
  const { token } = await make();
  expect(isTokenShaped(token)).toBe(true);
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === '0' ? '1' : '0';
    expect(isTokenShaped(`${token.slice(0, index)}${other}${token.slice(index + 1)}`), `character ${index}`).toBe(false);
  }
});

test('a revoked token stays in the list and is good for nothing', async () => {
  const { id, token } = await make();
  expect(await endToken(ports, id)).toBe(true);
  expect(await endToken(ports, id)).toBe(true);
  expect(await endToken(ports, tokenId('other'))).toBe(false);
  expect((await tokensAfter(ports, '', 100)).items).toMatchObject([{ id, name: 'it', revoked: true }]);
  expect(await refusedFor(token)).toMatchObject({ status: 401 });
});

test('the example of the description is taken', async () => {
  const { paths } = openApiDocument('https://gate.example') as {
    paths: Record<'/v1/tokens', { post: { requestBody: { content: Record<'application/json', { example: TokenRequest }> } } }>;
  };
  const { example } = paths['/v1/tokens'].post.requestBody.content['application/json'];
  expect(await createToken(ports, example)).toMatchObject({ scopes: example.scopes });
});

test.each(['notice', 'admin'] as const)('with the scope %s it is said who uses it, or that nobody does', async (scope) => {
  const unsaid = createToken(ports, { name: 'it', scopes: [scope] });
  expect(await answerOf(unsaid)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/person' }] } });
  expect(await make({ scopes: [scope] })).toMatchObject({ scopes: [scope] });
});

describe('who calls', () => {
  test('is sent by Authorization or X-API-Key', async () => {
    const { id, token } = await make({ scopes: ['state:read'], agencies: ['Denver PD'] });
    const authenticate = credentials(ports);
    const caller = { id, name: 'it', scopes: ['state:read'], agencies: ['Denver PD'], person: null, source: null };
    for (const sent of [bearer(token), header('x-api-key', token), header('authorization', `bearer  ${token}`)])
      expect(await authenticate(sent, 'state:read')).toStrictEqual(caller);
  });

  test('admin may do everything, every other scope only its own', async () => {
    const authenticate = credentials(ports);
    const { token: admin } = await make({ name: 'a' });
    const { token: reader } = await make({ scopes: ['state:read'] });
    for (const scope of ['state:read', 'observe', 'notice', 'admin'] as const)
      expect((await authenticate(bearer(admin), scope)).name).toBe('a');
    for (const scope of ['observe', 'notice', 'admin'] as const)
      expect(await answerOf(authenticate(bearer(reader), scope))).toMatchObject({ status: 403 });
  });

  test('a source is that of a token which reports, and is listed', async () => {
    const fault = { status: 400, body: { errors: [{ pointer: '/source' }] } };
    for (const scope of ['state:read', 'notice', 'admin'] as const)
      expect(await answerOf(make({ scopes: [scope], source: 'portal' }))).toMatchObject(fault);
    for (const source of ['', ' ', 'a\nb', 'x'.repeat(61)])
      expect(await answerOf(make({ scopes: ['observe'], source })), source).toMatchObject(fault);
    const { token } = await make({ name: 'portal', scopes: ['observe'], source: 'portal' });
    expect(await credentials(ports)(bearer(token), 'observe')).toMatchObject({ source: 'portal', person: null });
    expect((await tokensAfter(ports, '', 100)).items).toMatchObject([{ name: 'portal', source: 'portal' }]);
  });

  test('without one, or with one that is wrong, 401 with a challenge', async () => {
    const authenticate = credentials(ports);
    expect(await answerOf(authenticate(() => undefined, 'admin'))).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer realm="aldergate"' },
      body: { type: 'urn:aldergate:problem:token-missing' },
    });
    for (const wrong of ['', 'x', 'ald_', `ald_${'0'.repeat(54)}`, '\u0000'])
      expect(await answerOf(authenticate(bearer(wrong), 'admin')), wrong).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer realm="aldergate", error="invalid_token"' },
      });
  });

  test.each([
    ['is believed for a second, then asked again', 1_000, 1_000],
    ['is asked again after a function was frozen, whose monotonic clock stood still', 1_000, 0],
    ['is asked again after a second under a wall clock that does not move', 0, 1_000],
    ['is asked again under a clock that was set back', -1, 0],
  ])('%s', async (_, wall, monotonic) => {
    const passed = { wall: 0, monotonic: 0 };
    const { id, token } = await make();
    const authenticate = credentials(ports, { wallMs: () => 5_000 + passed.wall, monotonicMs: () => passed.monotonic });
    await authenticate(bearer(token), 'admin');
    await endToken(ports, id);
    Object.assign(passed, { wall: 999, monotonic: 999 });
    expect((await authenticate(bearer(token), 'admin')).name).toBe('it');
    Object.assign(passed, { wall, monotonic });
    expect(await answerOf(authenticate(bearer(token), 'admin'))).toMatchObject({ status: 401 });
  });

  test('nothing in the side store makes a token, widens one or brings one back', async () => {
    const { id, token } = await make({ scopes: ['state:read'] });
    const forged = { name: 'it', scopes: ['admin'], createdAt: NOON };
    await ports.sideStore.put('token', id, forged);
    expect(await refusedFor(token)).toMatchObject({ status: 403 });
    const mine = `ald_${'1'.repeat(48)}`;
    const planted = `${mine}${createHash('sha256').update(mine).digest('hex').slice(0, 6)}`;
    expect(isTokenShaped(planted)).toBe(true);
    await ports.sideStore.put('token', tokenId(planted), forged);
    expect(await refusedFor(planted)).toMatchObject({ status: 401 });
    await endToken(ports, id);
    await ports.sideStore.put('token', id, forged);
    expect(await refusedFor(token, 'state:read')).toMatchObject({ status: 401 });
    expect((await tokensAfter(ports, '', 100)).items).toHaveLength(1);
  });
});
