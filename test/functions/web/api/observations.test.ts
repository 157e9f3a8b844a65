import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { commitOf } from '../../../../functions/platform/store/record.ts';
import { CaseJson } from '../../../../functions/register/views/observedJson.ts';
import { createToken, type Scope } from '../../../../functions/web/http/tokens.ts';
import { type Known, noon, putKnown } from '../site/support/cases.ts';
import { bearer, get, post, refusal, type Signer, signed, story, type World } from './world.ts';

const AT = '2026-03-02T11:00:00Z';

const report = (change: Readonly<Record<string, unknown>> = {}) => ({
  vendor: 'acme',
  source: 'portal',
  observedAt: AT,
  features: { acme: true },
  ...change,
});
const observed = async (world: World) => (await world.streams()).filter((stream) => stream.startsWith('observation/'));

const observing = async () => {
  const told = await story();
  const token = await told.world.token('observe');
  const observe = (change: object, by = token) => post(told.world, '/v1/observations', report({ ...change }), bearer(by));
  return { ...told, observe };
};

describe('what a token reports', () => {
  test('what is seen on and is not approved is drift', async () => {
    const { approved, notify, observe } = await observing();
    await approved();
    await notify({ feature: 'acme.a' });
    const seen = { on: true, agencies: ['PD'], version: '2' };
    const since = '2026-03-02T11:00:00.000Z';
    const nothing = { onFor: 'none', version: null };
    const pending = { ...nothing, variant: 'pending', change: 'acme.a/1' };
    const unknown = { ...nothing, variant: 'unknown', change: null };
    const plain = { on: true, agencies: null, version: null };
    const features = { acme: true, 'acme.a': true, 'acme.b': seen, 'acme.c': false };
    expect(await observe({ features })).toMatchObject({
      status: 200,
      body: {
        drift: [
          { key: 'acme.a', kind: 'not-approved', since, seen: plain, approved: pending },
          { key: 'acme.b', kind: 'never-announced', since, seen, approved: unknown },
        ],
        closed: [],
      },
    });
  });

  test('a thousand keys and 48 KiB are taken, and one more is too large', async () => {
    const { world, observe } = await observing();
    const keys = (count: number, nameOf: (n: number) => string) =>
      Object.fromEntries(Array.from({ length: count }, (_, n) => [nameOf(n), false]));
    const short = (n: number) => `acme.a${n}`;
    const none = { status: 200, body: { drift: [], closed: [] } };
    expect(await observe({ features: keys(1_000, short) })).toMatchObject(none);
    expect(await observe({ features: keys(1_001, short) })).toMatchObject(refusal(413, 'too-large'));
    const long = (n: number) => `acme.${[1, 2, 3, 4].map(() => `${n}`.padEnd(40, 'x')).join('.')}`;
    const padded = JSON.stringify(report({ features: keys(270, long) })).padEnd(48 * 1024, ' ');
    const headers = bearer(await world.token('observe'));
    for (const [body, status] of [
      [padded, 200],
      [`${padded} `, 413],
    ] as const)
      expect((await post(world, '/v1/observations', body, headers)).status).toBe(status);
  });

  test('a token with a source reports as no other, and its person stands in the log', async () => {
    const { world, observe } = await observing();
    const { ports } = world.deps;
    const { token } = await createToken(ports, { name: 'round', scopes: ['observe'], source: 'round', person: 'clerk' });
    for (const source of ['portal', 'Round', 'round '])
      expect(await observe({ source }, token)).toMatchObject(refusal(403, 'other-source', '/source'));
    expect((await observe({ source: 'round' }, token)).status).toBe(200);
    const { events } = commitOf((await ports.store.head('observation/acme/round'))!);
    expect(events).toMatchObject([{ source: 'round', attested: false, person: 'clerk' }]);
    expect(await observed(world)).toStrictEqual(['observation/acme/round']);
  });
});

