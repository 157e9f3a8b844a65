import { hash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import * as z from 'zod';
import { codeOf, messageOf } from '../logging.ts';
import { type Mailer, type Message, mailOptions, NotSent } from './port.ts';

/** As a file beside the mail lists it. `change`: `key/n`; null for a mail about something else. `links`: the officials'. */
export interface WrittenMail {
  readonly to: string;
  readonly subject: string;
  readonly change: string | null;
  readonly revision: number | null;
  readonly links: readonly string[];
}

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

/** A process may have some thousand files open. */
const READ_AT_ONCE = 100;

/** Oldest first. */
export const listOutbox = async (folder: string): Promise<readonly WrittenMail[]> => {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.')).sort();
    const mails: WrittenMail[] = [];
    for (let from = 0; from < names.length; from += READ_AT_ONCE) {
      const some = names.slice(from, from + READ_AT_ONCE);
      mails.push(...(await Promise.all(some.map(async (name) => JSON.parse(await readFile(join(folder, name), 'utf8'))))));
    }
    return mails;
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
