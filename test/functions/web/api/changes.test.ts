import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { byBallots } from '../../../support/fixtures/city.ts';
import { bearer, councilAndMayor, get, NOON, notified, openWorld, post, story, vendor } from './world.ts';

test('a change is answered in full', async () => {
  const { world, acme, token } = await story();
  const sharing = { effect: 'changed', from: 'With nobody.', to: 'With the state police.' };
  const { body } = await notified(world, acme, { description: 'In **full**.', impact: { cost: 'changed', sharing } });
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
      impact: { cost: 'changed', sharing, purpose: 'unknown' },
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

  test('neither a change nor a history shows how they went; the result shows once it is certain', async () => {
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

    for (let seat = 3; seat <= 8; seat += 1) await cast(`district-${seat}`, 'approve');
    const certain = (await get(world, '/v1/changes/acme/1', token)).body;
    expect(certain.requirements[0]).toMatchObject({ status: 'met', yes: 7, needed: 7, of: 13 });
    expect(certain.terms).toStrictEqual(NO_TERMS);
    const [first] = (await get(world, '/v1/features/acme/history', token)).body.items.slice(1);
    expect(first).toMatchObject({ type: 'BallotCast', decision: 'approve', change: 'acme/1' });
  });
});

test('the policy in force, and the one that waits: by which change, and with which digest', async () => {
  const world = await openWorld();
  const token = await world.token('admin');
  expect((await get(world, '/v1/policy', token)).body).toMatchObject({ number: 1, waits: null });
  const put = async (version: string) => {
    const body = JSON.stringify({ policy: { ...councilAndMayor, version } });
    return (await post(world, '/v1/policy', body, bearer(token))).body;
  };
  const first = await put('2');
  const waits = (await get(world, '/v1/policy', token)).body.waits;
  expect(waits).toStrictEqual({
    change: 'aldergate.policy/1',
    revision: 1,
    digest: first.waits.digest,
    status: 'pending',
    sha256: first.sha256,
  });
  const second = await put('3');
  const { body } = await get(world, '/v1/policy', token);
  expect(body).toMatchObject({ number: 1, waits: { change: 'aldergate.policy/2', sha256: second.sha256 } });
  expect((await get(world, `/v1/policy?at=${world.now()}`, token)).body.waits).toBeNull();
});
