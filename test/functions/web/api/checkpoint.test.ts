import { expect, test } from 'vitest';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { settle, story } from './story.ts';
import { approve, get, notified, type World } from './world.ts';

const at = (world: World, size: string | undefined): World => ({
  ...world,
  app: apiApp({ ...world.deps, checkpoint: () => size }),
});

const PATHS = [
  '/v1/features/acme',
  '/v1/features',
  '/v1/features/acme/history',
  '/v1/changes',
  '/v1/changes/acme/1',
  '/v1/changes/acme/9',
  '/v1/nothing',
];

/** Answers of other ways through the API: a method that is not allowed, a preflight, protocols of their own, a missing token. */
const OTHERS = [
  ['DELETE', '/v1/changes', 405],
  ['OPTIONS', '/ofrep/v1/evaluate/flags', 204],
  ['POST', '/ofrep/v1/evaluate/flags/acme', 401],
  ['GET', '/readyz', 200],
  ['GET', '/v1/features', 401],
] as const;

test('every answer names the checkpoint it rests on, problems and first answers included', async () => {
  const { world: bare, acme, token } = await story();
  const world = at(bare, '43');
  const first = await notified(world, acme);
  expect(first.headers.get('aldergate-checkpoint')).toBe('43');
  await approve(world, 'acme', 1, first.body.digest);
  const named = await Promise.all(PATHS.map(async (path) => (await get(world, path, token)).headers.get('aldergate-checkpoint')));
  expect(named).toStrictEqual(PATHS.map(() => '43'));
  for (const [method, path, status] of OTHERS) {
    const answer = await world.app.request(path, { method });
    expect([path, answer.status, answer.headers.get('aldergate-checkpoint')]).toStrictEqual([path, status, '43']);
  }
});

test('features and changes say it in their bodies, also in lists; before anything is published they say null', async () => {
  const { world: bare, acme, token } = await story();
  await notified(bare, acme);
  await settle(bare, ['acme']);
  for (const size of ['43', undefined]) {
    const world = at(bare, size);
    const body = async (path: string) => (await get(world, path, token)).body;
    const told = [
      (await body('/v1/features/acme')).checkpoint,
      (await body('/v1/features')).items[0].checkpoint,
      (await body('/v1/changes/acme/1')).checkpoint,
      (await body('/v1/changes')).items[0].checkpoint,
    ];
    expect(told).toStrictEqual(told.map(() => size ?? null));
    expect((await get(world, '/v1/changes', token)).headers.get('aldergate-checkpoint')).toBe(size ?? null);
  }
});
