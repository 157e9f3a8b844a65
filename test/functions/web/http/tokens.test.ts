import { beforeEach, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import type { SideStore } from '../../../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { credentials } from '../../../../functions/web/http/credentials.ts';
import type { Refused } from '../../../../functions/web/http/refused.ts';
import { createToken, isTokenShaped, listTokens, revokeToken, tokenId } from '../../../../functions/web/http/tokens.ts';

const NOW = '2026-03-02T12:00:00.000Z';
let sideStore: SideStore;

beforeEach(() => {
  sideStore = openSqliteSideStore(':memory:');
  return () => sideStore.close();
});

const bearer = (token: string) => (name: string) => (name === 'authorization' ? `Bearer ${token}` : undefined);

/** The answer that a promise was refused with. */
const answerOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: Refused) => ({ ...error.answer, body: JSON.parse(error.answer.body) as JsonValue }),
  );

test('a token is kept as its hash only', async () => {
  const { id, token, scopes } = await createToken(sideStore, { name: 'it', scopes: ['state:read', 'state:read'] }, NOW);
  expect(scopes).toStrictEqual(['state:read']);
  expect(id).toBe(tokenId(token));
  const stored = await sideStore.list('token');
  expect(stored).toStrictEqual([{ id, value: { name: 'it', scopes: ['state:read'], createdAt: NOW } }]);
  expect(JSON.stringify(stored)).not.toContain(token);
});

test('a token’s end is a checksum: no other last character will do, and none in between', async () => {
  const { token } = await createToken(sideStore, { name: 'it', scopes: ['admin'] }, NOW);
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
  expect(await answerOf(createToken(sideStore, made, NOW))).toMatchObject({ status: 400 });
  expect(await sideStore.list('token')).toStrictEqual([]);
});

test('a revoked token stays in the list and is good for nothing', async () => {
  const { id, token } = await createToken(sideStore, { name: 'it', scopes: ['admin'] }, NOW);
  expect(await revokeToken(sideStore, id, NOW)).toBe(true);
  expect(await revokeToken(sideStore, id, '2026-03-03T12:00:00.000Z')).toBe(true);
  expect(await revokeToken(sideStore, tokenId('other'), NOW)).toBe(false);
  expect(await listTokens(sideStore)).toMatchObject([{ id, name: 'it', revokedAt: NOW }]);
  expect(await answerOf(credentials(sideStore)(bearer(token), 'admin'))).toMatchObject({ status: 401 });
});

describe('who calls', () => {
  test('is told by Authorization or X-API-Key', async () => {
    const { token } = await createToken(sideStore, { name: 'it', scopes: ['state:read'], agency: 'Denver PD' }, NOW);
    const authenticate = credentials(sideStore);
    const caller = { name: 'it', scopes: ['state:read'], agency: 'Denver PD' };
    expect(await authenticate(bearer(token), 'state:read')).toStrictEqual(caller);
    expect(await authenticate((name) => (name === 'x-api-key' ? token : undefined), 'state:read')).toStrictEqual(caller);
    expect(await authenticate((name) => (name === 'authorization' ? `bearer  ${token}` : undefined), 'state:read')).toStrictEqual(
      caller,
    );
  });

  test('admin may do everything, every other scope only its own', async () => {
    const authenticate = credentials(sideStore);
    const { token: admin } = await createToken(sideStore, { name: 'a', scopes: ['admin'] }, NOW);
    const { token: reader } = await createToken(sideStore, { name: 'r', scopes: ['state:read'] }, NOW);
    for (const scope of ['state:read', 'observe', 'notice', 'admin'] as const)
      expect((await authenticate(bearer(admin), scope)).name).toBe('a');
    for (const scope of ['observe', 'notice', 'admin'] as const)
      expect(await answerOf(authenticate(bearer(reader), scope))).toMatchObject({ status: 403 });
  });

  test('without one, or with one that is wrong, 401 with a challenge', async () => {
    const authenticate = credentials(sideStore);
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
    const { id, token } = await createToken(sideStore, { name: 'it', scopes: ['admin'] }, NOW);
    const authenticate = credentials(sideStore, () => now);
    await authenticate(bearer(token), 'admin');
    await revokeToken(sideStore, id, NOW);
    now = 999;
    expect((await authenticate(bearer(token), 'admin')).name).toBe('it');
    now = 1_000;
    expect(await answerOf(authenticate(bearer(token), 'admin'))).toMatchObject({ status: 401 });
  });

  test('a stored token that cannot be read is none', async () => {
    const { id, token } = await createToken(sideStore, { name: 'it', scopes: ['admin'] }, NOW);
    await sideStore.put('token', id, { name: 'it', scopes: ['admin', 'root'], createdAt: NOW });
    expect(await answerOf(credentials(sideStore)(bearer(token), 'admin'))).toMatchObject({ status: 401 });
  });
});
