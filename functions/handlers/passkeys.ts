import * as z from 'zod';
import { object } from '../../domain/kernel/lazyObject.ts';
import { passkeyApp } from '../web/passkeys/app.ts';
import { CitySettings, MailSettings, OriginSecretName, readEnvironment, Tables } from './runtime/environment.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { logger } from './runtime/invocation.ts';
import { openMailer } from './runtime/mailer.ts';
import { gatePorts } from './runtime/ports.ts';
import { publishedLog } from './runtime/publicLog.ts';
import { openOriginSecret, readKeys } from './runtime/secrets.ts';

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
const [originSecret, [linkKey = new Uint8Array(), textKey = new Uint8Array()], ports] = await Promise.all([
  openOriginSecret(env.ALDERGATE_ORIGIN_SECRET),
  readKeys(env.ALDERGATE_LINK_SECRET, env.ALDERGATE_TEXT_SECRET),
  gatePorts(env),
]);
const { checkpoint, refresh } = publishedLog(ports.sideStore, Date.now);
const deps = { ports, keys: { linkKey, textKey }, logger, checkpoint, mailer: openMailer(env) };

/** Only this bundle contains the library for passkeys. */
export const handler = httpHandler(passkeyApp(deps), originSecret, refresh);
