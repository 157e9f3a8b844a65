import { getRequestListener } from '@hono/node-server';
import { NO_TERMS } from '../../../../../domain/feature/terms.ts';
import { catchUp } from '../../../../../functions/register/project.ts';
import { apiApp } from '../../../../../functions/web/api/app.ts';
import { withShortPath } from '../../../../../functions/web/api/ofrep/nodeListener.ts';
import { answering } from '../../../../support/listening.ts';
import { bearer, story as opened, post, type World } from '../world.ts';

export const FLAGS = '/ofrep/v1/evaluate/flags';

export const listening = async ({ deps }: World): Promise<string> => {
  const routed = getRequestListener(apiApp(deps).fetch);
  return answering(withShortPath(deps, (incoming, outgoing) => void routed(incoming, outgoing)));
};

export const story = async () => {
  const told = await opened();
  const { world, token, approved } = told;
  const ask = (key: string, body: unknown = {}, headers = {}) =>
    post(world, `${FLAGS}/${key}`, body, { ...bearer(token), ...headers });
  const bulk = (body: unknown = {}, headers = {}) => post(world, FLAGS, body, { ...bearer(token), ...headers });
  const on = async (feature: string, terms = NO_TERMS) => {
    await approved({ feature }, terms);
    await catchUp(world.deps.ports, feature);
  };
  return { ...told, ask, bulk, on };
};
