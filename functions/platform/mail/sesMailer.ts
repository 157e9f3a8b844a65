import { type SESv2Client, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { createTransport } from 'nodemailer';
import { type Mailer, mailOptions, NotSent } from './port.ts';

/** These concern one message only; every other error concerns all. */
const REFUSALS = new Set(['MessageRejected', 'BadRequestException']);

/**
 * `configuration`: the configuration set that reports bounces. SES replaces the Message-ID, so a mail sent twice after a crash is shown
 * twice.
 */
export const sesMailer = (client: SESv2Client, from: string, configuration: string): Mailer => {
  const transport = createTransport({ SES: { sesClient: client, SendEmailCommand } });
  return {
    send: async (message) => {
      try {
        await transport.sendMail({ ...mailOptions(message, from), ses: { ConfigurationSetName: configuration } });
      } catch (cause) {
        const { name, message: detail } = cause instanceof Error ? cause : { name: 'thrown', message: String(cause) };
        const why = `SES answered ${name}`;
        throw new NotSent(`SES did not accept it: ${name}: ${detail}`, { unreachable: !REFUSALS.has(name), why, cause });
      }
    },
    close: async () => client.destroy(),
  };
};
