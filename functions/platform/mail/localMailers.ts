import { hash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import * as z from 'zod';
import { readPlainFile } from '../files.ts';
import { codeOf, messageOf } from '../logging.ts';
import { type Mailer, type Message, mailOptions, NotSent } from './port.ts';

/** As a file beside the mail lists it. `change`: `key/n`; null for a mail about something else. `links`: the officials'. */
const WrittenMail = z.object({
  to: z.string(),
  subject: z.string(),
  change: z.string().nullable(),
  revision: z.number().nullable(),
  links: z.array(z.string()).readonly(),
});
export type WrittenMail = Readonly<z.infer<typeof WrittenMail>>;

const LINK = /^https?:\/\/[^\s/]+(?:\/[^\s]*)?\/d\/[A-Za-z0-9_-]{43}$/;
const SEQUENCE_DIGITS = 6;

/** Sorts in the order of writing. The hash separates two processes. */
const nameOf = (at: string, sequence: number, { messageId }: Message): string => {
  const short = hash('sha256', messageId).slice(0, 12);
  return `${at.replaceAll(/[-:.]/g, '')}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${short}`;
};

const writeWhole = (folder: string, name: string, content: Uint8Array | string): void => {
  const draft = join(folder, `.${name}.${process.pid}.new`);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, join(folder, name));
};

/** Writes each message to a file, for trying the gate out: a power cut may take mails that were recorded as sent. */
export const outboxMailer = (folder: string, from: string, clock: () => string): Mailer => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  let written = 0;
  return {
    send: async (message) => {
      try {
        const { message: eml } = await transport.sendMail({ ...mailOptions(message, from), date: new Date(clock()) });
        const { to, subject, change, revision, text } = message;
        const links = text.split('\n').filter((line) => LINK.test(line));
        written += 1;
        const name = nameOf(clock(), written, message);
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeWhole(folder, `${name}.eml`, eml as Buffer);
        writeWhole(folder, `${name}.json`, JSON.stringify({ to, subject, change, revision, links } satisfies WrittenMail));
      } catch (cause) {
        throw new NotSent('the outbox cannot be written', { unreachable: true, cause });
      }
    },
    close: async () => transport.close(),
  };
};

const mailIn = (path: string): readonly WrittenMail[] => {
  try {
    return [WrittenMail.parse(JSON.parse(readPlainFile(path).toString()))];
  } catch {
    // Not one that the gate wrote.
    return [];
  }
};

/** Oldest first. */
export const listOutbox = async (folder: string): Promise<readonly WrittenMail[]> => {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
    return names.flatMap((name) => mailIn(join(folder, name)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
};

const TIMEOUT_MS = 20_000;

const SmtpFault = z.object({ command: z.string(), responseCode: z.int() });
const TOO_LARGE = 552;

/** Whether a server refused the sender, as one that asks for a login does: then it takes no mail at all. */
const isSenderRefused = (error: unknown): boolean => {
  const fault = SmtpFault.safeParse(error).data;
  return fault?.command === 'MAIL FROM' && fault.responseCode !== TOO_LARGE;
};

/** The address or the content, rather than the login, the sender or the connection. */
const isRefused = (error: unknown): boolean =>
  ['EENVELOPE', 'EMESSAGE'].includes(String(codeOf(error))) && !isSenderRefused(error);

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
