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

/**
 * As long as a client has to wait (RFC 5321, section 4.5.3.2): a server that reads a mail before it answers has taken it, and would be
 * sent it again.
 */
const GREETING_MS = 5 * 60_000;
const ANSWER_MS = 10 * 60_000;
/** Before a server that took no mail is asked again, twice as long each time: all mail that waits would connect at once. */
const AWAY_MS = 5_000;
const AWAY_MS_MAX = 60_000;

const SmtpFault = z.object({ command: z.string(), responseCode: z.int(), response: z.string() });
const TOO_LARGE = 552;
const CLOSING = 421;
/** RFC 3463: trouble of the server itself, such as a full disk or a list of addresses that it cannot read. */
const OWN_TROUBLE = /^4\d\d[ -]4\.3\./;

/**
 * Whether a server refused all mail: of the sender, as one that asks for a login does, or for now. What it refuses for now once it has read
 * the message fails by its own trouble, such as a scanner that is down.
 */
const isForAll = (error: unknown): boolean => {
  const fault = SmtpFault.safeParse(error).data;
  if (fault === undefined) return false;
  const { command, responseCode, response } = fault;
  if (command === 'MAIL FROM') return responseCode !== TOO_LARGE;
  return responseCode === CLOSING || OWN_TROUBLE.test(response) || (command === 'DATA' && responseCode < 500);
};

/** The address or the content, rather than the login, the sender or the connection. */
const isRefused = (error: unknown): boolean => ['EENVELOPE', 'EMESSAGE'].includes(String(codeOf(error))) && !isForAll(error);

/** `url`: `smtp://user:password@host:587` or `smtps://…`. A password is sent by TLS only. */
export const smtpMailer = (url: string, from: string): Mailer => {
  const { password } = new URL(url);
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: 2,
    greetingTimeout: GREETING_MS,
    socketTimeout: ANSWER_MS,
    requireTLS: password !== '',
  });
  let away: { readonly error: NotSent; readonly ms: number; readonly untilMs: number } | undefined;
  const isAway = (): boolean => away !== undefined && performance.now() < away.untilMs;
  const noteFailure = (error: NotSent): void => {
    // What was on its way with the one that failed first.
    if (isAway()) return;
    const ms = Math.min(away === undefined ? AWAY_MS : away.ms * 2, AWAY_MS_MAX);
    away = error.unreachable ? { error, ms, untilMs: performance.now() + ms } : undefined;
  };
  return {
    send: async (message) => {
      if (away !== undefined && isAway()) throw away.error;
      try {
        await transport.sendMail(mailOptions(message, from));
        away = undefined;
      } catch (cause) {
        const detail = messageOf(cause);
        const error = new NotSent(`the mail server did not accept it: ${detail}`, { unreachable: !isRefused(cause), cause });
        noteFailure(error);
        throw error;
      }
    },
    close: async () => transport.close(),
  };
};
