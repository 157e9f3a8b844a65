import { SESv2Client } from '@aws-sdk/client-sesv2';
import type * as z from 'zod';
import { senderOf } from '../../platform/mail/port.ts';
import { sesMailer } from '../../platform/mail/sesMailer.ts';
import { BOUNDED, type CitySettings, type MailSettings } from './environment.ts';

/** Through SES and in the city's name. */
export const openMailer = (env: z.infer<typeof MailSettings> & Pick<z.infer<typeof CitySettings>, 'ALDERGATE_CITY'>) =>
  sesMailer(new SESv2Client(BOUNDED), senderOf(env.ALDERGATE_MAIL_FROM, env.ALDERGATE_CITY), env.ALDERGATE_MAIL_CONFIGURATION);
