// Storage format: the private part of an export is NDJSON, one JSON object per line: a header with the keys, one line per record of the side
// store, then a trailer. An archive beside it has the commits.
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import type { Keys } from '../gate/ports.ts';
import { WEBHOOK_CONSUMER } from '../platform/feed/consumer.ts';
import { isSideKind, SIDE_KINDS, type SideKind, type SideKindFate } from '../platform/store/sideKinds.ts';
import type { SideEntry, SideStore } from '../platform/store/sideStore.ts';

/** 32 bytes in base64. */
export const Secret = z.string().regex(/^[A-Za-z0-9+/]{43}=$/);

const LaterLogKey = strictObject(() => ({ key: z.string(), until: Instant }));

/**
 * The keys of an installation that move with it; those for MACs do not. `log`, and with it `next` and `former`: the log's private keys as PKCS #8,
 * absent where it is signed by a key that cannot be read.
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

/** Returns the keys that move of an installation whose log is signed by a key that cannot be read. */
export const movedKeysOf = ({ linkKey, textKey, rosterSalt }: Keys): MovedKeys => {
  const [link, text, roster] = [linkKey, textKey, rosterSalt].map((key) => Buffer.from(key).toString('base64'));
  return MovedKeys.parse({ link, text, roster });
};

const HEADER = { private: 'aldergate', format: 1 } as const;

/** The keys in a private part. One that was written by what may not read the key of links has none, and no records of links. */
const CopiedKeys = strictObject(() => ({ ...MovedKeys.shape, link: Secret.exactOptional() }));
export type CopiedKeys = z.infer<typeof CopiedKeys>;

const Header = strictObject(() => ({ private: z.literal(HEADER.private), format: z.literal(HEADER.format), keys: CopiedKeys }));
const RecordLine = strictObject(() => ({ kind: z.string(), id: z.string(), value: z.json() }));
/** The last line, without which the part was cut off. */
const Trailer = strictObject(() => ({ records: z.int().min(0), sha256: z.string() }));

/** A record of the side store that moves. */
export interface PrivateRecord {
  readonly kind: SideKind;
  readonly id: string;
  readonly value: JsonValue;
}

/** Thrown on a private part that cannot be used, with the problem and its line. */
export class BadPrivatePart extends Error {
  override readonly name = 'BadPrivatePart';
  constructor(line: number, detail: string) {
    super(`line ${line} of the private part: ${detail}`);
  }
}

const PAGE = 500;

const fateOf = (kind: SideKind): SideKindFate => SIDE_KINDS[kind];

const isMoved = (kind: SideKind): boolean => fateOf(kind) === 'moved' || fateOf(kind) === 'of-subscribers';

/** The kinds of which a private part has records, in the order in which it is written. */
export const MOVED_KINDS: readonly SideKind[] = Object.keys(SIDE_KINDS).filter(isSideKind).filter(isMoved);
/** The kind that is of no use without the key of links. */
export const LINK_KIND = 'link' satisfies SideKind;

async function* pagesOf(sideStore: SideStore, kind: SideKind): AsyncGenerator<readonly SideEntry[]> {
  const prefix = fateOf(kind) === 'of-subscribers' ? WEBHOOK_CONSUMER : '';
  for (let after: string | undefined; ; ) {
    const page = await sideStore.list(kind, prefix, { limit: PAGE, ...(after !== undefined && { after }) });
    yield page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.id;
  }
}

/**
 * Yields the private part of an installation, each line with its end. Holds a page of records at a time. Read it after the archive that it belongs
 * to: then it has the text, the token and the passkey of every commit in that.
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
  for (const kind of kinds)
    for await (const page of pagesOf(sideStore, kind)) {
      records += page.length;
      if (page.length > 0) yield page.map(({ id, value }) => line({ kind, id, value })).join('');
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

/** What a private part holds, beside its records. `sha256`: the same for the same part. */
export interface ReadPart {
  readonly keys: CopiedKeys;
  readonly records: number;
  readonly sha256: string;
}

/**
 * Reads a private part line by line, gives each record to `take`, and returns what it is once its end has shown that it is whole. Throws
 * {@link BadPrivatePart}; records before the problem were given by then, so read it once without using any.
 */
export const readPrivatePart = async (
  lines: AsyncIterable<string>,
  take: (record: PrivateRecord) => Promise<void> | void = () => undefined,
): Promise<ReadPart> => {
  const digest = createHash('sha256');
  let [line, records] = [0, 0];
  let keys: CopiedKeys | undefined;
  let last: string | undefined;
  // The line before the present one: only the last is no record.
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
  const sha256 = digest.digest('hex');
  if (keys === undefined || last === undefined) throw new BadPrivatePart(line, 'it is cut off');
  const end = parsed(Trailer, last, line);
  if (end.records !== records || end.sha256 !== sha256)
    throw new BadPrivatePart(line, 'the end does not fit the lines before it');
  return { keys, records, sha256 };
};

/** The number of concurrent writes; the SQLite adapter gives them one fsync. */
const AT_ONCE = 64;

/** Writes the records of a private part, kind by kind in its order, but those of the kinds `except`. May be repeated. */
export const writePrivatePart = async (
  sideStore: SideStore,
  lines: AsyncIterable<string>,
  except: readonly SideKind[] = [],
): Promise<ReadPart> => {
  let batch: PrivateRecord[] = [];
  const flush = async (): Promise<void> => {
    const written = await Promise.allSettled(batch.map(({ kind, id, value }) => sideStore.put(kind, id, value)));
    batch = [];
    for (const each of written) if (each.status === 'rejected') throw each.reason;
  };
  const read = await readPrivatePart(lines, async (record) => {
    if (except.includes(record.kind)) return;
    if (batch.length >= AT_ONCE || (batch[0] !== undefined && batch[0].kind !== record.kind)) await flush();
    batch.push(record);
  });
  await flush();
  return read;
};
