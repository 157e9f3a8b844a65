import { SESv2Client } from '@aws-sdk/client-sesv2';
import type * as z from 'zod';
import { senderOf } from '../../platform/mail/port.ts';
import { sesMailer } from '../../platform/mail/sesMailer.ts';
import { BOUNDED, type CitySettings, type MailSettings } from './environment.ts';

/**
 * SES may accept a mail and answer late: its timeout is longer than that of other services, and the SDK does not retry, which would send
 * the mail twice. So no connection is kept that SES may have closed since the last mail.
 */
const LATE_MS_MAX = 10_000;
const CLOSED = { keepAlive: false };
const ONCE = {
  maxAttempts: 1,
  requestHandler: {
    ...BOUNDED.requestHandler,
    requestTimeout: LATE_MS_MAX,
    socketTimeout: LATE_MS_MAX,
    httpAgent: CLOSED,
    httpsAgent: CLOSED,
  },
};

/** Sends through SES in the city's name. */
export const openMailer = (env: z.infer<typeof MailSettings> & Pick<z.infer<typeof CitySettings>, 'ALDERGATE_CITY'>) =>
  sesMailer(new SESv2Client(ONCE), senderOf(env.ALDERGATE_MAIL_FROM, env.ALDERGATE_CITY), env.ALDERGATE_MAIL_CONFIGURATION);
