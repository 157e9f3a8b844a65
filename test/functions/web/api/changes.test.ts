import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { byBallots } from '../../../support/fixtures/city.ts';
import { settle, story } from './story.ts';
import { approve, get, NOON, notified, openWorld, vendor } from './world.ts';

test('a change is answered in full', async () => {
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

  test('neither a change nor a history shows how they went', async () => {
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

  test('the result shows once it is certain', async () => {
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
