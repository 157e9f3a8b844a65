import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { loggedBytes, objections } from '../../../support/judged.ts';
import {
  approve,
  bearer,
  councilAndMayor,
  ed25519Signer,
  get,
  notice,
  notified,
  openWorld,
  post,
  remove,
  secretVendor,
  vendor,
  type World,
} from './world.ts';

test('a notice that the standardwebhooks package signed is taken', async () => {
  const world = await openWorld();
  const acme = await secretVendor(world, 'acme');
  const body = JSON.stringify(notice());
  const taken = await post(world, '/v1/notices', body, acme.headers(body));
  expect(taken.status).toBe(202);
  expect(taken.headers.get('content-type')).toBe('application/json');
  expect(taken.body).toStrictEqual({
    change: 'acme/1',
    revision: 1,
    digest: digestOf(body),
    status: 'pending',
    requirements: [
      { id: 'council', body: 'council', instrument: 'certification', status: 'open' },
      { id: 'mayor', body: 'mayor', instrument: 'signature', status: 'waiting' },
    ],
    missingAncestors: [],
    url: 'https://gate.example/changes/acme/1',
  });
});

test('a removal is answered as removed, with nothing to approve; prefixes without an approval are named', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const { status, body } = await notified(world, acme, { feature: 'acme.camera.search', kind: 'removal' });
  expect([status, body]).toMatchObject([202, { status: 'removed', requirements: [], missingAncestors: ['acme', 'acme.camera'] }]);
});

test('the same bytes under other webhook-ids, at once and for ever after: one change, one event, one answer', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const ids = Array.from({ length: 20 }, (_, index) => `msg_${index}`);
  const answers = await Promise.all(ids.map((id) => notified(world, acme, {}, id)));
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect((await world.deps.ports.store.head('feature/acme'))?.version).toBe(1);
  // A delivery that came while the words were open has its answer, whatever happens to them later; a new one is a new change.
  world.at('2026-08-02T12:00:00.000Z');
  for (const id of ids) expect((await notified(world, acme, {}, id)).body).toStrictEqual(answers[0]?.body);
  expect((await notified(world, acme, {}, 'msg_later')).body.change).toBe('acme/2');
  expect((await notified(world, acme, {}, 'msg_latest')).body.change).toBe('acme/2');
  expect((await notified(world, acme, { title: 'Other words' }, 'msg_other')).body.change).toBe('acme/3');
  expect((await notified(world, acme, { title: 'Others again' }, 'msg_other')).status).toBe(409);
  expect(objections(await loggedBytes(world.deps.ports.store))).toStrictEqual([]);
});

test('two vendors may use one webhook-id', async () => {
  const world = await openWorld();
  const [acme, zeta] = [await vendor(world, 'acme'), await vendor(world, 'zeta')];
  expect((await notified(world, acme, {}, 'msg_1')).status).toBe(202);
  expect((await notified(world, zeta, { feature: 'zeta' }, 'msg_1')).body.change).toBe('zeta/1');
});

test('no or a wrong signature is 401, another vendor’s too, and nothing is stored', async () => {
  const world = await openWorld();
  const [acme, zeta] = [await vendor(world, 'acme'), await secretVendor(world, 'zeta')];
  const stranger = await vendor(await openWorld(), 'acme');
  const body = JSON.stringify(notice());
  const before = await world.streams();
  expect((await post(world, '/v1/notices', body)).status).toBe(401);
  // Who has not signed is not told what else is wrong.
  expect((await post(world, '/v1/notices', '{"feature":"acme"}')).status).toBe(401);
  expect((await post(world, '/v1/notices', body, stranger.headers(body))).status).toBe(401);
  expect((await post(world, '/v1/notices', body, zeta.headers(body))).status).toBe(401);
  expect((await post(world, '/v1/notices', `${body} `, acme.headers(body))).status).toBe(401);
  const unknown = JSON.stringify(notice({ feature: 'nobody' }));
  expect((await post(world, '/v1/notices', unknown, stranger.headers(unknown))).status).toBe(401);
  expect(await world.streams()).toStrictEqual(before);
});

test('a timestamp more than five minutes away, or not in digits, is refused', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const body = JSON.stringify(notice());
  const at = (instant: string) => post(world, '/v1/notices', body, acme.headers(body, 'msg_1', instant));
  expect((await at('2026-03-02T11:54:59.000Z')).status).toBe(401);
  expect((await at('2026-03-02T12:05:01.000Z')).status).toBe(401);
  for (const timestamp of ['1772452800abc', '1.7e9', ' ', '-1', '+1772452800'])
    expect((await post(world, '/v1/notices', body, { ...acme.headers(body), 'webhook-timestamp': timestamp })).status).toBe(401);
  expect((await at('2026-03-02T11:55:00.000Z')).status).toBe(202);
});

