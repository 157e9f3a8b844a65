import { expect, test } from 'vitest';
import { councilAndMayor, get, openWorld, post } from './world.ts';

test('the policy in force, and the one that waits: by which change, and with which digest', async () => {
  const world = await openWorld();
  const token = await world.token('admin');
  expect((await get(world, '/v1/policy', token)).body).toMatchObject({ number: 1, waits: null });
  const put = async (version: string) => {
    const body = JSON.stringify({ policy: { ...councilAndMayor, version } });
    return (await post(world, '/v1/policy', body, { authorization: `Bearer ${token}` })).body;
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
