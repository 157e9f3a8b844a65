import { getRequestListener } from '@hono/node-server';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import { catchUp } from '../../../../../functions/register/project.ts';
import { apiApp } from '../../../../../functions/web/api/app.ts';
import { withShortPath } from '../../../../../functions/web/api/ofrep/nodeListener.ts';
import { answering } from '../../../../support/listening.ts';
import { approve, notified, openWorld, post, vendor, type World } from '../world.ts';

export const FLAGS = '/ofrep/v1/evaluate/flags';

export const listening = async ({ deps }: World): Promise<string> => {
  const routed = getRequestListener(apiApp(deps).fetch);
  return answering(withShortPath(deps, (incoming, outgoing) => void routed(incoming, outgoing)));
};

export const story = async () => {
  const world = await openWorld({});
  const acme = await vendor(world, 'acme');
  const token = await world.token('state:read');
  const ask = (key: string, body = '{}', headers = {}) =>
    post(world, `${FLAGS}/${key}`, body, { authorization: `Bearer ${token}`, ...headers });
  const bulk = (body = '{}', headers = {}) => post(world, FLAGS, body, { authorization: `Bearer ${token}`, ...headers });
  const on = async (feature: string, terms = NO_TERMS) => {
    const { body } = await notified(world, acme, { feature });
    await approve(world, feature, 1, body.digest, terms);
    await catchUp(world.deps.ports, feature);
  };
  return { world, acme, token, ask, bulk, on };
};