test('one good signature among several is enough, unknown schemes and what is no signature are left aside', async () => {
  const world = await openWorld();
  const acme = await secretVendor(world, 'acme');
  const body = JSON.stringify(notice());
  const headers = acme.headers(body);
  const signature = `v2,AAAA v1 v1a,${'A'.repeat(86)}== ${headers['webhook-signature']}`;
  expect((await post(world, '/v1/notices', body, { ...headers, 'webhook-signature': signature })).status).toBe(202);
});

test('a signature of a scheme that the policy forbids is refused', async () => {
  const world = await openWorld({ rules: { ...councilAndMayor, webhooks: ['v1a'] } });
  const [acme, zeta] = [await secretVendor(world, 'acme'), await vendor(world, 'zeta')];
  expect((await notified(world, acme)).status).toBe(401);
  expect((await notified(world, zeta, { feature: 'zeta' })).status).toBe(202);
});

test('every altered byte of a signed notice is refused, and nothing is stored', async () => {
  const world = await openWorld();
  const acme = await secretVendor(world, 'acme');
  const text = JSON.stringify(notice());
  const headers = acme.headers(text, 'msg_1');
  const before = await world.streams();
  const bytes = Buffer.from(text);
  for (let index = 0; index < bytes.length; index += 1) {
    const altered = Buffer.from(bytes);
    altered[index] = (altered[index] ?? 0) ^ 1;
    expect([400, 401], `byte ${index}`).toContain((await post(world, '/v1/notices', altered, headers)).status);
  }
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    const value = Buffer.from(headers[name] ?? '');
    for (let index = 0; index < value.length; index += 1) {
      const altered = Buffer.from(value);
      altered[index] = (altered[index] ?? 0) ^ 1;
      const got = await post(world, '/v1/notices', text, { ...headers, [name]: altered.toString('latin1') });
      expect([400, 401], `${name}, byte ${index}`).toContain(got.status);
    }
  }
  expect(await world.streams()).toStrictEqual(before);
  expect((await post(world, '/v1/notices', text, headers)).status).toBe(202);
});

test('a change is withdrawn by its vendor; again it is the same; a closed change is 409', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  await notified(world, acme);
  const withdraw = (id: string, named = 'acme/1', path = 'acme/1') => {
    const body = JSON.stringify({ withdraw: named });
    return post(world, `/v1/changes/${path}/withdraw`, body, acme.headers(body, id));
  };
  expect(await withdraw('msg_a', 'acme/2')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/withdraw' }] } });
  const first = await withdraw('msg_b');
  expect(first).toMatchObject({ status: 200, body: { change: 'acme/1', status: 'withdrawn' } });
  const commits = await world.commits();
  expect(await withdraw('msg_b')).toStrictEqual({ ...first, headers: expect.anything() });
  expect((await withdraw('msg_c')).body).toStrictEqual(first.body);
  expect(await world.commits()).toBe(commits);
  expect(await withdraw('msg_d', 'acme/7', 'acme/7')).toMatchObject({ status: 404 });
  await notified(world, acme, { kind: 'removal' });
  expect(await withdraw('msg_e', 'acme/2', 'acme/2')).toMatchObject({ status: 409, body: { title: 'The change is closed' } });
});

const admin = async (world: World) => ({ 'x-api-key': await world.token('admin') });

const keysOf = async (world: World, vendorId: string): Promise<readonly string[]> => {
  const { body } = await get(world, '/v1/vendors', (await admin(world))['x-api-key']);
  const found = body.items.find(({ id }: { id: string }) => id === vendorId);
  return found.keys.map(({ id }: { id: string }) => id);
};

