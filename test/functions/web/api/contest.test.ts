import { expect, test } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import { IMPACTS } from '../../../../domain/policy/schema.ts';
import { readText } from '../../../../functions/gate/redactions.ts';
import { approve, bearer, get, notified, openWorld, post, vendor, type World } from './world.ts';

const UNCHANGED = Object.fromEntries(IMPACTS.map((impact) => [impact, 'unchanged']));
const FIX = { kind: 'update', title: 'A small fix', optOut: 'no', impact: UNCHANGED };
const PATH = '/v1/changes/acme/2/contest';

const contest = (world: World, token: string, body: unknown = { reason: 'It stores faces.' }, path = PATH) =>
  post(world, path, JSON.stringify(body), bearer(token));

const maintained = async (change: Readonly<Record<string, unknown>> = FIX) => {
  const world = await openWorld();
  const acme = await vendor(world, 'acme');
  const { body } = await notified(world, acme);
  await approve(world, 'acme', 1, body.digest, { ...NO_TERMS, maintenance: true });
  expect((await notified(world, acme, change)).status).toBe(202);
  const reader = await world.token('state:read');
  const variant = async () => (await post(world, '/ofrep/v1/evaluate/flags/acme', '{}', bearer(reader))).body.variant;
  return { world, reader, variant, it: await world.token('notice') };
};

test('from a contest by token on, an update that came as maintenance counts as a change; its reason can be read', async () => {
  const { world, reader, variant, it } = await maintained();
  expect(await variant()).toBe('enabled');
  expect((await get(world, '/v1/changes/acme/2', reader)).body.contested).toBeNull();
  const got = await contest(world, it);
  expect(got).toMatchObject({
    status: 200,
    body: { change: 'acme/2', status: 'pending', contested: { at: world.now(), by: { token: 'notice-token' } } },
  });
  expect(await variant()).toBe('outdated');
  const reason = { key: 'acme', change: 2, revision: null, commitment: got.body.contested.reason, audience: 'public' } as const;
  const { text } = (await readText(world.deps.ports, reason)) ?? {};
  expect(text).toBe('It stores faces.');
  const other = await world.token('notice');
  const before = await world.commits();
  const again = await contest(world, other, { reason: 'Another reason.' });
  expect(again).toMatchObject({ status: 200, body: { contested: got.body.contested } });
  expect(await world.commits()).toBe(before);
  expect((await world.deps.ports.sideStore.list('text')).length).toBe(1);
});

test('two contests at once leave one event and one text', async () => {
  const { world, it, variant } = await maintained();
  const answers = await Promise.all(['One.', 'Two.'].map((reason) => contest(world, it, { reason })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect(await variant()).toBe('outdated');
  const kept = (await world.deps.ports.sideStore.list('text')).map(({ id }) => id);
  expect(kept).toEqual([answers[0]?.body.contested.reason]);
});

test('an update that changes something cannot be contested, and no text is left', async () => {
  const { world, it } = await maintained({ ...FIX, impact: { ...UNCHANGED, sharing: 'changed' } });
  const got = await contest(world, it);
  expect(got).toMatchObject({ status: 409, body: { type: 'urn:aldergate:problem:not-maintenance' } });
  expect(await world.deps.ports.sideStore.list('text')).toEqual([]);
});
