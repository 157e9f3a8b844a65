import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { createTransport } from 'nodemailer';
import { backoff } from '../turns.ts';
import { type Mailer, mailOptions, NotSent } from './port.ts';

/** Errors of one message only; every other error concerns all mail. */
const REFUSALS = new Set(['MessageRejected', 'BadRequestException']);

/** An account in SES's sandbox may send one mail a second. */
const TOO_FAST = 'TooManyRequestsException';
const TRIES_MAX = 6;
const PAUSES = { baseMs: 500, capMs: 2_000 };

/**
 * `client`: must not retry by itself, since a mail whose answer was lost may have been sent; a throttled one was not. `configuration`: the
 * configuration set that reports bounces. SES replaces the Message-ID, so a mail sent twice after a crash is shown twice.
 */
export const sesMailer = (client: SESv2Client, from: string, configuration: string): Mailer => {
  const transport = createTransport({ SES: { sesClient: client, SendEmailCommand } });
  return {
    send: async (message) => {
      for (let tries = 1; ; tries += 1)
        try {
          await transport.sendMail({ ...mailOptions(message, from), ses: { ConfigurationSetName: configuration } });
          return;
        } catch (cause) {
          const { name, message: detail } = cause instanceof Error ? cause : { name: 'thrown', message: String(cause) };
          if (name !== TOO_FAST || tries === TRIES_MAX) {
            const why = `SES answered ${name}`;
            throw new NotSent(`SES did not accept it: ${name}: ${detail}`, { unreachable: !REFUSALS.has(name), why, cause });
          }
          await backoff(tries, PAUSES);
        }
    },
    close: async () => client.destroy(),
  };
};