test('a leaked key that outlived three rotations ends at once, and takes no contract off any more', async () => {
  const world = await openWorld();
  const leaked = await vendor(world, 'acme');
  const contract = { kind: 'contract', endsAt: '2026-12-31' };
  const { body } = await notified(world, leaked, contract);
  await approve(world, 'acme', 1, body.digest);
  const [first = ''] = await keysOf(world, 'acme');
  for (let rotation = 0; rotation < 3; rotation += 1)
    await rotateVendor(world.deps.ports, 'acme', ed25519Signer(world.now).publicKey);
  // Rotating alone leaves it valid for a week.
  expect(await notified(world, leaked, { feature: 'acme.search' })).toMatchObject({ status: 202 });

  const revoked = await remove(world, `/v1/vendors/acme/keys/${first}`, await admin(world));
  expect(revoked).toMatchObject({ status: 200, body: { id: 'acme', key: first, revoked: true } });
  const before = await world.commits();
  const removal = JSON.stringify(notice({ kind: 'removal' }));
  expect(await post(world, '/v1/notices', removal, leaked.headers(removal))).toMatchObject({
    status: 401,
    body: { type: 'urn:aldergate:problem:signature-refused' },
  });
  const withdrawal = JSON.stringify({ withdraw: 'acme.search/1' });
  expect(await post(world, '/v1/changes/acme.search/1/withdraw', withdrawal, leaked.headers(withdrawal))).toMatchObject({
    status: 401,
  });
  // A message that it signed before its end is not taken either.
  const early = leaked.headers(removal, 'msg_early', '2026-03-02T11:59:00.000Z');
  expect(await post(world, '/v1/notices', removal, early)).toMatchObject({ status: 401 });
  expect(await world.commits()).toBe(before);

  const reader = await world.token('state:read');
  expect((await get(world, '/v1/features/acme', reader)).body).toMatchObject({ enabled: true });
  expect((await get(world, '/v1/changes/acme/1', reader)).body).toMatchObject({ provenance: { key: first } });
});

const THREE_AN_HOUR = { perHour: 3, bytesPerDay: 0 };
const LIMITED = 'urn:aldergate:problem:too-many-notices';

const enter = (world: World, token: string, feature: string, channel = 'telephone') =>
  post(world, '/v1/intake', JSON.stringify({ notice: notice({ feature }), channel, heardAt: '2026-03-01' }), bearer(token));

test('a vendor over its limit gets 429 with when to send it again and leaves nothing; what it sent is answered as before', async () => {
  const world = await openWorld({ limits: THREE_AN_HOUR });
  const [acme, other] = [await vendor(world, 'acme'), await vendor(world, 'other')];
  const first = await notified(world, acme, { feature: 'acme.a' }, 'msg_a');
  for (const feature of ['acme.b', 'acme.c']) expect((await notified(world, acme, { feature })).status).toBe(202);
  const before = await world.commits();
  world.at('2026-03-02T12:20:00.000Z');
  const refused = await notified(world, acme, { feature: 'acme.d' });
  expect(refused).toMatchObject({ status: 429, body: { type: LIMITED, status: 429 } });
  const { headers } = refused;
  expect(headers.get('retry-after')).toBe('2400');
  expect(headers.get('ratelimit-policy')).toBe('"notices";q=3;w=3600');
  expect(headers.get('ratelimit')).toBe('"notices";r=0;t=2400');
  expect(await world.commits()).toBe(before);
  expect(await notified(world, acme, { feature: 'acme.a' }, 'msg_a')).toMatchObject({ status: 202, body: first.body });
  expect((await notified(world, other, { feature: 'other.a' })).status).toBe(202);
  world.at('2026-03-02T13:00:00.000Z');
  expect((await notified(world, acme, { feature: 'acme.d' })).status).toBe(202);
});

test('what is refused does not count: a wrong signature, a notice that cannot be read, one that the feature rejects', async () => {
  const world = await openWorld({ limits: THREE_AN_HOUR });
  const [acme, stranger] = [await vendor(world, 'acme'), await vendor(world, 'stranger')];
  for (let n = 0; n < 4; n += 1) {
    expect((await notified(world, stranger)).status).toBe(401);
    expect((await notified(world, acme, { kind: 'gift' })).status).toBe(400);
    expect((await notified(world, acme, { revises: 9 })).status).toBe(409);
  }
  for (const feature of ['acme.a', 'acme.b', 'acme.c']) expect((await notified(world, acme, { feature })).status).toBe(202);
});

test('each token has its own limit, also two of one name; an inventory by admin has none', async () => {
  const world = await openWorld({ limits: THREE_AN_HOUR });
  const [one, two, admin] = [await world.token('notice'), await world.token('notice'), await world.token('admin')];
  const statuses = async (token: string, prefix: string, channel?: string) => {
    const got = [];
    for (let n = 0; n < 4; n += 1) got.push((await enter(world, token, `acme.${prefix}-${n}`, channel)).status);
    return got;
  };
  expect(await statuses(one, 'one')).toEqual([202, 202, 202, 429]);
  expect(await statuses(two, 'two', 'inventory')).toEqual([202, 202, 202, 429]);
  expect(await statuses(admin, 'inventory', 'inventory')).toEqual([202, 202, 202, 202]);
  expect(await statuses(admin, 'heard')).toEqual([202, 202, 202, 429]);
  const both = await createToken(world.deps.ports, { name: 'both', scopes: ['notice', 'admin'], agencies: [], person: null });
  expect(await statuses(both.token, 'both', 'inventory')).toEqual([202, 202, 202, 202]);
});
