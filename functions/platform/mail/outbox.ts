import { hash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { codeOf } from '../logging.ts';
import { CHANGE_HEADER, mailOptions, REVISION_HEADER } from './compose.ts';
import { parseEml } from './eml.ts';
import { OutboxJournal } from './outboxJournal.ts';
import { type Mailer, type Message, NotSent } from './port.ts';

/** One mail of the outbox. `links`: the officials' links in it. */
export interface WrittenMail {
  readonly to: string;
  readonly subject: string;
  readonly change: string | null;
  readonly revision: number | null;
  readonly links: readonly string[];
}

/** An official's link, alone on its line. */
const LINK = /^https?:\/\/[^\s/]+(?:\/[^\s]*)?\/d\/[A-Za-z0-9_-]{43}$/;
const SEQUENCE_DIGITS = 6;

/**
 * Returns a file name that sorts in the order of writing: the instant, then a number that grows within a process. The hash
 * separates two processes.
 */
const nameOf = (at: string, sequence: number, { messageId }: Message): string => {
  const short = hash('sha256', messageId).slice(0, 12);
  return `${at.replaceAll(/[-:.]/g, '')}-${String(sequence).padStart(SEQUENCE_DIGITS, '0')}-${short}.eml`;
};

/**
 * Returns a mailer that writes each message to a file, all or nothing, for an installation without a mail server. `clock`:
 * instants for the names.
 */
export const outboxMailer = (folder: string, from: string, clock: () => string): Mailer => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  const journal = new OutboxJournal(folder);
  let written = 0;
  const reached = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new NotSent('the outbox cannot be written', { unreachable: true, cause });
    }
  };
  return {
    send: (message) =>
      reached(async () => {
        const { message: eml } = await transport.sendMail({ ...mailOptions(message, from), date: new Date(clock()) });
        written += 1;
        await journal.write(nameOf(clock(), written, message), (eml as Buffer).toString('utf8'));
      }),
    flush: () => reached(() => journal.flush()),
    close: async () => {
      await journal.close();
      transport.close();
    },
  };
};

const readMail = async (path: string): Promise<WrittenMail> => {
  const { headers, text } = parseEml(await readFile(path, 'utf8'));
  const revision = Number(headers.get(REVISION_HEADER.toLowerCase()) ?? Number.NaN);
  return {
    to: headers.get('to') ?? '',
    subject: headers.get('subject') ?? '',
    change: headers.get(CHANGE_HEADER.toLowerCase()) ?? null,
    revision: Number.isSafeInteger(revision) ? revision : null,
    links: text.split('\n').filter((line) => LINK.test(line)),
  };
};

/** Returns the mails in an outbox, oldest first; an empty list if the folder does not exist. */
export const listOutbox = async (folder: string): Promise<readonly WrittenMail[]> => {
  try {
    const names = (await readdir(folder)).filter((name) => name.endsWith('.eml') && !name.startsWith('.')).sort();
    return await Promise.all(names.map((name) => readMail(join(folder, name))));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
};
