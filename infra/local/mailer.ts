import { join } from 'node:path';
import { outboxMailer } from '../../functions/platform/mail/outbox.ts';
import type { Mailer } from '../../functions/platform/mail/port.ts';
import { smtpMailer } from '../../functions/platform/mail/smtpMailer.ts';
import type { Installation } from './installation.ts';
import type { Settings } from './settings.ts';

export const outboxFolder = ({ data }: Settings): string => join(data, 'outbox');

export const mailerOf = ({ ports, settings }: Installation): Mailer =>
  settings.smtpUrl === undefined
    ? outboxMailer(outboxFolder(settings), settings.mailFrom, ports.clock)
    : smtpMailer(settings.smtpUrl, settings.mailFrom);
