import { SESv2Client } from '@aws-sdk/client-sesv2';
import * as z from 'zod';
import { senderOf } from '../platform/mail/sender.ts';
import { sesMailer } from '../platform/mail/sesMailer.ts';
import { passkeyApp } from '../web/passkeys/app.ts';
import { CitySettings, MailSettings, OriginSecretName, readEnvironment, Tables } from './runtime/environment.ts';
import { httpHandler } from './runtime/httpHandler.ts';
import { log } from './runtime/log.ts';
import { openOriginSecret } from './runtime/originSecret.ts';
import { gatePorts } from './runtime/ports.ts';
import { readKeys } from './runtime/secrets.ts';

const env = readEnvironment(
  z.object({
    ...Tables.shape,
    ...CitySettings.shape,
    ...OriginSecretName.shape,
    ...MailSettings.shape,
    ALDERGATE_LINK_SECRET: z.string(),
    ALDERGATE_TEXT_SECRET: z.string(),
  }),
);
const [originSecret, [linkKey = new Uint8Array(), textKey = new Uint8Array()], ports] = await Promise.all([
  openOriginSecret(env.ALDERGATE_DOOR_SECRET),
  readKeys(env.ALDERGATE_LINK_SECRET, env.ALDERGATE_TEXT_SECRET),
  gatePorts(env),
]);
const mailer = sesMailer(
  new SESv2Client({}),
  senderOf(env.ALDERGATE_MAIL_FROM, env.ALDERGATE_CITY),
  env.ALDERGATE_MAIL_CONFIGURATION,
);

/** The pages about passkeys as a Lambda behind the HTTP API, in a bundle of their own: the library is read by nobody who needs none. */
export const handler = httpHandler(passkeyApp({ ports, keys: { linkKey, textKey }, log, mailer }), originSecret);
