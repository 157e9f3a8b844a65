import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { ReadableStream } from 'node:stream/web';
import * as z from 'zod';
import { type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import type { Keys } from '../gate/ports.ts';
import { WEBHOOK_CONSUMER } from '../platform/feed/consumer.ts';
import {
  isSideKind,
  pagesOf,
  SIDE_KINDS,
  type SideKind,
  type SideKindFate,
  type SideStore,
} from '../platform/store/sideStore.ts';
import { allDone } from '../platform/turns.ts';
import { draftOf, type FileDraft, linesIn } from './archive.ts';

// Storage format: the private part of an export is NDJSON: a header with the keys, one line per record of the side store, then a trailer.
// The commits are in the archive that belongs to it.

/** 32 bytes in base64. */
export const Secret = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

const LaterLogKey = strictObject(() => ({ key: z.string(), until: Instant }));

/**
 * The keys that move with an installation; MAC keys do not. `log`, and with it `next` and `former`: the log's private keys as PKCS #8,
 * absent if a key that cannot be exported signs the log.
 */
export const MOVED_KEYS = {
  link: Secret,
  text: Secret,
  roster: Secret,
  next: LaterLogKey.exactOptional(),
  former: LaterLogKey.exactOptional(),
} as const;
const MovedKeys = strictObject(() => ({ ...MOVED_KEYS, log: z.string().exactOptional() }));
export type MovedKeys = z.infer<typeof MovedKeys>;

/** Returns the keys of an installation whose log key cannot be exported. */
export const movedKeysOf = ({ linkKey, textKey, rosterSalt }: Keys): MovedKeys => {
  const [link, text, roster] = [linkKey, textKey, rosterSalt].map((key) => Buffer.from(key).toString('base64'));
  return MovedKeys.parse({ link, text, roster });
};

const HEADER = { private: 'aldergate', format: 1 } as const;

/** Written by a function that may not read the link key, it has neither that key nor records of links. */
const CopiedKeys = strictObject(() => ({ ...MovedKeys.shape, link: Secret.exactOptional() }));
export type CopiedKeys = z.infer<typeof CopiedKeys>;

const Header = strictObject(() => ({ private: z.literal(HEADER.private), format: z.literal(HEADER.format), keys: CopiedKeys }));
const RecordLine = strictObject(() => ({ kind: z.string(), id: z.string(), value: z.json() }));
/** The last line; a part without it is truncated. */
const Trailer = strictObject(() => ({ records: z.int().min(0), sha256: z.string() }));

interface PrivateRecord {
  readonly kind: SideKind;
  readonly id: string;
  readonly value: JsonValue;
}

export class BadPrivatePart extends Error {
  override readonly name = 'BadPrivatePart';
  constructor(line: number, detail: string) {
    super(`line ${line} of the private part: ${detail}`);
  }
}

const PAGE = 500;

const fateOf = (kind: SideKind): SideKindFate => SIDE_KINDS[kind];

const isMoved = (kind: SideKind): boolean => fateOf(kind) === 'moved' || fateOf(kind) === 'of-subscribers';

/** The moved kinds, in the order in which they are written. */
export const MOVED_KINDS: readonly SideKind[] = Object.keys(SIDE_KINDS).filter(isSideKind).filter(isMoved);
/** The kind of links, which are useless without the link key. */
export const LINK_KIND = 'link' satisfies SideKind;

/**
 * Yields the lines with their line ends. Holds a page of records at a time. Read it after the archive that it belongs to, so that it has the
 * text, token and passkey of each of its commits.
 */
export async function* privatePart(sideStore: SideStore, keys: CopiedKeys): AsyncGenerator<string> {
  const digest = createHash('sha256');
  const line = (value: object): string => {
    const text = `${JSON.stringify(value)}\n`;
    digest.update(text);
    return text;
  };
  yield line({ ...HEADER, keys });
  let records = 0;
  const kinds = MOVED_KINDS.filter((kind) => kind !== LINK_KIND || keys.link !== undefined);
  for (const kind of kinds) {
    const prefix = fateOf(kind) === 'of-subscribers' ? WEBHOOK_CONSUMER : '';
    for await (const page of pagesOf(sideStore, kind, { prefix, limit: PAGE })) {
      records += page.length;
      yield page.map(({ id, value }) => line({ kind, id, value })).join('');
    }
  }
  yield `${JSON.stringify({ records, sha256: digest.digest('hex') })}\n`;
}

const parsed = <T extends z.ZodType>(schema: T, text: string, line: number): z.infer<T> => {
  const json = parseStrict(Buffer.from(text));
  if (!json.ok) throw new BadPrivatePart(line, `${json.pointer || 'the line'} ${json.detail}`);
  const read = schema.safeParse(json.value);
  if (!read.success) throw new BadPrivatePart(line, z.prettifyError(read.error));
  return read.data;
};

interface ReadPart {
  readonly keys: CopiedKeys;
  readonly records: number;
}

/**
 * Passes each record to `take`, and returns the part's content once its end proves it complete. Throws {@link BadPrivatePart} after having
 * passed records before the problem, so read it once without using them.
 */
export const readPrivatePart = async (
  lines: AsyncIterable<string>,
  take: (record: PrivateRecord) => Promise<void> | void = () => undefined,
): Promise<ReadPart> => {
  const digest = createHash('sha256');
  let [line, records] = [0, 0];
  let keys: CopiedKeys | undefined;
  let last: string | undefined;
  // Holds back one line, since only the last is not a record.
  for await (const text of lines) {
    line += 1;
    if (last !== undefined) {
      if (keys === undefined) ({ keys } = parsed(Header, last, 1));
      else {
        const { kind, id, value } = parsed(RecordLine, last, line - 1);
        if (!isSideKind(kind) || !isMoved(kind)) throw new BadPrivatePart(line - 1, `records of the kind ${kind} do not move`);
        records += 1;
        await take({ kind, id, value });
      }
      digest.update(`${last}\n`);
    }
    last = text;
  }
  if (keys === undefined || last === undefined) throw new BadPrivatePart(line, 'it is cut off');
  const end = parsed(Trailer, last, line);
  if (end.records !== records || end.sha256 !== digest.digest('hex'))
    throw new BadPrivatePart(line, 'the end does not fit the lines before it');
  return { keys, records };
};

/** The SQLite adapter gives them one fsync. */
const AT_ONCE = 64;

/** Writes the records except those of the kinds `except`. May be repeated. */
export const writePrivatePart = async (
  sideStore: SideStore,
  lines: AsyncIterable<string>,
  except: readonly SideKind[] = [],
): Promise<ReadPart> => {
  const batch: PrivateRecord[] = [];
  const flush = () => allDone(batch.splice(0).map(({ kind, id, value }) => sideStore.put(kind, id, value)));
  const read = await readPrivatePart(lines, async (record) => {
    if (except.includes(record.kind)) return;
    if (batch.length >= AT_ONCE || (batch[0] !== undefined && batch[0].kind !== record.kind)) await flush();
    batch.push(record);
  });
  await flush();
  return read;
};

/** A recipient, an identity or an encrypted file is unusable. */
export class AgeError extends Error {
  override readonly name = 'AgeError';
}

const AGE_MAGIC = 'age-encryption.org/v1\n';

export const isAgeFile = (start: Uint8Array): boolean => Buffer.from(start).toString('latin1').startsWith(AGE_MAGIC);

/** Loaded on first use, since that takes a tenth of a second. */
const library = () => import('age-encryption');

const because = (what: string, error: unknown): AgeError =>
  new AgeError(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });

