import { SESv2Client } from '@aws-sdk/client-sesv2';
import * as z from 'zod';
import { busConsumer } from '../aws/busConsumer.ts';
import { BOUNDED } from '../aws/clients.ts';
import { City, MailSettings, readEnvironment, Tables } from '../aws/environment.ts';
import { invoked } from '../aws/log.ts';
import { gatePorts } from '../aws/ports.ts';
import { readKeys } from '../aws/secrets.ts';
import { sesMailer } from '../mail/sesMailer.ts';
import { notifier } from './notify.ts';

const env = readEnvironment(
  z.object({ ...Tables.shape, ...City.shape, ...MailSettings.shape, ALDERGATE_LINK_SECRET: z.string() }),
);
const [linkKey = new Uint8Array()] = await readKeys(env.ALDERGATE_LINK_SECRET);
const ports = gatePorts(env);
const mailer = sesMailer(new SESv2Client(BOUNDED), env.ALDERGATE_MAIL_FROM, env.ALDERGATE_MAIL_CONFIGURATION);

/** Mail as a Lambda behind a rule of the bus. */
export const handler = invoked(busConsumer(ports, notifier({ ...ports, mailer, linkKey })));
