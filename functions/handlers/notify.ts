import { SESv2Client } from '@aws-sdk/client-sesv2';
import * as z from 'zod';
import { senderOf } from '../platform/mail/sender.ts';
import { sesMailer } from '../platform/mail/sesMailer.ts';
import { isFromSes, recordBounces } from '../reactions/notify/bounces.ts';
import { notifier } from '../reactions/notify/notify.ts';
import { writeRegularly } from '../reactions/notify/regular.ts';
import { busConsumer } from './runtime/busConsumer.ts';
import { BOUNDED } from './runtime/clients.ts';
import { CitySettings, ItMail, MailSettings, readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/log.ts';
import { gatePorts } from './runtime/ports.ts';
import { readKeys } from './runtime/secrets.ts';

const env = readEnvironment(
  z.object({ ...Tables.shape, ...CitySettings.shape, ...MailSettings.shape, ...ItMail.shape, ALDERGATE_LINK_SECRET: z.string() }),
);
const [[linkKey = new Uint8Array()], ports] = await Promise.all([readKeys(env.ALDERGATE_LINK_SECRET), gatePorts(env)]);
const mailer = sesMailer(
  new SESv2Client(BOUNDED),
  senderOf(env.ALDERGATE_MAIL_FROM, env.ALDERGATE_CITY),
  env.ALDERGATE_MAIL_CONFIGURATION,
);

const writing = { ...ports, mailer, linkKey, itMail: env.ALDERGATE_IT_MAIL };
const consumer = busConsumer(ports, notifier(writing));

/** Reminders and the weekly mail are of a morning: looked for every so many minutes of the schedule. */
const REGULAR_EVERY_MINUTES = 15;

/** What a run of the schedule does beside healing what nudges lost. */
const regularly = async (): Promise<void> => {
  if (new Date(ports.clock()).getUTCMinutes() % REGULAR_EVERY_MINUTES === 0) await writeRegularly(writing);
};

/**
 * Mail as a Lambda behind a rule of the bus, and behind another one that tells what became of the mails; on a
 * schedule also what only the calendar gives reason for.
 */
export const handler = invoked(async (event: Parameters<typeof consumer>[0]) => {
  if (isFromSes(event)) return recordBounces(ports, event);
  const done = await consumer(event);
  if ('task' in event && event.task === 'sweep') await regularly();
  return done;
});
