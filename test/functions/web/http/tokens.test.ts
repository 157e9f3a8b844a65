import { beforeEach, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import type { Side } from '../../../../functions/platform/store/side.ts';
import { openSqliteSide } from '../../../../functions/platform/store/sqlite/sqliteSide.ts';
import { credentials } from '../../../../functions/web/http/credentials.ts';
import type { Refused } from '../../../../functions/web/http/refused.ts';
import { createToken, isTokenShaped, listTokens, revokeToken, tokenId } from '../../../../functions/web/http/tokens.ts';

const NOW = '2026-03-02T12:00:00.000Z';
let side: Side;

beforeEach(() => {
  side = openSqliteSide(':memory:');
  return () => side.close();
});

const bearer = (token: string) => (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined);

/** The answer that a promise was refused with. */
const answerOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Refused) => ({ ...error.answer, body: JSON.parse(error.answer.body) as JsonValue }),
  );

test('a token is kept as its hash only', async () => {
  const { id, token, scopes } = await createToken(side, { name: 'it', scopes: ['state:read', 'state:read'] }, NOW);
  expect(scopes).toStrictEqual(['state:read']);
  expect(id).toBe(tokenId(token));
  const stored = await side.list('token');
  expect(stored).toStrictEqual([{ id, value: { name: 'it', scopes: ['state:read'], createdAt: NOW } }]);
  expect(JSON.stringify(stored)).not.toContain(token);
});

test('a token’s end is a checksum: no other last character will do, and none in between', async () => {
  const { token } = await createToken(side, { name: 'it', scopes: ['admin'] }, NOW);
  expect(isTokenShaped(token)).toBe(true);
  for (let index = 0; index < token.length; index += 1) {
    const other = token[index] === '0' ? '1' : '0';
    expect(isTokenShaped(`${token.slice(0, index)}${other}${token.slice(index + 1)}`), `character ${index}`).toBe(false);
  }
});

test.each([
  ['a blank name', { name: ' ', scopes: ['admin'] }],
  ['a name with a line break', { name: 'a\nb', scopes: ['admin'] }],
  ['no scope', { name: 'a', scopes: [] }],
  ['an unknown scope', { name: 'a', scopes: ['root'] }],
  ['an agency that reorders text', { name: 'a', scopes: ['admin'], agency: 'a\u202Eb' }],
])('%s is refused', async (_name, made) => {
  expect(await answerOf(createToken(side, made, NOW))).toMatchObject({ status: 400 });
  expect(await side.list('token')).toStrictEqual([]);
});

test('a revoked token stays in the list and is good for nothing', async () => {
  const { id, token } = await createToken(side, { name: 'it', scopes: ['admin'] }, NOW);
  expect(await revokeToken(side, id, NOW)).toBe(true);
  expect(await revokeToken(side, id, '2026-03-03T12:00:00.000Z')).toBe(true);
  expect(await revokeToken(side, tokenId('other'), NOW)).toBe(false);
  expect(await listTokens(side)).toMatchObject([{ id, name: 'it', revokedAt: NOW }]);
  expect(await answerOf(credentials(side)(bearer(token), 'admin'))).toMatchObject({ status: 401 });
});

describe('who calls', () => {
  test('is told by Authorization or X-API-Key', async () => {
    const { token } = await createToken(side, { name: 'it', scopes: ['state:read'], agency: 'Denver PD' }, NOW);
    const authenticate = credentials(side);
    const caller = { name: 'it', scopes: ['state:read'], agency: 'Denver PD' };
    expect(await authenticate(bearer(token), 'state:read')).toStrictEqual(caller);
    expect(await authenticate((name) => (name === 'x-api-key' ? token : undefined), 'state:read')).toStrictEqual(caller);
    expect(await authenticate((name) => (name === 'authorization' ? `bearer  ${token}` : undefined), 'state:read')).toStrictEqual(
      caller,
    );
  });

  test('admin may do everything, every other scope only its own', async () => {
    const authenticate = credentials(side);
    const { token: admin } = await createToken(side, { name: 'a', scopes: ['admin'] }, NOW);
    const { token: reader } = await createToken(side, { name: 'r', scopes: ['state:read'] }, NOW);
    for (const scope of ['state:read', 'observe', 'notice', 'admin'] as const)
      expect((await authenticate(bearer(admin), scope)).name).toBe('a');
    for (const scope of ['observe', 'notice', 'admin'] as const)
      expect(await answerOf(authenticate(bearer(reader), scope))).toMatchObject({ status: 403 });
  });

  test('without one, or with one that is wrong, 401 with a challenge', async () => {
    const authenticate = credentials(side);
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

  test('is believed for a second, then asked again', async () => {
    let now = 0;
    const { id, token } = await createToken(side, { name: 'it', scopes: ['admin'] }, NOW);
    const authenticate = credentials(side, () => now);
    await authenticate(bearer(token), 'admin');
    await revokeToken(side, id, NOW);
    now = 999;
    expect((await authenticate(bearer(token), 'admin')).name).toBe('it');
    now = 1_000;
    expect(await answerOf(authenticate(bearer(token), 'admin'))).toMatchObject({ status: 401 });
  });

  test('a stored token that cannot be read is none', async () => {
    const { id, token } = await createToken(side, { name: 'it', scopes: ['admin'] }, NOW);
    await side.put('token', id, { name: 'it', scopes: ['admin', 'root'], createdAt: NOW });
    expect(await answerOf(credentials(side)(bearer(token), 'admin'))).toMatchObject({ status: 401 });
  });
});
