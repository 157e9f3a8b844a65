import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { walked } from '../../../support/walked.ts';
import { approve, get, NOON, notified, revoke, settle, story, vendor, type World } from './world.ts';

test('an unknown key is off', async () => {
  const { world, token } = await story();
  expect((await get(world, '/v1/features/acme', token)).body).toStrictEqual({
    key: 'acme',
    enabled: false,
    status: 'unknown',
    because: 'acme is unknown',
    change: null,
    revision: null,
    digest: null,
    version: null,
    validUntil: null,
    effectiveUntil: null,
    limitedBy: null,
    onFor: [],
    audience: null,
    conditions: [],
    approvals: [],
    pending: [],
    observed: { state: 'never', at: null, source: null, kind: null },
    asOf: NOON,
    checkpoint: null,
  });
});

test('pending is off, approved is on until its end, and the past stays as it was known', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  const pending = (await get(world, '/v1/features/acme', token)).body;
  expect(pending).toMatchObject({ enabled: false, status: 'pending', change: 'acme/1', approvals: [] });
  expect(pending.pending).toStrictEqual([
    {
      change: 'acme/1',
      revision: 1,
      digest: body.digest,
      kind: 'new-feature',
      status: 'pending',
      closesAt: '2026-05-31T12:00:00.000Z',
    },
  ]);
  world.at('2026-03-03T12:00:00.000Z');
  await approve(world, 'acme', 1, body.digest);
  const on = (await get(world, '/v1/features/acme', token)).body;
  expect(on).toMatchObject({
    enabled: true,
    status: 'enabled',
    change: 'acme/1',
    revision: 1,
    digest: body.digest,
    version: '2026.3',
    validUntil: '2027-03-03T12:00:00.000Z',
    audience: null,
    pending: [],
  });
  expect(on.approvals).toMatchObject([
    {
      requirement: 'council',
      body: 'council',
      instrument: 'certification',
      holder: 'clerk',
      fileNumber: '26-0001',
      yes: 13,
      of: 13,
    },
    { requirement: 'mayor', body: 'mayor', instrument: 'signature', holder: 'mayor', name: 'Holder of mayor', seat: 'mayor' },
  ]);
  // What is seen at the vendor is answered for now alone.
  const { observed, ...known } = pending;
  expect(observed).toStrictEqual({ state: 'never', at: null, source: null, kind: null });
  expect((await get(world, `/v1/features/acme?at=${NOON}`, token)).body).toStrictEqual(known);
  expect((await get(world, '/v1/features/acme?at=2026-03-02T11:59:59Z', token)).body).toMatchObject({ status: 'unknown' });
  world.at('2027-03-03T12:00:00.000Z');
  expect((await get(world, '/v1/features/acme', token)).body).toMatchObject({ enabled: false, status: 'expired' });
  const { observed: _, ...then } = on;
  for (const path of ['/v1/features/acme', '/v1/policy'])
    expect((await get(world, `${path}?at=${world.now().slice(0, 10)}`, await world.token('admin'))).status, 'today is now').toBe(
      200,
    );
  expect((await get(world, '/v1/features/acme?at=2026-03-03T12:00:00Z', token)).body).toStrictEqual({
    ...then,
    asOf: '2026-03-03T12:00:00.000Z',
  });
});

test('an approval for named agencies is off for everyone else, and a token with agencies asks for no other', async () => {
  const { world, acme } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest, { ...NO_TERMS, audience: ['Aurora PD', 'Denver PD'] });
  await settle(world, ['acme']);
  const token = await world.token('state:read', ['Denver PD']);
  const everyone = await world.token('state:read');
  const asked = async (query: string, as = everyone) => (await get(world, `/v1/features/acme${query}`, as)).body;
  expect(await asked('')).toMatchObject({ enabled: false, status: 'audience', audience: ['Aurora PD', 'Denver PD'] });
  expect(await asked('?agency=Parks')).toMatchObject({ enabled: false, status: 'audience' });
  expect(await asked('?agency=Denver%20PD')).toMatchObject({ enabled: true, status: 'enabled' });
  expect(await asked('', token)).toMatchObject({ enabled: true });
  for (const path of ['/v1/features', '/v1/features/acme']) {
    const other = await get(world, `${path}?agency=Aurora%20PD`, token);
    expect(other).toMatchObject({ status: 403, body: { type: 'urn:aldergate:problem:other-agency' } });
    expect(await get(world, `${path}?agency=Denver%20PD`, token)).toMatchObject({ status: 200 });
  }
  expect((await get(world, '/v1/features', token)).body.items).toMatchObject([{ key: 'acme', enabled: true }]);
});

