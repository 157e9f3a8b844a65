import { catchUp } from '../../../../functions/register/project.ts';
import { openWorld, vendor, type World } from './world.ts';

/** What the projector does a moment after a commit. */
export const settle = async ({ deps }: World, keys: readonly string[]): Promise<void> => {
  for (const key of keys) await catchUp(deps.ports, key);
};

export const story = async () => {
  const world = await openWorld();
  return { world, acme: await vendor(world, 'acme'), token: await world.token('state:read') };
};
