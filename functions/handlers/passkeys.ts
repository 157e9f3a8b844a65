import * as z from 'zod';
import { object } from '../../domain/kernel/zodTypes.ts';
import { passkeyApp } from '../web/passkeys/app.ts';
import { CitySettings, MailSettings, OriginSecretName, publishedLog, readEnvironment, Tables } from './runtime/environment.ts';
import { httpHandlerOf } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { openMailer } from './runtime/mailer.ts';
import { gatePorts } from './runtime/ports.ts';
import { readKey } from './runtime/secrets.ts';
import { staged } from './runtime/stage.ts';

const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ...CitySettings.shape,
    ...OriginSecretName.shape,
    ...MailSettings.shape,
    ALDERGATE_LINK_SECRET: z.string(),
    ALDERGATE_TEXT_SECRET: z.string(),
  })),
);
const web = staged(
  () => gatePorts(env),
  async (ports) => {
    const [linkKey, textKey] = await Promise.all([readKey(env.ALDERGATE_LINK_SECRET), readKey(env.ALDERGATE_TEXT_SECRET)]);
    const { checkpoint, refresh } = publishedLog(ports.sideStore);
    return { app: passkeyApp({ ports, keys: { linkKey, textKey }, logger, checkpoint, mailer: openMailer(env) }), refresh };
  },
);

/** Only this bundle contains the passkey library. */
export const handler = await httpHandlerOf(env.ALDERGATE_ORIGIN_SECRET, web);