test('a list that lags never answers yes', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  await settle(world, ['acme']);
  expect((await get(world, '/v1/features', token)).body.items).toMatchObject([{ key: 'acme', enabled: true }]);
  // The register knows nothing yet of what comes now.
  await revoke(world, 'acme');
  expect((await get(world, '/v1/features', token)).body.items).toMatchObject([
    { key: 'acme', enabled: false, status: 'revoked' },
  ]);
  expect((await get(world, '/v1/features?status=enabled', token)).body.items).toStrictEqual([]);
});

const at = (world: World, size: string | undefined): World => ({
  ...world,
  app: apiApp({ ...world.deps, checkpoint: () => size }),
});

test('features and changes say it in their bodies, also in lists; before anything is published they say null', async () => {
  const { world: bare, acme, token } = await story();
  expect((await notified(at(bare, '43'), acme)).headers.get('aldergate-checkpoint')).toBe('43');
  await settle(bare, ['acme']);
  for (const size of ['43', undefined]) {
    const world = at(bare, size);
    const body = async (path: string) => (await get(world, path, token)).body;
    const told = [
      (await body('/v1/features/acme')).checkpoint,
      (await body('/v1/features')).items[0].checkpoint,
      (await body('/v1/changes/acme/1')).checkpoint,
      (await body('/v1/changes')).items[0].checkpoint,
    ];
    expect(told).toStrictEqual(told.map(() => size ?? null));
    expect((await get(world, '/v1/changes', token)).headers.get('aldergate-checkpoint')).toBe(size ?? null);
  }
});

const FEATURES = ['acme', 'acme.a', 'acme.a.x', 'acme.b'];

test('each list comes in its order, filtered, and its pages together are the whole', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  for (const feature of ['acme.b', 'acme.a', 'acme.a.x']) await notified(world, acme, { feature });
  await vendor(world, 'beta');
  await settle(world, FEATURES);
  const admin = await world.token('admin');
  for (const [path, name, all] of [
    ['/v1/features?', 'key', FEATURES],
    ['/v1/features?prefix=acme.a&', 'key', ['acme.a', 'acme.a.x']],
    ['/v1/features?status=enabled&', 'key', ['acme']],
    ['/v1/changes?', 'change', FEATURES.map((key) => `${key}/1`)],
    ['/v1/changes?status=approved&', 'change', ['acme/1']],
    ['/v1/changes?body=council&', 'change', ['acme.a/1', 'acme.a.x/1', 'acme.b/1']],
    ['/v1/vendors?', 'id', ['acme', 'beta']],
    ['/v1/features/nobody/history?', 'version', []],
  ] as const)
    for (const limit of [1, 3, 100]) {
      const pages = await walked<Record<string, unknown>>(
        async (cursor) => (await get(world, `${path}limit=${limit}${cursor && `&cursor=${cursor}`}`, admin)).body,
      );
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      expect(
        pages.flat().map((item) => item[name]),
        `${path}limit=${limit}`,
      ).toStrictEqual(all);
    }
  const history = `/v1/features/acme/history`;
  const events = (await get(world, history, token)).body.items;
  expect(events.map(({ version, type }: { version: number; type: string }) => `${version} ${type}`)).toStrictEqual([
    '1 ChangeNotified',
    '2 VoteCertified',
    '2 RequirementMet',
    '3 SignatureGiven',
    '3 RequirementMet',
    '3 ChangeApproved',
  ]);
  const first = (await get(world, `${history}?limit=2`, token)).body;
  const rest = (await get(world, `${history}?limit=2&cursor=${first.next}`, token)).body;
  expect([[...first.items, ...rest.items], rest.next]).toStrictEqual([events, null]);
});
