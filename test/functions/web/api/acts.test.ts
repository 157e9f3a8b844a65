import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { digestOf } from '../../../../domain/kernel/canonical.ts';
import { readText } from '../../../../functions/gate/redactions.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { UNCHANGED } from '../../../support/fixtures/vendor.ts';
import { bearer, post, refusal, story, type World } from './world.ts';

// What a token may do to a change beside its decision: contest that it is maintenance, and record an opt-out.

const AI = { kind: 'update', title: 'Answers by a machine', optOut: 'yes', optOutBy: '2026-03-20', effectiveAt: '2026-03-25' };

const updated = async (update: Readonly<Record<string, unknown>>, terms = NO_TERMS) => {
  const told = await story();
  const { world, notify, approved } = told;
  await approved({}, terms);
  const { status, body } = await notify(update);
  expect(status).toBe(202);
  const act = (path: string, token: string, sent: unknown) => post(world, `/v1/changes/acme/${path}`, sent, bearer(token));
  return { ...told, act, digest: body.digest as string, texts: () => world.deps.ports.sideStore.list('text') };
};
const readable = async ({ deps }: World, commitment: string, revision: number | null) =>
  (await readText(deps.ports, { key: 'acme', change: 2, revision, commitment, audience: 'public' }))?.text;

describe('a contest', () => {
  const FIX = { kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED };
  const maintained = async (change = FIX) => {
    const told = await updated(change, { ...NO_TERMS, maintenance: true });
    const it = await told.world.token('notice');
    return { ...told, contest: (reason = 'It stores faces.', by = it) => told.act('2/contest', by, { reason }) };
  };

  test('makes an update that came as maintenance count as a change; its reason can be read', async () => {
    const { world, read, variant, contest, texts } = await maintained();
    expect(await variant()).toBe('enabled');
    expect((await read('/v1/changes/acme/2')).contested).toBeNull();
    const got = await contest();
    const contested = { at: world.now(), by: { token: 'notice-token' } };
    expect(got).toMatchObject({ status: 200, body: { change: 'acme/2', status: 'pending', contested } });
    expect(await variant()).toBe('outdated');
    expect(await readable(world, got.body.contested.reason, null)).toBe('It stores faces.');
    const other = await world.token('notice');
    const before = await world.commits();
    expect(await contest('Another reason.', other)).toMatchObject(refusal(409, 'not-maintenance'));
    expect(await contest()).toMatchObject({ status: 200, body: { contested: got.body.contested } });
    expect([await world.commits(), (await texts()).length]).toEqual([before, 1]);
  });

  test('twice at once leaves one event and one text; the other is told that its reason is not recorded', async () => {
    const { contest, variant, texts } = await maintained();
    const answers = await Promise.all([contest('One.'), contest('Two.')]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 409]);
    expect(await variant()).toBe('outdated');
    const [won] = answers.filter(({ status }) => status === 200);
    expect((await texts()).map(({ id }) => id)).toEqual([won?.body.contested.reason]);
  });

  test('of a revision that comes as maintenance again, once later words settled the first, counts anew', async () => {
    const { world, notify, variant, contest } = await maintained();
    const first = await contest();
    const next = (await notify({ kind: 'update', title: 'Next', optOut: 'no' })).body;
    await world.gate.decide(next, { terms: { ...NO_TERMS, maintenance: true } });
    expect((await notify({ ...FIX, title: 'The fix, mended', revises: 2 })).body).toMatchObject({
      change: 'acme/2',
      revision: 2,
    });
    expect(await variant()).toBe('enabled');
    const again = await contest('It stores faces, still.');
    expect([again.status, await variant()]).toEqual([200, 'outdated']);
    expect(again.body.contested.reason).not.toBe(first.body.contested.reason);
    expect((await contest('It stores faces, still.')).body).toMatchObject({ contested: again.body.contested });
  });

  test('of an update that changes something is refused, and no text is left', async () => {
    const { contest, texts } = await maintained({ ...FIX, impact: { ...UNCHANGED, sharing: 'changed' } });
    expect(await contest()).toMatchObject(refusal(409, 'not-maintenance'));
    expect(await texts()).toEqual([]);
  });
});

