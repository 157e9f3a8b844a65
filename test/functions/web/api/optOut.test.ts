import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { readText } from '../../../../functions/gate/redactions.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { approve, bearer, get, notified, openWorld, post, vendor, type World } from './world.ts';

const PATH = '/v1/changes/acme/2/opt-out';
const AI = { kind: 'update', title: 'Answers by a machine', optOut: 'yes', optOutBy: '2026-03-20', effectiveAt: '2026-03-25' };
const PROOF = { sha256: 'e'.repeat(64), title: 'A screenshot' };
const NOTE = 'In the console, under Features.';

/** A feature that is on, and an update that the vendor switches on by a day unless the city opts out. */
const announced = async (change: Readonly<Record<string, unknown>> = AI) => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest);
  const { body: taken } = await notified(world, acme, change);
  const token = async (name: string, person: string | null, scope = 'observe') =>
    (await createToken(world.deps.ports, { name, scopes: [scope], person })).token;
  const reader = await world.token('state:read');
  const variant = async () => (await post(world, '/ofrep/v1/evaluate/flags/acme', '{}', bearer(reader))).body.variant;
  return { world, acme, reader, variant, token, it: await token('console', 'auditor'), digest: taken.digest as string };
};

const record = (world: World, token: string, body: object, path = PATH) => post(world, path, JSON.stringify(body), bearer(token));

describe('an opt-out by a token of a person', () => {
  test('is an event in the feature’s stream, and the approved words stay true', async () => {
    const { world, reader, variant, it, digest } = await announced();
    expect(await variant()).toBe('enabled');
    const got = await record(world, it, { revision: 1, digest, note: NOTE, evidence: PROOF });
    expect(got.status).toBe(200);
    const { optOut } = got.body;
    expect(got.body).toMatchObject({ change: 'acme/2', status: 'pending' });
    expect(optOut).toStrictEqual({
      standing: 'counts',
      records: [
        {
          at: world.now(),
          version: optOut.records[0].version,
          person: 'auditor',
          note: optOut.records[0].note,
          evidence: PROOF,
          act: optOut.records[0].act,
        },
      ],
      confirmations: [],
      completedAt: null,
    });
    const named = { key: 'acme', change: 2, revision: 1, commitment: optOut.records[0].note, audience: 'public' } as const;
    expect((await readText(world.deps.ports, named))?.text).toBe(NOTE);
    const { body: history } = await get(world, '/v1/features/acme/history', reader);
    expect(history.items.at(-1)).toMatchObject({
      actor: 'token:console',
      type: 'OptOutRecorded',
      person: 'auditor',
      digest,
    });
    world.at('2026-03-25T12:00:00.000Z');
    expect(await variant()).toBe('enabled');
  });

  test('sent again is answered as it stands; another is refused, and leaves no text', async () => {
    const { world, it, digest, token } = await announced();
    const body = { revision: 1, digest, note: NOTE };
    const first = await record(world, it, body);
    const other = await token('other', 'mayor');
    const before = await world.commits();
    expect((await record(world, it, body)).body).toStrictEqual(first.body);
    for (const wording of [{ revision: 2 }, { digest: `sha256:${'0'.repeat(64)}` }])
      expect(await record(world, it, { ...body, ...wording })).toMatchObject({
        status: 409,
        body: { type: 'urn:aldergate:problem:stale' },
      });
    expect(await record(world, it, { ...body, note: 'Elsewhere.' })).toMatchObject({
      status: 409,
      body: { type: 'urn:aldergate:problem:already-decided' },
    });
    expect((await record(world, other, body)).status).toBe(409);
    expect(await world.commits()).toBe(before);
    expect((await world.deps.ports.sideStore.list('text')).length).toBe(1);
    const proven = await record(world, other, { ...body, evidence: PROOF });
    expect(proven.body.optOut.records.map(({ person }: { person: string }) => person)).toEqual(['auditor', 'mayor']);
    expect((await record(world, it, { ...body, evidence: PROOF })).status).toBe(409);
  });

  test('that comes too late changes nothing by itself, and says so', async () => {
    const { world, variant, it, digest } = await announced();
    world.at('2026-03-25T12:00:00.000Z');
    expect(await variant()).toBe('outdated');
    expect((await record(world, it, { revision: 1, digest, note: NOTE })).body.optOut.standing).toBe('late');
    expect((await record(world, it, { revision: 1, digest, note: NOTE, evidence: PROOF })).body.optOut.standing).toBe('claimed');
    expect(await variant()).toBe('outdated');
  });
});

describe('no opt-out', () => {
  test('by a token of no person, or without the scope', async () => {
    const { world, digest, token } = await announced();
    const body = { revision: 1, digest, note: NOTE };
    const before = await world.commits();
    expect(await record(world, await token('robot', null), body)).toMatchObject({
      status: 403,
      body: { type: 'urn:aldergate:problem:token-without-person' },
    });
    expect((await record(world, await token('desk', 'mayor', 'notice'), body)).status).toBe(403);
    expect(await world.commits()).toBe(before + 2);
  });

  test.each([
    ['other words', { digest: digestOf('others') }, 409, 'stale'],
    ['another revision', { revision: 2 }, 409, 'stale'],
    ['no note', { note: ' ' }, 400, 'invalid-input'],
    ['evidence without a title', { evidence: { sha256: 'e'.repeat(64) } }, 400, 'invalid-input'],
  ])('of %s', async (_, change, status, code) => {
    const { world, it, digest } = await announced();
    const got = await record(world, it, { revision: 1, digest, note: NOTE, ...change });
    expect(got).toMatchObject({ status, body: { type: `urn:aldergate:problem:${code}` } });
    expect(await world.deps.ports.sideStore.list('text')).toEqual([]);
  });

  test('of what the vendor cannot hold back', async () => {
    const { world, it, digest } = await announced({ ...AI, optOut: 'no' });
    expect(await record(world, it, { revision: 1, digest, note: NOTE })).toMatchObject({
      status: 409,
      body: { type: 'urn:aldergate:problem:no-opt-out' },
    });
  });

  test('of a change that is not there', async () => {
    const { world, it, digest } = await announced();
    expect((await record(world, it, { revision: 1, digest, note: NOTE }, '/v1/changes/acme/9/opt-out')).status).toBe(404);
  });
});

test('a revision voids the record, and the day is foretold again', async () => {
  const { world, acme, reader, it, digest } = await announced();
  const foretold = async () => (await get(world, '/v1/features/acme', reader)).body;
  const outdated = { validUntil: '2026-03-25T00:00:00.000Z', limitedBy: { change: 'acme/2', by: 'outdated' } };
  expect(await foretold()).toMatchObject(outdated);
  const { body: flag } = await post(world, '/ofrep/v1/evaluate/flags/acme', '{}', bearer(reader));
  expect(flag.metadata.validUntil).toBe('2026-03-25T00:00:00.000Z');
  await record(world, it, { revision: 1, digest, note: NOTE });
  expect(await foretold()).toMatchObject({ limitedBy: { change: 'acme/1', by: 'policy' } });
  await notified(world, acme, { ...AI, revises: 2, summary: 'In other words.' });
  expect((await get(world, '/v1/changes/acme/2', reader)).body).toMatchObject({ revision: 2, optOut: null });
  expect(await foretold()).toMatchObject(outdated);
});
