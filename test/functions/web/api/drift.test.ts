import { expect, test } from 'vitest';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { story } from './story.ts';
import { approve, notified, post } from './world.ts';

const AT = '2026-03-02T11:00:00Z';

const observing = async () => {
  const { world, acme } = await story();
  const token = await world.token('observe');
  const observe = (features: object, more: object = {}) =>
    post(world, '/v1/observations', JSON.stringify({ vendor: 'acme', source: 'export', observedAt: AT, features, ...more }), {
      authorization: `Bearer ${token}`,
    });
  return { world, acme, observe };
};

test('what is seen on and is not approved is drift', async () => {
  const { world, acme, observe } = await observing();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  await notified(world, acme, { feature: 'acme.a' });
  const seen = { on: true, agencies: ['PD'], version: '2' };
  const since = '2026-03-02T11:00:00.000Z';
  const nothing = { onFor: 'none', version: null };
  expect(await observe({ acme: true, 'acme.a': true, 'acme.b': seen, 'acme.c': false })).toMatchObject({
    status: 200,
    body: {
      drift: [
        {
          key: 'acme.a',
          kind: 'not-approved',
          since,
          seen: { on: true, agencies: null, version: null },
          approved: { ...nothing, variant: 'pending', change: 'acme.a/1' },
        },
        { key: 'acme.b', kind: 'never-announced', since, seen, approved: { ...nothing, variant: 'unknown', change: null } },
      ],
      closed: [],
    },
  });
});

test('another vendor’s key is refused', async () => {
  const { observe } = await observing();
  expect(await observe({ 'zeta.a': true })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/features/zeta.a' }] } });
});

const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`acme.a${n}`, false]));

test('a thousand keys are taken, and one more is too large', async () => {
  const { observe } = await observing();
  expect(await observe(keys(1_000))).toMatchObject({ status: 200, body: { drift: [], closed: [] } });
  expect(await observe(keys(1_001))).toMatchObject({
    status: 413,
    body: { type: expect.stringMatching(/too-large$/) as string },
  });
});

test('48 KiB are taken, and a byte more is too large', async () => {
  const { world } = await observing();
  const headers = { authorization: `Bearer ${await world.token('observe')}` };
  const long = (n: number) => `acme.${[1, 2, 3, 4].map(() => `${n}`.padEnd(40, 'x')).join('.')}`;
  const features = Object.fromEntries(Array.from({ length: 270 }, (_, n) => [long(n), false]));
  const body = JSON.stringify({ vendor: 'acme', source: 'export', observedAt: AT, features });
  const padded = body.padEnd(48 * 1024, ' ');
  expect(padded.length).toBe(48 * 1024);
  expect((await post(world, '/v1/observations', padded, headers)).status).toBe(200);
  expect((await post(world, '/v1/observations', `${padded} `, headers)).status).toBe(413);
});

test('a token with a source reports as no other, and its person stands in the log', async () => {
  const { world } = await observing();
  const { ports } = world.deps;
  const { token } = await createToken(ports, { name: 'round', scopes: ['observe'], source: 'round', person: 'clerk' });
  const report = (source: string) =>
    post(world, '/v1/observations', JSON.stringify({ vendor: 'acme', source, observedAt: AT, features: { acme: false } }), {
      authorization: `Bearer ${token}`,
    });
  for (const other of ['portal', 'Round', 'round '])
    expect(await report(other)).toMatchObject({
      status: 403,
      body: { type: 'urn:aldergate:problem:other-source', errors: [{ pointer: '/source' }] },
    });
  expect((await report('round')).status).toBe(200);
  const { events } = commitOf((await ports.store.head('observation/acme/round'))!);
  expect(events).toMatchObject([{ source: 'round', attested: false, person: 'clerk' }]);
  expect((await world.streams()).filter((stream) => stream.startsWith('observation/'))).toStrictEqual(['observation/acme/round']);
});
