import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { makeVendorForm, vendorContact } from '../../../../functions/gate/vendors.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { byBallots, council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { walked } from '../../../support/walked.ts';
import { bearer, councilAndMayor, get, NOON, openWorld, post, refusal, settle, story, vendor } from './world.ts';

const NEVER = { state: 'never', at: null, source: null, kind: null };

test('an unknown key is off', async () => {
  const { read } = await story();
  expect(await read('/v1/features/acme')).toStrictEqual({
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
    observed: NEVER,
    asOf: NOON,
    checkpoint: null,
  });
});

test('of what another version of the code has derived of a key nothing is said, also not that nobody looked', async () => {
  const { world, read } = await story();
  await world.gate.sideStore.put('derived', 'acme', { derivedVersion: 0 });
  expect(await read('/v1/features/acme')).not.toHaveProperty('observed');
});

test('every list says so while another version of the code wrote what it is made of', async () => {
  const { world, read } = await story();
  const faults = () => Promise.all(lists.map(async (list) => (await read(`/v1/${list}`, admin)).fault));
  const lists = ['features', 'changes', 'drift', 'tasks', 'features/acme/history', 'vendors', 'vendors/acme/forms', 'tokens'];
  const admin = await world.token('admin');
  expect(await faults()).toEqual(lists.map(() => undefined));
  await world.gate.sideStore.put('derived-mark', 'log', { position: { derivedVersion: 0 } });
  expect(await faults()).toEqual(lists.map(() => true));
});

test('pending is off, approved is on until its end, and the past stays as it was known', async () => {
  const { world, notify, read } = await story();
  const { digest } = (await notify()).body;
  const pending = await read('/v1/features/acme');
  expect(pending).toMatchObject({ enabled: false, status: 'pending', change: 'acme/1', approvals: [] });
  const closesAt = '2026-05-31T12:00:00.000Z';
  const waits = { change: 'acme/1', revision: 1, digest, kind: 'new-feature', status: 'pending', closesAt };
  expect(pending.pending).toStrictEqual([waits]);
  const [approvedAt, end] = ['2026-03-03T12:00:00.000Z', '2027-03-03T12:00:00.000Z'];
  world.at(approvedAt);
  await world.gate.decide({ change: 'acme/1', digest });
  const on = await read('/v1/features/acme');
  const named = { change: 'acme/1', revision: 1, digest, version: '2026.3', validUntil: end, audience: null, pending: [] };
  expect(on).toMatchObject({ enabled: true, status: 'enabled', ...named });
  const clerk = { body: 'council', instrument: 'certification', holder: 'clerk', fileNumber: '26-0001', yes: 13, of: 13 };
  const mayor = { body: 'mayor', instrument: 'signature', holder: 'mayor', name: 'Holder of mayor', seat: 'mayor' };
  expect(on.approvals).toMatchObject([
    { requirement: 'council', ...clerk },
    { requirement: 'mayor', ...mayor },
  ]);
  // What is seen at the vendor is answered for now alone.
  const { observed, ...known } = pending;
  expect(observed).toStrictEqual(NEVER);
  expect(await read(`/v1/features/acme?at=${NOON}`)).toStrictEqual(known);
  expect(await read('/v1/features/acme?at=2026-03-02T11:59:59Z')).toMatchObject({ status: 'unknown' });
  world.at(end);
  expect(await read('/v1/features/acme')).toMatchObject({ enabled: false, status: 'expired' });
  const { observed: _, ...then } = on;
  expect(await read('/v1/features/acme?at=2026-03-03T12:00:00Z')).toStrictEqual({ ...then, asOf: approvedAt });
  for (const path of ['/v1/features/acme', '/v1/policy']) {
    const today = await get(world, `${path}?at=${world.now().slice(0, 10)}`, await world.token('admin'));
    expect(today.status, 'today is now').toBe(200);
  }
});

