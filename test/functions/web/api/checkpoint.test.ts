import { expect, test } from 'vitest';
import { apiApp } from '../../../../functions/web/api/app.ts';
import { settle, story } from './story.ts';
import { get, notified, type World } from './world.ts';

const at = (world: World, size: string | undefined): World => ({
  ...world,
  app: apiApp({ ...world.deps, checkpoint: () => size }),
});

test('features and changes say it in their bodies, also in lists; before anything is published they say null', async () => {
  const { world: bare, acme, token } = await story();
  expect((await notified(at(bare, '43'), acme)).headers.get('aldergate-checkpoint')).toBe('43');
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
