import { expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { loggedBytes, objections } from '../../../support/judged.ts';
import { councilAndMayor, notice, notified, openWorld, post, secretVendor, vendor } from './world.ts';

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

test('the same delivery again has the same answer for ever, with another body it is refused', async () => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const first = await notified(world, acme, {}, 'msg_same');
  world.at('2026-08-02T12:00:00.000Z');
  expect(await notified(world, acme, {}, 'msg_same')).toMatchObject({ status: 202, body: first.body });
  const other = await notified(world, acme, { title: 'Another' }, 'msg_same');
  expect(other).toMatchObject({ status: 409, body: { type: 'urn:aldergate:problem:other-body', status: 409 } });
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

test('one good signature among several is enough, unknown schemes are left aside', async () => {
  const world = await openWorld();
  const acme = await secretVendor(world, 'acme');
  const body = JSON.stringify(notice());
  const headers = acme.headers(body);
  const signature = `v2,AAAA v1a,${'A'.repeat(86)}== ${headers['webhook-signature']}`;
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