describe('an opt-out by a token of a person', () => {
  const PROOF = { sha256: 'e'.repeat(64), title: 'A screenshot' };
  const NOTE = 'In the console, under Features.';

  /** An update that the vendor switches on by a day unless the city opts out. */
  const announced = async (change: Readonly<Record<string, unknown>> = AI) => {
    const told = await updated(change);
    const { world, act, digest } = told;
    const tokenOf = async (name: string, person: string | null) =>
      (await createToken(world.deps.ports, { name, scopes: ['observe'], person })).token;
    const it = await tokenOf('console', 'auditor');
    const record = (over: object = {}, by = it, n = 2) => act(`${n}/opt-out`, by, { revision: 1, digest, note: NOTE, ...over });
    return { ...told, tokenOf, record };
  };

  test('is an event in the feature’s stream, and the approved words stay true', async () => {
    const { world, read, variant, record, digest } = await announced();
    const got = await record({ evidence: PROOF });
    expect(got).toMatchObject({ status: 200, body: { change: 'acme/2', status: 'pending' } });
    const { optOut } = got.body;
    const [{ version, note, act }] = optOut.records;
    expect(optOut).toStrictEqual({
      standing: 'counts',
      records: [{ at: world.now(), version, person: 'auditor', note, evidence: PROOF, act }],
      confirmations: [],
      completedAt: null,
    });
    expect(await readable(world, note, 1)).toBe(NOTE);
    const event = { actor: 'token:console', type: 'OptOutRecorded', person: 'auditor', digest };
    expect((await read('/v1/features/acme/history')).items.at(-1)).toMatchObject(event);
    world.at('2026-03-25T12:00:00.000Z');
    expect(await variant()).toBe('enabled');
  });

  test('sent again is answered as it stands; another is refused, and leaves no text', async () => {
    const { world, record, tokenOf, texts } = await announced();
    const first = await record();
    const other = await tokenOf('other', 'mayor');
    const before = await world.commits();
    expect((await record()).body).toStrictEqual(first.body);
    expect(await record({ note: 'Elsewhere.' })).toMatchObject(refusal(409, 'already-decided'));
    expect((await record({}, other)).status).toBe(409);
    expect([await world.commits(), (await texts()).length]).toEqual([before, 1]);
    const proven = await record({ evidence: PROOF }, other);
    expect(proven.body.optOut.records.map(({ person }: { person: string }) => person)).toEqual(['auditor', 'mayor']);
    expect((await record({ evidence: PROOF })).status).toBe(409);
  });

  test('is none by a token of no person, nor of a change that is not there', async () => {
    const { world, record, tokenOf } = await announced();
    const robot = await tokenOf('robot', null);
    const before = await world.commits();
    expect(await record({}, robot)).toMatchObject(refusal(403, 'token-without-person'));
    expect((await record({}, undefined, 9)).status).toBe(404);
    expect(await world.commits()).toBe(before);
  });

  test.each([
    ['other words', { digest: digestOf('others') }, AI, 409, 'stale'],
    ['another revision', { revision: 2 }, AI, 409, 'stale'],
    ['no note', { note: ' ' }, AI, 400, 'invalid-input'],
    ['evidence without a title', { evidence: { sha256: 'e'.repeat(64) } }, AI, 400, 'invalid-input'],
    ['what the vendor cannot hold back', {}, { ...AI, optOut: 'no' }, 409, 'no-opt-out'],
  ])('of %s is refused', async (_, over, update, status, code) => {
    const { record, texts } = await announced(update);
    expect(await record(over)).toMatchObject(refusal(status, code));
    expect(await texts()).toEqual([]);
  });
});
