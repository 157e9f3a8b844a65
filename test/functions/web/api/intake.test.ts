import { expect, test } from 'vitest';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { approve, bearer, get, notice, notified, openWorld, post, vendor } from './world.ts';

test('the city enters what it hears, and the provenance shows it', async () => {
  const world = await openWorld();
  const token = await world.token('notice');
  const reader = await world.token('state:read');
  const body = JSON.stringify({
    notice: notice(),
    channel: 'letter',
    heardAt: '2026-03-01T09:00:00Z',
    evidence: { sha256: 'a'.repeat(64), title: 'Letter of 1 March' },
  });
  const enter = () => post(world, '/v1/intake', body, bearer(token));
  const first = await enter();
  expect(first).toMatchObject({ status: 202, body: { change: 'acme/1', status: 'pending' } });
  expect((await enter()).body).toStrictEqual(first.body);
  expect((await get(world, '/v1/changes/acme/1', reader)).body.provenance).toStrictEqual({
    channel: 'letter',
    by: 'token:notice-token',
    person: null,
    key: null,
    scheme: null,
    message: null,
    heardAt: '2026-03-01T09:00:00.000Z',
    evidence: `sha256:${'a'.repeat(64)}`,
  });
});

test.each([
  ['2026-03-01', '2026-03-01T00:00:00.000Z'],
  ['2026-03-02', '2026-03-02T00:00:00.000Z'],
  ['2026-03-02T12:00:05Z', '2026-03-02T12:00:00.000Z'],
])('heard %s is on record as %s: a day as its beginning, and nothing that is yet to come', async (heardAt, recorded) => {
  const world = await openWorld();
  const headers = bearer(await world.token('notice'));
  await post(world, '/v1/intake', JSON.stringify({ notice: notice(), channel: 'letter', heardAt }), headers);
  const { body } = await get(world, '/v1/changes/acme/1', await world.token('state:read'));
  expect(body.provenance.heardAt).toBe(recorded);
});

const heard = (change: Readonly<Record<string, unknown>> = {}) =>
  JSON.stringify({ notice: notice(change), channel: 'letter', heardAt: '2026-03-01T09:00:00Z' });

test('what the city enters neither rewords what a vendor signed nor removes what is approved', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  await notified(world, acme, { title: 'Another change', optOut: 'yes' });
  const before = await world.commits();
  for (const [scope, change, pointer] of [
    ['notice', { revises: 2 }, '/notice/revises'],
    ['admin', { revises: 2 }, '/notice/revises'],
    ['notice', { kind: 'removal' }, '/notice/kind'],
    ['admin', { kind: 'removal' }, '/notice/kind'],
  ] as const) {
    const token = await world.token(scope);
    const got = await post(world, '/v1/intake', heard(change), bearer(token));
    expect(got).toMatchObject({ status: 403, body: { type: 'urn:aldergate:problem:adds-only', errors: [{ pointer }] } });
  }
  expect(await world.commits()).toBe(before + 4);
  const reader = await world.token('state:read');
  expect((await get(world, '/v1/features/acme', reader)).body).toMatchObject({ enabled: true });
  expect((await get(world, '/v1/changes/acme/2', reader)).body).toMatchObject({
    revision: 1,
    notice: { title: 'Another change' },
  });
});

test('a signed notice joins what the city entered before, as its next revision', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const entered = bearer(await world.token('notice'));
  expect(await post(world, '/v1/intake', heard(), entered)).toMatchObject({ status: 202, body: { change: 'acme/1' } });
  expect((await notified(world, acme, { summary: 'In the vendor’s own words.' })).body).toMatchObject({
    change: 'acme/1',
    revision: 2,
  });
  // The words are the vendor's now, so the next notice is a change of its own.
  expect((await notified(world, acme, { title: 'And another' })).body).toMatchObject({ change: 'acme/2', revision: 1 });
});

test('who enters a notice fills no requirement of it', async () => {
  const world = await openWorld();
  const { token } = await createToken(world.deps.ports, { name: 'desk', scopes: ['notice'], person: 'mayor' });
  const { body } = await post(world, '/v1/intake', heard(), bearer(token));
  await expect(approve(world, 'acme', 1, body.digest)).rejects.toThrow('same-person');
  const reader = await world.token('state:read');
  const { provenance } = (await get(world, '/v1/changes/acme/1', reader)).body;
  expect(provenance).toMatchObject({ by: 'token:desk', person: 'mayor' });
});