test('an approval for named agencies is off for everyone else, and a token with agencies asks for no other', async () => {
  const { world, approved, read, token: everyone } = await story();
  const audience = ['Aurora PD', 'Denver PD'];
  await approved({}, { ...NO_TERMS, audience });
  await settle(world, ['acme']);
  const token = await world.token('state:read', ['Denver PD']);
  const asked = (query: string, as = everyone) => read(`/v1/features/acme${query}`, as);
  expect(await asked('')).toMatchObject({ enabled: false, status: 'audience', audience });
  expect(await asked('?agency=Parks')).toMatchObject({ enabled: false, status: 'audience' });
  expect(await asked('?agency=Denver%20PD')).toMatchObject({ enabled: true, status: 'enabled' });
  expect(await asked('', token)).toMatchObject({ enabled: true });
  for (const path of ['/v1/features', '/v1/features/acme']) {
    expect(await get(world, `${path}?agency=Aurora%20PD`, token)).toMatchObject(refusal(403, 'other-agency'));
    expect(await get(world, `${path}?agency=Denver%20PD`, token)).toMatchObject({ status: 200 });
  }
  expect((await read('/v1/features', token)).items).toMatchObject([{ key: 'acme', enabled: true }]);
});

test('a list that lags never answers yes', async () => {
  const { world, approved, read } = await story();
  await approved();
  await settle(world, ['acme']);
  const items = async (query = '') => (await read(`/v1/features${query}`)).items;
  expect(await items()).toMatchObject([{ key: 'acme', enabled: true }]);
  // The register knows nothing yet of what comes now.
  await world.gate.revoke('acme/1');
  expect(await items()).toMatchObject([{ key: 'acme', enabled: false, status: 'revoked' }]);
  expect(await items('?status=enabled')).toStrictEqual([]);
});

test('features and changes name the checkpoint in their bodies, also in lists; before anything is published they say null', async () => {
  const { world, token, notify } = await story();
  await notify();
  await settle(world, ['acme']);
  for (const size of ['43', undefined]) {
    const app = apiApp({ ...world.deps, checkpoint: () => size });
    for (const path of ['/v1/features', '/v1/changes']) {
      const list = await get({ app }, path, token);
      const one = await get({ app }, `${path}/acme${path === '/v1/changes' ? '/1' : ''}`, token);
      expect([list.body.items[0].checkpoint, one.body.checkpoint]).toStrictEqual([size ?? null, size ?? null]);
      expect(list.headers.get('aldergate-checkpoint')).toBe(size ?? null);
    }
  }
});

test('a certified vote is listed for the body that confirms it, not for the one that voted', async () => {
  const { world, notify, read } = await story({ rules: policy(rule([council({ confirmedBy: 'auditor' }), mayor()])) });
  const { digest } = (await notify()).body;
  world.at('2026-03-20T12:00:00.000Z');
  await world.gate.certify('acme/1', digest);
  await settle(world, ['acme']);
  for (const [body, found] of [
    ['council', 0],
    ['auditor', 1],
  ])
    expect((await read(`/v1/changes?body=${body}`)).items).toHaveLength(Number(found));
});

