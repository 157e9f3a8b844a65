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
/** Before what was not taken is tried again, twice as long each time: all mail that waits would connect at once. */
const PAUSE_MS = 5_000;
const PAUSE_MS_MAX = 60_000;

const SmtpFault = z.object({ command: z.string(), responseCode: z.int(), response: z.string() });
const TOO_LARGE = 552;
const CLOSING = 421;
/** RFC 3463: trouble of the server itself, such as a full disk or a list of addresses that it cannot read. */
const OWN_TROUBLE = /^4\d\d[ -]4\.3\./;

/** A pause of all mail. */
const SERVER = 'server';

/**
 * Whom a fault keeps from leaving for now: all mail, where a server refuses the sender, as one that asks for a login does, or ends; this
 * message, where a server has trouble of its own with it, such as a scanner that is down. Undefined: its address or content is refused.
 */
const heldBack = (error: unknown): typeof SERVER | 'message' | undefined => {
  if (!['EENVELOPE', 'EMESSAGE'].includes(String(codeOf(error)))) return SERVER;
  const fault = SmtpFault.safeParse(error).data;
  if (fault === undefined) return undefined;
  const { command, responseCode, response } = fault;
  if (responseCode === CLOSING || (command === 'MAIL FROM' && responseCode !== TOO_LARGE)) return SERVER;
  return OWN_TROUBLE.test(response) || (command === 'DATA' && responseCode < 500) ? 'message' : undefined;
};

/** `taken`: how many mails the server had taken by then. */
interface Pause {
  readonly error: NotSent;
  readonly ms: number;
  readonly untilMs: number;
  readonly taken: number;
}

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
  // Of all mail, and of messages by their ids.
  const pauses = new Map<string, Pause>();
  let taken = 0;
  const pauseOf = (id: string): Pause | undefined => {
    const pause = pauses.get(id);
    return pause !== undefined && performance.now() < pause.untilMs ? pause : undefined;
  };
  const failed = (id: string, cause: unknown): NotSent => {
    const held = heldBack(cause);
    const whose = held === SERVER ? SERVER : id;
    const known = pauses.get(whose);
    // Of a message that is refused again although others were taken the server says that it is this one.
    const unreachable = held === SERVER || (held === 'message' && (known === undefined || known.taken === taken));
    const error = new NotSent(`the mail server did not accept it: ${messageOf(cause)}`, { unreachable, cause });
    if (held === undefined) for (const over of [SERVER, id]) pauses.delete(over);
    // Not again for what was on its way with the one that failed first.
    else if (pauseOf(whose) === undefined) {
      const ms = Math.min(known === undefined ? PAUSE_MS : known.ms * 2, PAUSE_MS_MAX);
      pauses.set(whose, { error, ms, untilMs: performance.now() + (unreachable ? ms : 0), taken });
    }
    return error;
  };
  return {
    send: async (message) => {
      const id = message.messageId;
      const pause = pauseOf(SERVER) ?? pauseOf(id);
      if (pause !== undefined) throw pause.error;
      try {
        await transport.sendMail(mailOptions(message, from));
      } catch (cause) {
        throw failed(id, cause);
      }
      taken += 1;
      pauses.delete(SERVER);
      pauses.delete(id);
    },
    close: async () => transport.close(),
  };
};
