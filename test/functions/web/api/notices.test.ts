import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { loggedBytes, objections } from '../../../support/judged.ts';
import {
  bearer,
  councilAndMayor,
  ed25519Signer,
  get,
  notice,
  notified,
  openWorld,
  post,
  refusal,
  remove,
  type Signer,
  secretVendor,
  signed,
  story,
  vendor,
  type World,
} from './world.ts';

const NOTICES = '/v1/notices';
const withdraw = (world: World, by: Signer, change: string, id?: string, named = change) =>
  signed(world, by, `/v1/changes/${change}/withdraw`, { withdraw: named }, id);
const statusOf = async (answer: Promise<{ readonly status: number }>) => (await answer).status;

test('a notice that the standardwebhooks package signed is taken', async () => {
  const world = await openWorld();
  const taken = await notified(world, await secretVendor(world, 'acme'));
  expect([taken.status, taken.headers.get('content-type')]).toEqual([202, 'application/json']);
  expect(taken.body).toStrictEqual({
    change: 'acme/1',
    revision: 1,
    digest: digestOf(JSON.stringify(notice())),
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
  const { notify } = await story();
  const answer = { status: 'removed', requirements: [], missingAncestors: ['acme', 'acme.camera'] };
  expect(await notify({ feature: 'acme.camera.search', kind: 'removal' })).toMatchObject({ status: 202, body: answer });
});

test('the same bytes under other webhook-ids, at once and for ever after: one change, one event, one answer', async () => {
  const { world, notify } = await story();
  const ids = Array.from({ length: 20 }, (_, index) => `msg_${index}`);
  const answers = await Promise.all(ids.map((id) => notify({}, id)));
  expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
  expect((await world.deps.ports.store.head('feature/acme'))?.version).toBe(1);
  // A delivery that came while the words were open has its answer, whatever happens to them later; a new one is a new change.
  world.at('2026-08-02T12:00:00.000Z');
  for (const id of ids) expect((await notify({}, id)).body).toStrictEqual(answers[0]?.body);
  for (const id of ['msg_later', 'msg_latest']) expect((await notify({}, id)).body.change).toBe('acme/2');
  expect((await notify({ title: 'Other words' }, 'msg_other')).body.change).toBe('acme/3');
  expect((await notify({ title: 'Others again' }, 'msg_other')).status).toBe(409);
  // Two vendors may use one webhook-id.
  const zeta = await vendor(world, 'zeta');
  expect((await notified(world, zeta, { feature: 'zeta' }, 'msg_0')).body.change).toBe('zeta/1');
  expect(objections(await loggedBytes(world.deps.ports.store))).toStrictEqual([]);
});

test('a notice whose words are over is on record, and lapses as it comes', async () => {
  const { world, notify, read } = await story();
  const over = await notify({ kind: 'contract', effectiveAt: '2025-11-01T06:00:00Z', endsAt: '2026-02-28' });
  expect(over).toMatchObject({ status: 202, body: { status: 'lapsed', requirements: [] } });
  expect(await read('/v1/changes/acme/1')).toMatchObject({ status: 'lapsed' });
  expect(objections(await loggedBytes(world.deps.ports.store))).toStrictEqual([]);
});

test('another vendor’s signature is 401, also over a key that nobody has, and nothing is stored', async () => {
  const { world } = await story();
  const zeta = await secretVendor(world, 'zeta');
  const stranger = ed25519Signer(world.now);
  const body = JSON.stringify(notice());
  const before = await world.streams();
  for (const refused of [signed(world, zeta, NOTICES, body), notified(world, stranger, { feature: 'nobody' })])
    expect(await statusOf(refused)).toBe(401);
  expect(await world.streams()).toStrictEqual(before);
});

test('a timestamp more than five minutes away, or not in digits, is refused', async () => {
  const { world, acme } = await story();
  const body = JSON.stringify(notice());
  const at = (instant: string) => statusOf(signed(world, acme, NOTICES, body, 'msg_1', instant));
  for (const wrong of ['2026-03-02T11:54:59.000Z', '2026-03-02T12:05:01.000Z']) expect(await at(wrong)).toBe(401);
  for (const timestamp of ['1772452800abc', '1.7e9', ' ', '-1', '+1772452800'])
    expect(await statusOf(post(world, NOTICES, body, { ...acme.headers(body), 'webhook-timestamp': timestamp }))).toBe(401);
  expect(await at('2026-03-02T11:55:00.000Z')).toBe(202);
});

test('one good signature among several is enough, unknown schemes and what is no signature are left aside', async () => {
  const world = await openWorld();
  const acme = await secretVendor(world, 'acme');
  const body = JSON.stringify(notice());
  const headers = acme.headers(body);
  const signature = `v2,AAAA v1 v1a,${'A'.repeat(86)}== ${headers['webhook-signature']}`;
  expect(await statusOf(post(world, NOTICES, body, { ...headers, 'webhook-signature': signature }))).toBe(202);
});

test('a signature of a scheme that the policy forbids is refused', async () => {
  const world = await openWorld({ rules: { ...councilAndMayor, webhooks: ['v1a'] } });
  expect(await statusOf(notified(world, await secretVendor(world, 'acme')))).toBe(401);
  expect(await statusOf(notified(world, await vendor(world, 'zeta'), { feature: 'zeta' }))).toBe(202);
});

test('every altered byte of a signed notice is refused, and nothing is stored', async () => {
  const world = await openWorld();
  const acme = await secretVendor(world, 'acme');
  const text = JSON.stringify(notice());
  const headers = acme.headers(text, 'msg_1');
  const before = await world.streams();
  const alterations = (value: string): readonly Buffer[] =>
    Array.from(Buffer.from(value), (byte, index) => {
      const altered = Buffer.from(value);
      altered[index] = byte ^ 1;
      return altered;
    });
  for (const [index, altered] of alterations(text).entries())
    expect([400, 401], `byte ${index}`).toContain(await statusOf(post(world, NOTICES, altered, headers)));
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature'])
    for (const [index, altered] of alterations(headers[name] ?? '').entries()) {
      const got = post(world, NOTICES, text, { ...headers, [name]: altered.toString('latin1') });
      expect([400, 401], `${name}, byte ${index}`).toContain(await statusOf(got));
    }
  expect(await world.streams()).toStrictEqual(before);
  expect(await statusOf(post(world, NOTICES, text, headers))).toBe(202);
});

test('a change is withdrawn by its vendor; again it is the same; a closed change is 409', async () => {
  const { world, acme, notify } = await story();
  const harmless = { optOut: 'yes', withoutAction: 'off' } as const;
  await notify(harmless);
  const wrong = await withdraw(world, acme, 'acme/1', 'msg_a', 'acme/2');
  expect(wrong).toMatchObject({ status: 400, body: { errors: [{ pointer: '/withdraw' }] } });
  const first = await withdraw(world, acme, 'acme/1', 'msg_b');
  expect(first).toMatchObject({ status: 200, body: { change: 'acme/1', status: 'withdrawn' } });
  const commits = await world.commits();
  for (const id of ['msg_b', 'msg_c']) expect((await withdraw(world, acme, 'acme/1', id)).body).toStrictEqual(first.body);
  expect(await world.commits()).toBe(commits);
  // Long after, too.
  for (const change of ['acme/2', 'acme/3', 'acme/4', 'acme/5', 'acme/6']) {
    await notify({ ...harmless, title: change });
    expect((await withdraw(world, acme, change)).status).toBe(200);
  }
  expect((await withdraw(world, acme, 'acme/1')).body).toStrictEqual(first.body);
  expect((await withdraw(world, acme, 'acme/9')).status).toBe(404);
  expect((await notify({ kind: 'removal' })).body.change).toBe('acme/7');
  expect(await withdraw(world, acme, 'acme/7')).toMatchObject({ status: 409, body: { title: 'The change is closed' } });
});

test('a leaked key that outlived three rotations ends at once, and takes no contract off any more', async () => {
  const { world, acme: leaked, approved, read } = await story();
  await approved({ kind: 'contract', endsAt: '2026-12-31' });
  const admin = await world.token('admin');
  const [{ keys }] = (await get(world, '/v1/vendors', admin)).body.items;
  const first = keys[0].id;
  for (let rotation = 0; rotation < 3; rotation += 1)
    await rotateVendor(world.deps.ports, 'acme', ed25519Signer(world.now).publicKey);
  // Rotating alone leaves it valid for a week.
  expect((await notified(world, leaked, { feature: 'acme.search' })).status).toBe(202);

  const revoked = await remove(world, `/v1/vendors/acme/keys/${first}`, bearer(admin));
  expect(revoked).toMatchObject({ status: 200, body: { id: 'acme', key: first, revoked: true } });
  const before = await world.commits();
  const removal = notice({ kind: 'removal' });
  for (const refused of [
    signed(world, leaked, NOTICES, removal),
    withdraw(world, leaked, 'acme.search/1'),
    // A message that it signed before its end is not taken either.
    signed(world, leaked, NOTICES, removal, 'msg_early', '2026-03-02T11:59:00.000Z'),
  ])
    expect(await refused).toMatchObject(refusal(401, 'signature-refused'));
  expect(await world.commits()).toBe(before);
  expect(await read('/v1/features/acme')).toMatchObject({ enabled: true });
  expect(await read('/v1/changes/acme/1')).toMatchObject({ provenance: { key: first } });
});

const limits = { perHour: 3, bytesPerDay: 0 };

test('a vendor over its limit gets 429 with when to send it again and leaves nothing; what it sent is answered as before', async () => {
  const { world, notify } = await story({ limits });
  const first = await notify({ feature: 'acme.a' }, 'msg_a');
  for (const feature of ['acme.b', 'acme.c']) expect((await notify({ feature })).status).toBe(202);
  const before = await world.commits();
  world.at('2026-03-02T12:20:00.000Z');
  const refused = await notify({ feature: 'acme.d' });
  expect(refused).toMatchObject(refusal(429, 'too-many-notices'));
  expect(Object.fromEntries(refused.headers)).toMatchObject({
    'retry-after': '2400',
    'ratelimit-policy': '"notices";q=3;w=3600',
    ratelimit: '"notices";r=0;t=2400',
  });
  expect(await world.commits()).toBe(before);
  expect(await notify({ feature: 'acme.a' }, 'msg_a')).toMatchObject({ status: 202, body: first.body });
  expect((await notified(world, await vendor(world, 'other'), { feature: 'other.a' })).status).toBe(202);
  world.at('2026-03-02T13:00:00.000Z');
  expect((await notify({ feature: 'acme.d' })).status).toBe(202);
});

test('what is refused does not count: a wrong signature, a notice that cannot be read, one that the feature rejects', async () => {
  const { world, notify } = await story({ limits });
  const stranger = await vendor(world, 'stranger');
  for (let n = 0; n < 4; n += 1) {
    expect((await notified(world, stranger)).status).toBe(401);
    expect((await notify({ kind: 'gift' })).status).toBe(400);
    expect((await notify({ revises: 9 })).status).toBe(409);
  }
  for (const feature of ['acme.a', 'acme.b', 'acme.c']) expect((await notify({ feature })).status).toBe(202);
});

test('each token has its own limit, also two of one name; an inventory by admin has none', async () => {
  const world = await openWorld({ limits });
  const both = await createToken(world.deps.ports, { name: 'both', scopes: ['notice', 'admin'], person: null });
  const [one, two, admin] = [await world.token('notice'), await world.token('notice'), await world.token('admin')];
  for (const [name, token, channel, last] of [
    ['one', one, 'telephone', 429],
    ['two', two, 'inventory', 429],
    ['inventory', admin, 'inventory', 202],
    ['heard', admin, 'telephone', 429],
    ['both', both.token, 'inventory', 202],
  ] as const) {
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const entry = { notice: notice({ feature: `acme.${name}-${n}` }), channel, heardAt: '2026-03-01' };
      statuses.push((await post(world, '/v1/intake', entry, bearer(token))).status);
    }
    expect(statuses, name).toEqual([202, 202, 202, last]);
  }
});

const heard = (change: Readonly<Record<string, unknown>> = {}, heardAt = '2026-03-01T09:00:00Z') => ({
  notice: notice(change),
  channel: 'letter',
  heardAt,
});

test('the city enters what it hears, and the provenance shows it', async () => {
  const { world, read } = await story();
  const { token } = await createToken(world.deps.ports, { name: 'desk', scopes: ['notice'], person: 'mayor' });
  const letter = { ...heard(), evidence: { sha256: 'a'.repeat(64), title: 'Letter of 1 March' } };
  const enter = (sent = {}) => post(world, '/v1/intake', letter, { ...bearer(token), ...sent });
  const first = await enter();
  expect(first).toMatchObject({ status: 202, body: { change: 'acme/1', status: 'pending' } });
  expect((await enter()).body).toStrictEqual(first.body);
  expect((await enter({ 'idempotency-key': 'a b' })).status).toBe(400);
  expect((await read('/v1/changes/acme/1')).provenance).toStrictEqual({
    channel: 'letter',
    by: 'token:desk',
    person: 'mayor',
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
  const { world, read } = await story();
  await post(world, '/v1/intake', heard({}, heardAt), bearer(await world.token('notice')));
  expect((await read('/v1/changes/acme/1')).provenance.heardAt).toBe(recorded);
});

test('what the city enters neither rewords what a vendor signed nor removes what is approved; the vendor’s words join it', async () => {
  const { world, approved, notify, read } = await story();
  await approved();
  await notify({ title: 'Another change', optOut: 'yes' });
  const tokens = [await world.token('notice'), await world.token('admin')];
  const before = await world.commits();
  for (const token of tokens)
    for (const [change, pointer] of [
      [{ revises: 2 }, '/notice/revises'],
      [{ kind: 'removal' }, '/notice/kind'],
    ] as const)
      expect(await post(world, '/v1/intake', heard(change), bearer(token))).toMatchObject(refusal(403, 'adds-only', pointer));
  expect(await world.commits()).toBe(before);
  expect(await read('/v1/features/acme')).toMatchObject({ enabled: true });
  const entered = await post(world, '/v1/intake', heard({ feature: 'acme.heard' }), bearer(tokens[0] ?? ''));
  expect(entered.body).toMatchObject({ change: 'acme.heard/1', revision: 1 });
  const words = { feature: 'acme.heard', summary: 'In the vendor’s own words.' };
  expect((await notify(words)).body).toMatchObject({ change: 'acme.heard/1', revision: 2 });
});
