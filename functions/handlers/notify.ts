import * as z from 'zod';
import { object } from '../../domain/kernel/zodTypes.ts';
import { CachedValue } from '../platform/age.ts';
import { healthOf, reportedCheck } from '../platform/health.ts';
import { underLease } from '../platform/lease.ts';
import { isFromSes, recordBounces } from '../reactions/notify/bounces.ts';
import { mailAsked, mailDerived, mailFollower } from '../reactions/notify/derivedMails.ts';
import { mailFaults } from '../reactions/notify/faultMail.ts';
import { mailRenewals } from '../reactions/notify/links.ts';
import { notifier } from '../reactions/notify/notify.ts';
import { writeRegularly } from '../reactions/notify/regular.ts';
import { waitingMailsCheck } from '../reactions/notify/waitingMails.ts';
import { isDerivedType } from '../reactions/relay/cloudEvents.ts';
import { followedCheck } from '../register/derived/followers.ts';
import { busConsumer, followChores, isFirstInInterval, mergeChores, readable } from './runtime/consumers.ts';
import { CitySettings, MailSettings, readEnvironment, Tables } from './runtime/environment.ts';
import { invoked } from './runtime/invocation.ts';
import { openMailer } from './runtime/mailer.ts';
import { gatePorts } from './runtime/ports.ts';
import { readKey } from './runtime/secrets.ts';
import { whenOpen } from './runtime/stage.ts';

const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ...CitySettings.shape,
    ...MailSettings.shape,
    ALDERGATE_IT_MAIL: z.email().optional(),
    ALDERGATE_LINK_SECRET: z.string(),
  })),
);
const ports = await gatePorts(env);

const REGULAR_EVERY_MINUTES = 15;

const faults = healthOf([ports.ledger.check, reportedCheck(ports, [])], ports.clock, ports.logger);

/** The key is cached only this long, so that no later mail is written under a rotated key. */
const LINK_KEY_MS = 10_000;

const open = async () => {
  const { read: linkKey } = new CachedValue(() => readKey(env.ALDERGATE_LINK_SECRET), LINK_KEY_MS);
  const writing = { ...ports, mailer: openMailer(env), linkKey, itMail: env.ALDERGATE_IT_MAIL };
  // A commit of a held stream waits too: it may enter the log later.
  const follower = mailFollower(writing);
  const checks = [followedCheck(ports, follower.name), waitingMailsCheck(ports)];
  const consumer = busConsumer({ ...ports, store: ports.everything }, notifier(writing), checks);
  /** The schedule may start runs twice or overlapping: only one of them sends a mail that no commit asks for. */
  const alone = (work: () => Promise<void>) => underLease(ports, follower.name, work);
  const regularly = () => underLease(ports, 'notify-regular', () => writeRegularly(writing));
  const follow = followChores(ports, follower);
  const heard = readable(ports.logger, async (event) => {
    if (!('task' in event) && isDerivedType(event.detail.type)) return alone(() => mailDerived(writing));
    const done = await consumer(event);
    if ('task' in event && event.task === 'replay') return mergeChores([done, await follow(event)]);
    if ('task' in event && event.task === 'sweep') {
      const found = await faults();
      await alone(async () => {
        // First: while the roster cannot be read, the others may throw.
        await mailFaults(writing, found);
        await mailAsked(writing);
        await mailRenewals(writing);
        await mailDerived(writing);
      });
      if (isFirstInInterval(REGULAR_EVERY_MINUTES, event)) await regularly();
    }
    return done;
  });
  return async (event: Parameters<typeof heard>[0]) => (isFromSes(event) ? recordBounces(ports, event) : heard(event));
};

/**
 * Invoked by a bus rule for mails that an event causes, by one for SES bounces, and by a schedule for mails that the calendar causes.
 */
export const handler = invoked(whenOpen(ports, open));
