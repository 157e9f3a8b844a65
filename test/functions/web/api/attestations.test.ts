import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { bearer, openWorld, post, type Signer, vendor, type World } from './world.ts';

const AT = '2026-03-02T11:00:00Z';
const ATTESTED = 'observation/acme/@portal';

const report = (change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify({ vendor: 'acme', source: 'portal', observedAt: AT, features: { acme: true }, ...change });

const attest = (world: World, signer: Signer, body: string, id?: string, at?: string) =>
  post(world, '/v1/attestations', body, signer.headers(body, id, at));

const opened = async (options: Parameters<typeof openWorld>[0] = {}) => {
  const world = await openWorld(options);
  return { world, acme: await vendor(world, 'acme') };
};

const observed = async (world: World) => (await world.streams()).filter((stream) => stream.startsWith('observation/'));

test('a vendor states what is on at it; it is marked as its own word, with what it signed', async () => {
  const { world, acme } = await opened();
  const body = report({ note: 'nightly', evidence: { sha256: 'ab'.repeat(32), title: 'an export' } });
  expect(await attest(world, acme, body, 'msg_1')).toMatchObject({
    status: 200,
    body: { drift: [{ key: 'acme', kind: 'never-announced' }], closed: [] },
  });
  const head = (await world.deps.ports.store.head(ATTESTED))!;
  const { actor, commandId, events } = commitOf(head);
  expect([actor, commandId]).toStrictEqual(['vendor:acme', 'attestation/acme/msg_1']);
  const digest = digestOf(body);
  expect(events).toMatchObject([
    {
      source: 'portal',
      attested: true,
      person: null,
      note: 'nightly',
      signed: { digest, scheme: 'v1a', message: { id: 'msg_1' } },
    },
  ]);
  expect(head.attachments.map(({ bytes }) => Buffer.from(bytes).toString())[0]).toBe(body);
  expect(await observed(world)).toStrictEqual([ATTESTED]);
});

test('the same again is nothing more, under the same id or another', async () => {
  const { world, acme } = await opened();
  const first = await attest(world, acme, report(), 'msg_1');
  expect(await attest(world, acme, report(), 'msg_1')).toMatchObject({ status: 200, body: first.body });
  expect((await attest(world, acme, report(), 'msg_2')).status).toBe(200);
  expect(await observed(world)).toStrictEqual([ATTESTED]);
});

test('another body under the same id is refused', async () => {
  const { world, acme } = await opened();
  await attest(world, acme, report(), 'msg_1');
  expect(await attest(world, acme, report({ features: { acme: false } }), 'msg_1')).toMatchObject({
    status: 409,
    body: { type: 'urn:aldergate:problem:other-body' },
  });
  expect(await observed(world)).toStrictEqual([ATTESTED]);
});

test('a source that a token reports stays apart from one of the same name that is attested', async () => {
  const { world, acme } = await opened();
  await attest(world, acme, report());
  const headers = bearer(await world.token('observe'));
  for (const source of ['portal', '@portal'])
    expect((await post(world, '/v1/observations', report({ source }), headers)).status).toBe(200);
  expect(await observed(world)).toStrictEqual([ATTESTED, 'observation/acme/portal', 'observation/acme/%40portal']);
});

describe('refused, and nothing is stored', () => {
  test('without the vendor’s own signature over these bytes, now', async () => {
    const { world, acme } = await opened();
    const zeta = await vendor(world, 'zeta');
    const before = await world.commits();
    const body = report();
    const sent = (headers: Readonly<Record<string, string>>, of = body) => post(world, '/v1/attestations', of, headers);
    const signed = acme.headers(body, 'msg_1');
    const refused = [
      sent({ 'content-type': 'application/json' }),
      sent({ 'content-type': 'application/json' }, '{"vendor":"acme"}'),
      sent(signed, `${body} `),
      sent({ ...signed, 'webhook-id': 'msg_2' }),
      sent({ ...signed, 'webhook-signature': `v1a,${Buffer.alloc(64).toString('base64')}` }),
      sent(zeta.headers(body)),
      sent(acme.headers(body, 'msg_3', '2026-03-02T11:54:59.000Z')),
      sent(acme.headers(body, 'msg_4', '2026-03-02T12:05:01.000Z')),
      sent(acme.headers(report({ vendor: 'zeta' })), report({ vendor: 'zeta' })),
      sent(acme.headers(report({ vendor: 'other' })), report({ vendor: 'other' })),
      sent({ 'content-type': 'application/json', authorization: `Bearer ${await world.token('observe')}` }),
    ];
    expect((await Promise.all(refused)).map(({ status }) => status)).toStrictEqual(refused.map(() => 401));
    // The token is an event, too.
    expect(await world.commits()).toBe(before + 1);
  });

  test.each([
    ['another vendor’s key', report({ features: { 'zeta.a': true } }), 400, '/features/zeta.a'],
    ['no vendor', report({ vendor: undefined }), 400, '/vendor'],
    ['the city', report({ vendor: 'aldergate' }), 400, '/vendor'],
  ] as const)('%s', async (_, body, status, pointer) => {
    const { world, acme } = await opened();
    const answer = await attest(world, acme, body);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toStrictEqual([status, pointer]);
    expect(await observed(world)).toStrictEqual([]);
  });
});

test('attestations count against the limits of the vendor, as notices do, and a repeat does not', async () => {
  const { world, acme } = await opened({ limits: { perHour: 2, bytesPerDay: 0 } });
  const seen = (n: number) => report({ features: { [`acme.a${n}`]: true } });
  const statuses: number[] = [];
  for (const n of [1, 1, 1, 2, 3]) statuses.push((await attest(world, acme, seen(n))).status);
  expect(statuses).toStrictEqual([200, 200, 200, 200, 429]);
  const answer = await attest(world, acme, seen(3));
  for (const name of ['retry-after', 'ratelimit', 'ratelimit-policy']) expect(answer.headers.get(name), name).not.toBeNull();
});
