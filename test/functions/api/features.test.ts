import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { orderFeature } from '../../../functions/gate/feature.ts';
import { catchUp } from '../../../functions/projector/project.ts';
import { byBallots } from '../../support/fixtures/city.ts';
import { approve, get, NOON, notified, openWorld, post, vendor, type World } from './world.ts';

/** What the projector does a moment after a commit. */
const settle = async ({ deps }: World, keys: readonly string[]): Promise<void> => {
  for (const key of keys) await catchUp(deps.ports, key);
};

const YEAR_LATER = '2027-03-02T12:00:00.000Z';

const story = async () => {
  const world = await openWorld();
  return { world, acme: await vendor(world, 'acme'), token: await world.token('state:read') };
};

test('a key nobody has spoken of is off', async () => {
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
    audience: null,
    conditions: [],
    approvals: [],
    pending: [],
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
  expect((await get(world, `/v1/features/acme?at=${NOON}`, token)).body).toStrictEqual(pending);
  expect((await get(world, '/v1/features/acme?at=2026-03-02T11:59:59Z', token)).body).toMatchObject({ status: 'unknown' });
  world.at('2027-03-03T12:00:00.000Z');
  expect((await get(world, '/v1/features/acme', token)).body).toMatchObject({ enabled: false, status: 'expired' });
  expect((await get(world, '/v1/features/acme?at=2026-03-03T12:00:00Z', token)).body).toStrictEqual({
    ...on,
    asOf: '2026-03-03T12:00:00.000Z',
  });
});

test('the future is 400, a malformed key too', async () => {
  const { world, token } = await story();
  expect(await get(world, `/v1/features/acme?at=${YEAR_LATER}`, token)).toMatchObject({
    status: 400,
    body: { type: 'urn:aldergate:problem:future-instant', errors: [{ pointer: '/at' }] },
  });
  expect(await get(world, '/v1/features/Acme', token)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/key' }] } });
});

test('an approval for named agencies is off for everyone else', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest, { ...NO_TERMS, audience: ['Denver PD'] });
  const asked = async (query: string, as = token) => (await get(world, `/v1/features/acme${query}`, as)).body;
  expect(await asked('')).toMatchObject({ enabled: false, status: 'audience', audience: ['Denver PD'] });
  expect(await asked('?agency=Aurora%20PD')).toMatchObject({ enabled: false, status: 'audience' });
  expect(await asked('?agency=Denver%20PD')).toMatchObject({ enabled: true, status: 'enabled' });
  expect(await asked('', await world.token('state:read', 'Denver PD'))).toMatchObject({ enabled: true });
});

test('the register is listed by key, filtered and paged', async () => {
  const { world, acme, token } = await story();
  for (const feature of ['acme', 'acme.b', 'acme.a', 'acme.a.x']) await notified(world, acme, { feature });
  const keys = async (query: string) => {
    const { body } = await get(world, `/v1/features${query}`, token);
    return [body.items.map(({ key }: { key: string }) => key), body.next];
  };
  await settle(world, ['acme', 'acme.a', 'acme.a.x', 'acme.b']);
  expect(await keys('')).toStrictEqual([['acme', 'acme.a', 'acme.a.x', 'acme.b'], null]);
  expect(await keys('?prefix=acme.a')).toStrictEqual([['acme.a', 'acme.a.x'], null]);
  expect(await keys('?status=enabled')).toStrictEqual([[], null]);
  const [first, next] = await keys('?limit=3');
  expect(first).toStrictEqual(['acme', 'acme.a', 'acme.a.x']);
  expect(await keys(`?limit=3&cursor=${next}`)).toStrictEqual([['acme.b'], null]);
});