async function* encoded(text: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const part of text) yield Buffer.from(part);
}

async function* failingAs(what: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw because(what, error);
  }
}

/** Encrypts in parts of 64 KiB. `recipient`: `age1…`. Throws {@link AgeError} for an invalid recipient before reading anything. */
export const encryptedTo = async (recipient: string, text: AsyncIterable<string>): Promise<AsyncIterable<Uint8Array>> => {
  const { Encrypter } = await library();
  const encrypter = new Encrypter();
  try {
    encrypter.addRecipient(recipient);
  } catch (error) {
    throw because('not a recipient of age, which begins with age1', error);
  }
  return encrypter.encrypt(ReadableStream.from(encoded(text)));
};

/** Parses identities as `age-keygen` writes them: one a line, with empty lines and comments. */
const identitiesIn = (file: string): readonly string[] =>
  file
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/**
 * Decrypts a file. Throws {@link AgeError} at once if no identity fits, and during reading if the file was changed or truncated; what was
 * yielded before that is authentic.
 */
export const decryptedBy = async (identities: string, bytes: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> => {
  const { Decrypter } = await library();
  const decrypter = new Decrypter();
  const found = identitiesIn(identities);
  if (found.length === 0) throw new AgeError('the identity file holds no identity');
  try {
    for (const identity of found) decrypter.addIdentity(identity);
  } catch (error) {
    throw because('the identity file is not as age-keygen writes it', error);
  }
  try {
    return failingAs('cannot be decrypted', await decrypter.decrypt(ReadableStream.from(bytes)));
  } catch (error) {
    throw because('cannot be decrypted', error);
  }
};

/** Appended to the name of the archive. */
export const ENCRYPTED_SUFFIX = '.private.age';

/** Drafts the private part of the archive in `file`, encrypted to a recipient of age. */
export const draftEncrypted = async (file: string, recipient: string, text: AsyncIterable<string>): Promise<FileDraft> =>
  draftOf(`${file}${ENCRYPTED_SUFFIX}`, await encryptedTo(recipient, text));

const START_BYTES = 64;

const startOf = async (path: string): Promise<Uint8Array> => {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(START_BYTES), 0, START_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
};

/** Yields the lines of a private part; an encrypted one needs an `identity` file. Throws AgeError if it cannot be decrypted. */
export async function* privateLinesIn(path: string, identity: string | undefined): AsyncGenerator<string> {
  if (!isAgeFile(await startOf(path))) yield* linesIn(createReadStream(path));
  else if (identity === undefined) throw new AgeError(`${path} is encrypted: give the file of its identity by --identity`);
  else yield* linesIn(await decryptedBy(await readFile(identity, 'utf8'), createReadStream(path)));
}
