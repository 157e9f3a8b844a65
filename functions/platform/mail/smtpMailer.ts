import { createTransport } from 'nodemailer';
import { codeOf, messageOf } from '../logging.ts';
import { mailOptions } from './compose.ts';
import { type Mailer, NotSent } from './port.ts';

const TIMEOUT_MS = 20_000;

/** The address or the content was refused, rather than the login or the connection. */
const isRefused = (error: unknown): boolean => ['EENVELOPE', 'EMESSAGE'].includes(String(codeOf(error)));

/** `url`: `smtp://user:password@host:587` or `smtps://…`. */
export const smtpMailer = (url: string, from: string): Mailer => {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  return {
    send: async (message) => {
      try {
        await transport.sendMail(mailOptions(message, from));
      } catch (cause) {
        const detail = messageOf(cause);
        throw new NotSent(`the mail server did not accept it: ${detail}`, { unreachable: !isRefused(cause), cause });
      }
    },
    close: async () => transport.close(),
  };
};