describe('what a vendor attests', () => {
  const ATTESTED = 'observation/acme/@portal';
  const attest = (world: World, signer: Signer, message: unknown, ...how: [id?: string, at?: string]) =>
    signed(world, signer, '/v1/attestations', message, ...how);

  test('is marked as its own word, with what it signed', async () => {
    const { world, acme } = await story();
    const message = report({ note: 'nightly', evidence: { sha256: 'ab'.repeat(32), title: 'an export' } });
    expect(await attest(world, acme, message, 'msg_1')).toMatchObject({
      status: 200,
      body: { drift: [{ key: 'acme', kind: 'never-announced' }], closed: [] },
    });
    const head = (await world.deps.ports.store.head(ATTESTED))!;
    const { actor, commandId, events } = commitOf(head);
    expect([actor, commandId]).toStrictEqual(['vendor:acme', 'attestation/acme/msg_1']);
    const body = JSON.stringify(message);
    const proof = { digest: digestOf(body), scheme: 'v1a', message: { id: 'msg_1' } };
    expect(events).toMatchObject([{ source: 'portal', attested: true, person: null, note: 'nightly', signed: proof }]);
    expect(head.attachments.map(({ bytes }) => Buffer.from(bytes).toString())[0]).toBe(body);
    expect(await observed(world)).toStrictEqual([ATTESTED]);
  });

  test('again is nothing more, under the same id or another; another body under the same id is refused', async () => {
    const { world, acme } = await story();
    const first = await attest(world, acme, report(), 'msg_1');
    expect(await attest(world, acme, report(), 'msg_1')).toMatchObject({ status: 200, body: first.body });
    expect((await attest(world, acme, report(), 'msg_2')).status).toBe(200);
    const other = report({ features: { acme: false } });
    expect(await attest(world, acme, other, 'msg_1')).toMatchObject(refusal(409, 'other-body'));
    expect(await observed(world)).toStrictEqual([ATTESTED]);
  });

  test('is recorded within the hour, too, once another said that it is off: what was closed by that is open again', async () => {
    const { world, acme } = await story();
    await attest(world, acme, report());
    const own = { source: 'portal', attested: true, kind: 'vendor', observedAt: '2026-03-02T11:00:00.000Z' } as const;
    const city = {
      source: 'settings',
      observedAt: '2026-03-02T11:10:00.000Z',
      seen: { on: false, agencies: null, version: null },
    };
    await putKnown(world.deps, [{ key: 'acme', reports: [{ ...own, closed: true }, city] }]);
    const again = await attest(world, acme, report({ observedAt: '2026-03-02T11:20:00Z' }), 'msg_2');
    expect(again).toMatchObject({ status: 200, body: { drift: [{ key: 'acme' }] } });
    expect((await world.deps.ports.store.head(ATTESTED))?.version).toBe(2);
    const earlier = await attest(world, acme, report({ observedAt: '2026-03-02T11:20:00Z' }), 'msg_3');
    expect([earlier.status, (await world.deps.ports.store.head(ATTESTED))?.version]).toStrictEqual([200, 2]);
    // And while it is drift: an off from in between, heard late, is taken back.
    await putKnown(world.deps, [{ key: 'acme', reports: [{ ...own, exceeds: own.observedAt }] }]);
    await attest(world, acme, report({ observedAt: '2026-03-02T11:30:00Z' }), 'msg_4');
    expect((await world.deps.ports.store.head(ATTESTED))?.version).toBe(3);
  });

  test('stays apart from what a token reports under the same name', async () => {
    const { world, acme, observe } = await observing();
    await attest(world, acme, report());
    for (const source of ['portal', '@portal']) expect((await observe({ source })).status).toBe(200);
    expect(await observed(world)).toStrictEqual([ATTESTED, 'observation/acme/portal', 'observation/acme/%40portal']);
  });

  test.each([
    ['another vendor’s key', { features: { 'zeta.a': true } }, '/features/zeta.a'],
    ['no vendor', { vendor: undefined }, '/vendor'],
  ])('of %s is refused, and nothing is stored', async (_, change, pointer) => {
    const { world, acme } = await story();
    expect(await attest(world, acme, report(change))).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
    expect(await observed(world)).toStrictEqual([]);
  });

  test('counts against the limits of the vendor, as notices do, and a repeat does not', async () => {
    const { world, acme } = await story({ limits: { perHour: 2, bytesPerDay: 0 } });
    const statuses: number[] = [];
    for (const n of [1, 1, 1, 2, 3])
      statuses.push((await attest(world, acme, report({ features: { [`acme.a${n}`]: true } }))).status);
    expect(statuses).toStrictEqual([200, 200, 200, 200, 429]);
  });
});

describe('what was on without permission', () => {
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

  test('is listed, what is open first, with its days and its title; only what is open or over, a page at a time, by either scope', async () => {
    const { world, notify } = await story();
    await putKnown(world.deps, KNOWN);
    await notify();
    const list = async (query = '', scope: Scope = 'state:read') => get(world, `/v1/drift${query}`, await world.token(scope));
    const items = async (query = '') => ((await list(query)).body as { readonly items: readonly CaseJson[] }).items;
    const all = await items();
    for (const item of all) expect(CaseJson.parse(item)).toStrictEqual(item);
    expect(all.map(({ key, since, until, title }) => [key, since, until, title === null])).toStrictEqual([
      ['acme.ghost', noon('2026-02-01'), null, true],
      ['acme', noon('2026-01-20'), null, false],
      ['acme', noon('2026-01-05'), noon('2026-01-09'), false],
    ]);
    const [, open, past] = all;
    expect([past?.days, past?.closedBy, open?.closedBy]).toStrictEqual([5, { change: 'acme/1' }, null]);
    expect(past?.daysOfKey).toBe((open?.days ?? 0) + 5);
    expect(await items('?open=true')).toStrictEqual(all.slice(0, 2));
    expect(await items('?open=false')).toStrictEqual(all.slice(2));
    const { next } = (await list('?limit=2', 'observe')).body as { readonly next: string };
    expect((await list(`?cursor=${next}`, 'observe')).body).toStrictEqual({ items: all.slice(2), next: null });
    expect(await list('?cursor=%21')).toMatchObject({ status: 400 });
    expect(await list('?open=perhaps')).toMatchObject({ status: 400, body: { errors: [{ pointer: '/open' }] } });
  });
});
