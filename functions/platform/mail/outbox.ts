import { hash } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { codeOf } from '../logging.ts';
import { CHANGE_HEADER, mailOptions, REVISION_HEADER } from './compose.ts';
import { type Mailer, type Message, NotSent } from './port.ts';

/** A mail read back from its file: its headers, by lower-case name and decoded, and its plain text. */
interface Eml {
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** Decodes `=C3=A9` to bytes. The rest of such text is ASCII. */
const unescaped = (text: string): Buffer =>
  Buffer.from(
    text.replaceAll(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );

const ENCODED_WORD = /=\?utf-8\?([QB])\?([^?]*)\?=/gi;

/** Decodes a header value (RFC 2047): drops white space between two encoded words, and joins a character split between them. */
const decodeHeader = (value: string): string => {
  const joined = value.replaceAll(/(\?=)\s+(=\?utf-8\?)/gi, '$1$2');
  return joined.replaceAll(/(?:=\?utf-8\?[QB]\?[^?]*\?=)+/gi, (run) =>
    Buffer.concat(
      [...run.matchAll(ENCODED_WORD)].map(([, kind = '', content = '']) =>
        kind.toUpperCase() === 'B' ? Buffer.from(content, 'base64') : unescaped(content.replaceAll('_', ' ')),
      ),
    ).toString('utf8'),
  );
};

const decodeBody = (body: string, encoding: string): string => {
  if (encoding === 'quoted-printable') return unescaped(body.replaceAll('=\n', '')).toString('utf8');
  return encoding === 'base64' ? Buffer.from(body, 'base64').toString('utf8') : body;
};

const headersOf = (head: string): ReadonlyMap<string, string> =>
  new Map(
    head
      .replaceAll(/\n[ \t]+/g, ' ')
      .split('\n')
      .flatMap((line): [string, string][] => {
        const colon = line.indexOf(':');
        return colon < 1 ? [] : [[line.slice(0, colon).toLowerCase(), decodeHeader(line.slice(colon + 1).trim())]];
      }),
  );

/** Returns the plain-text part of a multipart body, nested parts included. */
const textPart = (body: string, boundary: string): Eml | undefined => {
  const [, ...parts] = `\n${body}`.split(`\n--${boundary}`);
  return parts
    .filter((part) => !part.startsWith('--'))
    .map((part) => parseEml(part.replace(/^[ \t]*\n/, '')))
    .find(({ headers, text }) => text !== '' && /^(?:text\/plain|multipart\/)|^$/i.test(headers.get('content-type') ?? ''));
};

/** Parses a mail written by the outbox, in UTF-8. Not a general MIME parser. */
const parseEml = (source: string): Eml => {
  const unix = source.replaceAll('\r\n', '\n');
  const cut = unix.indexOf('\n\n');
  const [head, body] = cut < 0 ? [unix, ''] : [unix.slice(0, cut), unix.slice(cut + 2)];
  const headers = headersOf(head);
  const boundary = /^multipart\/[^;]+;.*\bboundary="?([^";]+)"?/i.exec(headers.get('content-type') ?? '')?.[1];
  if (boundary !== undefined) return { headers, text: textPart(body, boundary)?.text ?? '' };
  const encoding = (headers.get('content-transfer-encoding') ?? '').toLowerCase();
  return { headers, text: decodeBody(body, encoding).replaceAll('\r\n', '\n') };
};

/** One mail of the outbox. `links`: the officials' links in it. */
interface WrittenMail {
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

/** Writes a file all or nothing for its readers. */
const writeWhole = (folder: string, name: string, bytes: Uint8Array): void => {
  const draft = join(folder, `.${name}.${process.pid}.new`);
  writeFileSync(draft, bytes, { mode: 0o600 });
  renameSync(draft, join(folder, name));
};

/**
 * Returns a mailer that writes each message to a file, for trying the gate out without a mail server: a power cut may take mails that were
 * recorded as sent. `clock`: instants for the names.
 */
export const outboxMailer = (folder: string, from: string, clock: () => string): Mailer => {
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'unix' });
  let written = 0;
  return {
    send: async (message) => {
      try {
        const { message: eml } = await transport.sendMail({ ...mailOptions(message, from), date: new Date(clock()) });
        written += 1;
        mkdirSync(folder, { recursive: true, mode: 0o700 });
        writeWhole(folder, nameOf(clock(), written, message), eml as Buffer);
      } catch (cause) {
        throw new NotSent('the outbox cannot be written', { unreachable: true, cause });
      }
    },
    close: async () => transport.close(),
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
