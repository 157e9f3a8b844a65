import { expect, test } from 'vitest';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { CaseJson } from '../../../../functions/register/views/observedJson.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { type Known, noon, putKnown } from '../site/support/cases.ts';
import { approve, bearer, get, notified, post, story } from './world.ts';

const AT = '2026-03-02T11:00:00Z';

const observing = async () => {
  const { world, acme } = await story();
  const token = await world.token('observe');
  const observe = (features: object, more: object = {}) =>
    post(
      world,
      '/v1/observations',
      JSON.stringify({ vendor: 'acme', source: 'export', observedAt: AT, features, ...more }),
      bearer(token),
    );
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
  const headers = bearer(await world.token('observe'));
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
    post(
      world,
      '/v1/observations',
      JSON.stringify({ vendor: 'acme', source, observedAt: AT, features: { acme: false } }),
      bearer(token),
    );
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

const KNOWN: readonly Known[] = [
  {
    key: 'acme',
    cases: [
      { since: noon('2026-01-05'), until: noon('2026-01-09'), closedAt: noon('2026-01-09'), closedBy: { change: 1 } },
      { since: noon('2026-01-20') },
    ],
  },
  { key: 'acme.ghost', cases: [{ since: noon('2026-02-01'), kind: 'never-announced' }] },
];

const opened = async () => {
  const { world, acme } = await story();
  await putKnown(world.deps, KNOWN);
  const list = async (query = '', scope = 'state:read') => get(world, `/v1/drift${query}`, await world.token(scope));
  const items = async (query = '') => ((await list(query)).body as { readonly items: readonly CaseJson[] }).items;
  return { world, acme, list, items };
};

test('lists what was seen on beyond what is approved, what is open first, with its days and its title', async () => {
  const { world, acme, items } = await opened();
  const { body } = await notified(world, acme);
  expect(body.change).toBe('acme/1');
  const all = await items();
  for (const item of all) expect(CaseJson.parse(item)).toStrictEqual(item);
  expect(all.map(({ key, since, until }) => [key, since, until])).toStrictEqual([
    ['acme.ghost', noon('2026-02-01'), null],
    ['acme', noon('2026-01-20'), null],
    ['acme', noon('2026-01-05'), noon('2026-01-09')],
  ]);
  expect(all.map(({ title }) => title === null)).toStrictEqual([true, false, false]);
  const [, open, past] = all;
  expect([past?.days, past?.closedBy, open?.closedBy]).toStrictEqual([5, { change: 'acme/1' }, null]);
  expect(past?.daysOfKey).toBe((open?.days ?? 0) + 5);
});

test('only what is open or over, a page at a time, by either scope and no other', async () => {
  const { list, items } = await opened();
  expect((await items('?open=true')).map(({ key }) => key)).toStrictEqual(['acme.ghost', 'acme']);
  expect((await items('?open=false')).map(({ key }) => key)).toStrictEqual(['acme']);
  const first = await list('?limit=2', 'observe');
  const { next } = first.body as { readonly next: string };
  expect(await list(`?cursor=${next}`, 'observe')).toMatchObject({
    body: { items: [{ since: noon('2026-01-05') }], next: null },
  });
  expect(await list('?cursor=%21')).toMatchObject({ status: 400 });
  expect(await list('?open=perhaps')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/open' }] } });
  expect(await list('', 'notice')).toMatchObject({ status: 403 });
});
