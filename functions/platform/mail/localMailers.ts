import { hash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type * as nodemailer from 'nodemailer';
import * as z from 'zod';
import { readPlainFile } from '../files.ts';
import { codeOf, messageOf } from '../logging.ts';
import { type Mailer, type Message, mailOptions, NotSent } from './port.ts';

/** The JSON file next to a mail. `change`: `key/n`, null for a mail about something else; `links`: the officials'. */
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

/** Returns a file name that sorts by time of writing. The hash prevents collisions of two processes. */
const nameOf = (at: string, sequence: number, { messageId }: Message): string => {
  const short = hash('sha256', messageId).slice(0, 12);
  return `${at.replaceAll(/[-:.]/g, '')}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${short}`;
};

const writeWhole = (folder: string, name: string, content: Uint8Array | string): void => {
  const draft = join(folder, `.${name}.${process.pid}.new`);
  writeFileSync(draft, content, { mode: 0o600 });
  renameSync(draft, join(folder, name));
};

/** Loads the library with the first mail: it would take a fifth of the time of every start and of every command. */
const withFirstMail = <T extends { readonly close: () => void }>(make: (library: typeof nodemailer) => T) => {
  let made: Promise<T> | undefined;
  return {
    transport: () => (made ??= import('nodemailer').then(make)),
    close: async () => (await made)?.close(),
  };
};

/** Writes each message to a file, for trying the gate out: a power cut may lose mails that were recorded as sent. */
export const outboxMailer = (folder: string, from: string, clock: () => string): Mailer => {
  const { transport, close } = withFirstMail((library) =>
    library.createTransport({ streamTransport: true, buffer: true, newline: 'unix' }),
  );
  let written = 0;
  return {
    send: async (message) => {
      try {
        const mail = { ...mailOptions(message, from), date: new Date(clock()) };
        const { message: eml } = await (await transport()).sendMail(mail);
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
    close,
  };
};

const mailIn = (path: string): readonly WrittenMail[] => {
  try {
    return [WrittenMail.parse(JSON.parse(readPlainFile(path).toString()))];
  } catch {
    // The gate did not write this file.
    return [];
  }
};

/** Returns the mails of an outbox, oldest first. */
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
 * The minimum timeouts of a client (RFC 5321, section 4.5.3.2): with shorter ones, a server that scans a mail before it answers would accept
 * it and get it again.
 */
const GREETING_MS = 5 * 60_000;
const ANSWER_MS = 10 * 60_000;
/** If a mail takes longer, the next one uses another connection. */
const SLOW_MS = 20_000;
/** Servers close connections beyond some twenty of one client, and many prefer a few. */
const CONNECTIONS_MAX = 20;
const QUICK_MAX = 2;
/** The pause before the next try at a server that accepts no mail; doubles each time. */
const PAUSE_MS = 5_000;
const PAUSE_MS_MAX = 60_000;

const SmtpFault = z.object({
  code: z.string().optional(),
  /** The system's code, such as `ECONNREFUSED`. */
  originalCode: z.string().optional(),
  command: z.string().optional(),
  syscall: z.string().optional(),
  responseCode: z.int().optional().catch(undefined),
  response: z.string().optional().catch(undefined),
});
type SmtpFault = z.infer<typeof SmtpFault>;

const TOO_LARGE = 552;
const OF_A_MESSAGE = ['RCPT TO', 'DATA', 'RSET', 'API'];
/** Codes of a connection that ended or fell silent, which the message may have caused. */
const LOST = ['ECONNECTION', 'ETIMEDOUT', 'read', 'write'];

/** Reports whether a fault concerns all mail: a fault of the connection, the login or the sender. Others concern one message. */
const concernsAll = ({ code = '', command = '', syscall = code, responseCode }: SmtpFault): boolean => {
  if (command === 'MAIL FROM') return code !== 'EMESSAGE' && responseCode !== TOO_LARGE;
  if (OF_A_MESSAGE.includes(command)) return false;
  return command !== 'CONN' || !LOST.includes(syscall);
};

/** Describes a fault with the codes of the answer, but without its text, which contains addresses. */
const inWords = ({ code = 'unknown', originalCode = code, response }: SmtpFault): string => {
  const [answered] = /^\d{3}(?:[ -]\d\.\d{1,3}\.\d{1,3})?/.exec(response ?? '') ?? [];
  return answered === undefined ? `the mail server cannot be reached (${originalCode})` : `the mail server answered ${answered}`;
};

const notSent = (cause: unknown): NotSent => {
  const fault = SmtpFault.safeParse(cause).data ?? {};
  const message = `the mail server did not accept it: ${messageOf(cause)}`;
  return new NotSent(message, { unreachable: concernsAll(fault), why: inWords(fault), cause });
};

/** `late`: resolves when the server has had the mail for a while without an answer. */
interface Transfer {
  readonly ended: Promise<void>;
  readonly late: Promise<void>;
}

/** Starts transfers: few at a time, in addition to late ones. */
const transfers = (send: (message: Message) => Promise<unknown>, slowMs: number) => {
  const waiting: (() => void)[] = [];
  let quick = 0;
  return (message: Message): Transfer => {
    const late = Promise.withResolvers<void>();
    const begin = async (): Promise<void> => {
      if (quick < QUICK_MAX) quick += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
      const pass = (): void => {
        const next = waiting.shift();
        if (next === undefined) quick -= 1;
        else next();
      };
      let passed = false;
      const timer = setTimeout(() => {
        passed = true;
        pass();
        late.resolve();
      }, slowMs);
      try {
        await send(message);
      } finally {
        clearTimeout(timer);
        if (!passed) pass();
      }
    };
    const ended = begin();
    // It may fail while no caller waits for it.
    ended.catch(() => undefined);
    return { ended, late: late.promise };
  };
};

/** `url`: `smtp://user:password@host:587` or `smtps://…`. A password is sent only over TLS. */
export const smtpMailer = (url: string, from: string, slowMs = SLOW_MS): Mailer => {
  const { password } = new URL(url);
  const { transport, close } = withFirstMail((library) =>
    library.createTransport({
      url,
      pool: true,
      maxConnections: CONNECTIONS_MAX,
      greetingTimeout: GREETING_MS,
      socketTimeout: ANSWER_MS,
      requireTLS: password !== '',
    }),
  );
  let pause: { readonly error: NotSent; readonly ms: number; readonly untilMs: number } | undefined;
  const isPaused = (): boolean => pause !== undefined && performance.now() < pause.untilMs;
  const transfer = transfers(async (message) => {
    if (pause !== undefined && isPaused()) throw pause.error;
    try {
      await (await transport()).sendMail(mailOptions(message, from));
      pause = undefined;
    } catch (cause) {
      const error = notSent(cause);
      if (!error.unreachable) pause = undefined;
      // Mails that were in transit with the first failure do not extend the pause.
      else if (!isPaused()) {
        const ms = pause === undefined ? PAUSE_MS : Math.min(pause.ms * 2, PAUSE_MS_MAX);
        pause = { error, ms, untilMs: performance.now() + ms };
      }
      throw error;
    }
  }, slowMs);
  const known = new Map<string, Transfer>();
  return {
    send: async (message) => {
      const id = message.messageId;
      const { ended, late } = known.get(id) ?? transfer(message);
      known.set(id, { ended, late });
      const isLate = await Promise.race([ended.then(() => false), late.then(() => true)]).catch(() => false);
      if (isLate) {
        // On the next call a mail that was not accepted is sent again; an accepted one is not.
        ended.catch(() => known.delete(id));
        throw new NotSent('the mail server has not answered yet', { unreachable: false, later: ended });
      }
      known.delete(id);
      await ended;
    },
    close,
  };
};