test('each list comes in its order, filtered, and its pages together are the whole', async () => {
  const FEATURES = ['acme', 'acme.a', 'acme.a.x', 'acme.b'];
  const { world, approved, notify, read } = await story();
  await approved();
  for (const feature of ['acme.b', 'acme.a', 'acme.a.x']) await notify({ feature });
  await vendor(world, 'beta');
  for (const _ of [1, 2]) await makeVendorForm(world.deps.ports, 'acme', 'P30D');
  await settle(world, FEATURES);
  const admin = await world.token('admin');
  for (const [path, name, all] of [
    ['/v1/features?', 'key', FEATURES],
    ['/v1/features?prefix=acme.a&', 'key', ['acme.a', 'acme.a.x']],
    ['/v1/features?status=enabled&', 'key', ['acme']],
    ['/v1/changes?', 'change', FEATURES.map((key) => `${key}/1`)],
    ['/v1/changes?status=approved&', 'change', ['acme/1']],
    ['/v1/changes?status=approved&body=mayor&', 'change', ['acme/1']],
    ['/v1/changes?status=approved&body=auditor&', 'change', []],
    ['/v1/changes?body=council&', 'change', ['acme.a/1', 'acme.a.x/1', 'acme.b/1']],
    ['/v1/vendors?', 'id', ['acme', 'beta']],
    ['/v1/tokens?', 'revoked', [false, false]],
    ['/v1/vendors/acme/forms?', 'expiresAt', ['2026-04-01T12:00:00.000Z', '2026-04-01T12:00:00.000Z']],
    ['/v1/features/nobody/history?', 'version', []],
  ] as const)
    for (const limit of [1, 3, 1_000]) {
      const pages = await walked<Record<string, unknown>>((cursor) =>
        read(`${path}limit=${limit}${cursor && `&cursor=${cursor}`}`, admin),
      );
      for (const page of pages) expect(page.length).toBeLessThanOrEqual(limit);
      const found = pages.flat();
      expect(new Set(found.map((item) => JSON.stringify(item))).size).toBe(all.length);
      expect(
        found.map((item) => item[name]),
        `${path}limit=${limit}`,
      ).toStrictEqual(all);
    }
  const history = `/v1/features/acme/history`;
  const events = (await read(history)).items;
  expect(events.map(({ version, type }: { version: number; type: string }) => `${version} ${type}`)).toStrictEqual([
    '1 ChangeNotified',
    '2 VoteCertified',
    '2 RequirementMet',
    '3 SignatureGiven',
    '3 RequirementMet',
    '3 ChangeApproved',
  ]);
  const first = await read(`${history}?limit=2`);
  const rest = await read(`${history}?limit=2&cursor=${first.next}`);
  expect([[...first.items, ...rest.items], rest.next]).toStrictEqual([events, null]);
  const ofAnother = await get(world, `/v1/features/nobody/history?cursor=${first.next}`, admin);
  expect(ofAnother).toMatchObject(refusal(400, 'invalid-request', '/cursor'));
  const { next } = await read('/v1/changes?limit=1');
  expect((await read(`/v1/changes?limit=9&cursor=${next}`)).items).toHaveLength(FEATURES.length - 1);
  for (const other of ['changes?status=pending&', 'features?', 'drift?', 'vendors?', 'vendors/acme/forms?', 'tokens?'])
    expect(await get(world, `/v1/${other}cursor=${next}`, admin), other).toMatchObject(
      refusal(400, 'invalid-request', '/cursor'),
    );
});

test('a change is answered in full', async () => {
  const { world, token, notify, read } = await story();
  const sharing = { effect: 'changed', from: 'With nobody.', to: 'With the state police.' };
  const { digest } = (await notify({ description: 'In **full**.', impact: { cost: 'changed', sharing } })).body;
  const told = await read('/v1/changes/acme/1');
  const impact = { cost: 'changed', sharing, purpose: 'unknown' };
  expect(told).toMatchObject({
    change: 'acme/1',
    revision: 1,
    digest,
    status: 'pending',
    notice: { feature: 'acme', kind: 'new-feature', description: 'In **full**.', optOut: 'unknown', impact },
    provenance: { channel: 'webhook', by: 'vendor:acme', scheme: 'v1a' },
    terms: null,
    revisions: [{ revision: 1, digest, at: NOON }],
    closesAt: '2026-05-31T12:00:00.000Z',
  });
  const counts = (needed: number, of: number) => ({ yes: 0, needed, of, deadlineAt: null });
  expect(told.requirements).toStrictEqual([
    { id: 'council', body: 'council', instrument: 'certification', status: 'open', ...counts(7, 13) },
    { id: 'mayor', body: 'mayor', instrument: 'signature', status: 'waiting', ...counts(1, 1) },
  ]);
  for (const other of ['acme/2', 'zeta/1']) expect((await get(world, `/v1/changes/${other}`, token)).status).toBe(404);
  world.at('2026-05-31T12:00:00.000Z');
  const closed = { status: 'lapsed', closesAt: null, requirements: [{ status: 'waiting' }, { status: 'waiting' }] };
  expect(await read('/v1/changes/acme/1')).toMatchObject(closed);
});