test('a list that lags never says yes', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  await settle(world, ['acme']);
  expect((await get(world, '/v1/features', token)).body.items).toMatchObject([{ key: 'acme', enabled: true }]);
  // The register knows nothing yet of what comes now.
  await orderFeature(world.deps.ports, {
    key: 'acme',
    commandId: 'revoke',
    actor: 'holder:mayor',
    request: { type: 'revoke', change: 1, requirement: 'mayor', holder: 'mayor', reason: null, fileNumber: null },
  });
  expect((await get(world, '/v1/features', token)).body.items).toMatchObject([
    { key: 'acme', enabled: false, status: 'revoked' },
  ]);
  expect((await get(world, '/v1/features?status=enabled', token)).body.items).toStrictEqual([]);
});

test('a change is told whole', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme, { description: 'In **full**.', impact: { cost: 'changed' } });
  const told = (await get(world, '/v1/changes/acme/1', token)).body;
  expect(told).toMatchObject({
    change: 'acme/1',
    revision: 1,
    digest: body.digest,
    status: 'pending',
    notice: {
      feature: 'acme',
      kind: 'new-feature',
      description: 'In **full**.',
      optOut: 'unknown',
      impact: { cost: 'changed', purpose: 'unknown' },
    },
    provenance: { channel: 'webhook', by: 'vendor:acme', scheme: 'v1a' },
    terms: null,
    revisions: [{ revision: 1, digest: body.digest, at: NOON }],
    closesAt: '2026-05-31T12:00:00.000Z',
  });
  expect(told.requirements).toStrictEqual([
    { id: 'council', body: 'council', instrument: 'certification', status: 'open', yes: 0, needed: 7, of: 13, deadlineAt: null },
    { id: 'mayor', body: 'mayor', instrument: 'signature', status: 'waiting', yes: 0, needed: 1, of: 1, deadlineAt: null },
  ]);
  expect((await get(world, '/v1/changes/acme/2', token)).status).toBe(404);
  expect((await get(world, '/v1/changes/zeta/1', token)).status).toBe(404);
  world.at('2026-05-31T12:00:00.000Z');
  expect((await get(world, '/v1/changes/acme/1', token)).body).toMatchObject({ status: 'lapsed', closesAt: null });
});

test('changes are listed by status and by the body they wait for', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await notified(world, acme, { feature: 'acme.a' });
  await notified(world, acme, { feature: 'acme.b', kind: 'removal' });
  await settle(world, ['acme', 'acme.a', 'acme.b']);
  const listed = async (query: string) =>
    (await get(world, `/v1/changes${query}`, token)).body.items.map(({ change }: { change: string }) => change);
  expect(await listed('')).toStrictEqual(['acme/1', 'acme.a/1', 'acme.b/1']);
  expect(await listed('?status=pending')).toStrictEqual(['acme/1', 'acme.a/1']);
  expect(await listed('?status=removed')).toStrictEqual(['acme.b/1']);
  expect(await listed('?body=council')).toStrictEqual(['acme/1', 'acme.a/1']);
  expect(await listed('?body=mayor')).toStrictEqual([]);
  await approve(world, 'acme', 1, body.digest);
  await settle(world, ['acme']);
  expect(await listed('?body=council')).toStrictEqual(['acme.a/1']);
  expect(await listed('?status=approved&body=council')).toStrictEqual(['acme/1']);
  const page = (await get(world, '/v1/changes?limit=1', token)).body;
  expect(page.items).toHaveLength(1);
  expect((await get(world, `/v1/changes?limit=2&cursor=${page.next}`, token)).body).toMatchObject({
    items: [{ change: 'acme.a/1' }, { change: 'acme.b/1' }],
    next: null,
  });
});

