import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { object } from '../../domain/kernel/zodTypes.ts';
import { openApiDocument } from '../web/api/openapi/document.ts';
import { docsApp } from '../web/docs/app.ts';
import { siteApp } from '../web/site/app.ts';
import { NO_OUTBOX } from '../web/site/deps.ts';
import { readVerifier, VERIFIER_NAME } from '../web/site/verifierFile.ts';
import { CitySettings, OriginSecretName, publishedLog, readEnvironment, Tables } from './runtime/environment.ts';
import { httpHandlerOf } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { gatePorts } from './runtime/ports.ts';
import { readKey } from './runtime/secrets.ts';
import { staged } from './runtime/stage.ts';

const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ...CitySettings.shape,
    ...OriginSecretName.shape,
    ALDERGATE_LINK_SECRET: z.string(),
    ALDERGATE_TEXT_SECRET: z.string(),
  })),
);
/** Next to the bundle. */
const verifier = readVerifier(fileURLToPath(new URL(VERIFIER_NAME, import.meta.url)));

const web = staged(
  () => gatePorts(env),
  async (ports) => {
    const [linkKey, textKey] = await Promise.all([readKey(env.ALDERGATE_LINK_SECRET), readKey(env.ALDERGATE_TEXT_SECRET)]);
    const { checkpoint, vkey, refresh } = publishedLog(ports.sideStore);
    const keys = { linkKey, textKey };
    const site = siteApp({ ports, keys, logger, checkpoint, vkey, verifier: async () => verifier, outbox: NO_OUTBOX });
    const docs = docsApp({ ports, logger, document: () => openApiDocument(ports.url) });
    return { app: site.route('/', docs), refresh };
  },
);

export const handler = await httpHandlerOf(env.ALDERGATE_ORIGIN_SECRET, web);