describe('while ballots are open', () => {
  test('neither a change nor a history shows how they went; the result shows once it is certain', async () => {
    const { world, notify, read } = await story({ rules: byBallots });
    const { digest } = (await notify()).body;
    const words = { change: 1, revision: 1, digest, requirement: 'council', terms: NO_TERMS, comment: null };
    const cast = (seat: string, decision: 'approve' | 'refuse') => {
      const request = { type: 'ballot', holder: seat, decision, ...words } as const;
      return orderFeature(world.deps.ports, { key: 'acme', commandId: seat, actor: `holder:${seat}`, request });
    };
    await cast('district-1', 'approve');
    await cast('district-2', 'refuse');
    const change = await read('/v1/changes/acme/1');
    const council = { id: 'council', body: 'council', instrument: 'ballots' };
    expect(change.requirements[0]).toStrictEqual({ ...council, status: 'open', needed: 7, of: 13, deadlineAt: null });
    expect(change.terms).toBeNull();
    const { items } = await read('/v1/features/acme/history');
    const [yes, no] = items.filter(({ type }: { type: string }) => type === 'BallotCast');
    const who = { version: 0, holder: '', seat: '', actor: '' };
    expect({ ...yes, ...who }).toStrictEqual({ ...no, ...who });
    expect(JSON.stringify(items)).not.toMatch(/approve|refuse/);

    for (let seat = 3; seat <= 8; seat += 1) await cast(`district-${seat}`, 'approve');
    const certain = await read('/v1/changes/acme/1');
    expect(certain.requirements[0]).toMatchObject({ status: 'met', yes: 7, needed: 7, of: 13 });
    expect(certain.terms).toStrictEqual(NO_TERMS);
    const [, first] = (await read('/v1/features/acme/history')).items;
    expect(first).toMatchObject({ type: 'BallotCast', decision: 'approve', change: 'acme/1' });
  });
});

test('the policy in force, and the one that waits: by which change, and with which digest', async () => {
  const world = await openWorld();
  const token = await world.token('admin');
  const policy = async (query = '') => (await get(world, `/v1/policy${query}`, token)).body;
  expect(await policy()).toMatchObject({ number: 1, waits: null });
  const put = async (version: string) =>
    (await post(world, '/v1/policy', { policy: { ...councilAndMayor, version } }, bearer(token))).body;
  const { waits, sha256 } = await put('2');
  const change = { change: 'aldergate.policy/1', revision: 1, digest: waits.digest, status: 'pending', sha256 };
  expect((await policy()).waits).toStrictEqual(change);
  const second = await put('3');
  expect(await policy()).toMatchObject({ number: 1, waits: { change: 'aldergate.policy/2', sha256: second.sha256 } });
  expect((await policy(`?at=${world.now()}`)).waits).toBeNull();
});

test('a vendor is added with where it wants mail; a refused one changes nothing of another', async () => {
  const world = await openWorld();
  const headers = bearer(await world.token('admin'));
  for (const [contact, status, kept] of [
    ['no address', 400, undefined],
    ['sales@acme.example', 201, 'sales@acme.example'],
    ['other@acme.example', 409, 'sales@acme.example'],
  ] as const) {
    expect((await post(world, '/v1/vendors', { id: 'acme', name: 'Acme', contact }, headers)).status).toBe(status);
    const expected = kept && { email: kept, language: 'en' };
    expect(await vendorContact(world.deps.ports.sideStore, 'acme')).toEqual(expected);
  }
});