describe('while ballots are open', () => {
  const balloted = async () => {
    const world = await openWorld({ rules: byBallots });
    const acme = await vendor(world, 'acme');
    const token = await world.token('state:read');
    const { body } = await notified(world, acme);
    const cast = (seat: string, decision: 'approve' | 'refuse') =>
      orderFeature(world.deps.ports, {
        key: 'acme',
        commandId: `ballot-${seat}`,
        actor: `holder:${seat}`,
        request: {
          type: 'ballot',
          change: 1,
          revision: 1,
          digest: body.digest,
          requirement: 'council',
          holder: seat,
          terms: NO_TERMS,
          comment: null,
          decision,
        },
      });
    return { world, token, cast };
  };

  test('neither a change nor a history tells how they went', async () => {
    const { world, token, cast } = await balloted();
    await cast('district-1', 'approve');
    await cast('district-2', 'refuse');
    const change = (await get(world, '/v1/changes/acme/1', token)).body;
    expect(change.requirements[0]).toStrictEqual({
      id: 'council',
      body: 'council',
      instrument: 'ballots',
      status: 'open',
      needed: 7,
      of: 13,
      deadlineAt: null,
    });
    expect(change.terms).toBeNull();
    const { items } = (await get(world, '/v1/features/acme/history', token)).body;
    const [yes, no] = items.filter(({ type }: { type: string }) => type === 'BallotCast');
    const without = ({ version: _version, holder: _holder, seat: _seat, actor: _actor, ...rest }: Record<string, unknown>) =>
      rest;
    expect(without(yes)).toStrictEqual(without(no));
    expect(JSON.stringify(items)).not.toMatch(/approve|refuse/);
  });

  test('once it is certain, it is told', async () => {
    const { world, token, cast } = await balloted();
    for (let seat = 1; seat <= 7; seat += 1) await cast(`district-${seat}`, 'approve');
    const change = (await get(world, '/v1/changes/acme/1', token)).body;
    expect(change.requirements[0]).toMatchObject({ status: 'met', yes: 7, needed: 7, of: 13 });
    expect(change.terms).toStrictEqual(NO_TERMS);
    const { items } = (await get(world, '/v1/features/acme/history', token)).body;
    expect(items.filter(({ type }: { type: string }) => type === 'BallotCast')).toHaveLength(7);
    expect(items.find(({ type }: { type: string }) => type === 'BallotCast')).toMatchObject({
      decision: 'approve',
      change: 'acme/1',
    });
  });
});

test('a history is paged by commits, oldest first', async () => {
  const { world, acme, token } = await story();
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  const all = (await get(world, '/v1/features/acme/history', token)).body;
  expect(all.next).toBeNull();
  expect(all.items.map(({ version, type }: { version: number; type: string }) => [version, type])).toStrictEqual([
    [1, 'ChangeNotified'],
    [2, 'VoteCertified'],
    [2, 'RequirementMet'],
    [3, 'SignatureGiven'],
    [3, 'RequirementMet'],
    [3, 'ChangeApproved'],
  ]);
  const first = (await get(world, '/v1/features/acme/history?limit=2', token)).body;
  const rest = (await get(world, `/v1/features/acme/history?limit=2&cursor=${first.next}`, token)).body;
  expect([...first.items, ...rest.items]).toStrictEqual(all.items);
  expect(rest.next).toBeNull();
  expect((await get(world, '/v1/features/nobody/history', token)).body).toStrictEqual({ items: [], next: null });
});

test('what is seen on and is not approved is drift', async () => {
  const { world, acme } = await story();
  const token = await world.token('observe');
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  await notified(world, acme, { feature: 'acme.a' });
  const observe = (features: object) =>
    post(
      world,
      '/v1/observations',
      JSON.stringify({ vendor: 'acme', source: 'export', observedAt: '2026-03-02T11:00:00Z', features }),
      { authorization: `Bearer ${token}` },
    );
  expect(await observe({ acme: true, 'acme.a': true, 'acme.b': true, 'acme.c': false })).toMatchObject({
    status: 200,
    body: {
      drift: [
        { key: 'acme.a', observed: true, enabled: false, status: 'pending' },
        { key: 'acme.b', observed: true, enabled: false, status: 'unknown' },
      ],
    },
  });
  expect(await observe({ 'zeta.a': true })).toMatchObject({ status: 400, body: { errors: [{ pointer: '/features/zeta.a' }] } });
});
