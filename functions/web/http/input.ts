import { hash } from 'node:crypto';
import * as z from 'zod';
import { type JsonValue, parseStrict } from '../../../domain/kernel/json.ts';
import { type Problem, problemsOf } from '../../../domain/kernel/problems.ts';
import { FeatureKey, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { isDate, lastMomentOf, localDateOf, toInstant } from '../../../domain/kernel/zone.ts';
import { type ProblemCode, refused } from './problems.ts';

/** More than any notice can have. Parsing a body with more takes seconds, and anyone can send one, since signatures are checked later. */
const COMMAS_MAX = 50_000;
const COMMA = 0x2c;

const hasTooMany = (bytes: Uint8Array): boolean => {
  let commas = 0;
  for (let at = bytes.indexOf(COMMA); at >= 0 && commas <= COMMAS_MAX; at = bytes.indexOf(COMMA, at + 1)) commas += 1;
  return commas > COMMAS_MAX;
};

const inBody = (pointer: string): string => pointer || 'the body';

const faulty = (code: ProblemCode, errors: readonly Problem[], nameOf = inBody) => {
  const [{ pointer, detail } = { pointer: '', detail: 'is not valid' }] = errors;
  return refused(code, { detail: `${nameOf(pointer)} ${detail}`, errors });
};

/** Throws Refused: 400 with the pointer of the first fault, 413 for too many values. */
export const parseJson = (bytes: Uint8Array): JsonValue => {
  if (hasTooMany(bytes)) throw refused('too-large', { detail: `at most ${COMMAS_MAX} commas are taken here` });
  const parsed = parseStrict(bytes);
  if (parsed.ok) return parsed.value;
  const { pointer, detail } = parsed;
  throw faulty('invalid-json', [{ pointer, detail }]);
};

const checked = <T>(schema: z.ZodType<T>, value: unknown, code: ProblemCode, nameOf = inBody): T => {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw faulty(code, problemsOf(parsed.error), nameOf);
};

/** Checks a value by a schema. Throws Refused (400) with everything that is wrong, unknown fields by name. */
export const checkInput = <T>(schema: z.ZodType<T>, value: unknown): T => checked(schema, value, 'invalid-input');

export const badField = (pointer: string, detail: string, code: ProblemCode = 'invalid-input') =>
  refused(code, { detail: `${pointer} ${detail}`, errors: [{ pointer, detail }] });

/** Returns a 400 whose pointer is the parameter's name. */
export const badParameter = (name: string, detail: string) =>
  refused('invalid-request', { detail: `${name} ${detail}`, errors: [{ pointer: `/${name}`, detail }] });

/**
 * Checks a query by a schema. Throws Refused (400) for a parameter given twice, unknown or not UTF-8, since a misspelt filter would show
 * everything.
 */
export const checkQuery = <T>(schema: z.ZodType<T>, query: URLSearchParams): T => {
  const names = new Set<string>();
  for (const [name, value] of query) {
    if (names.size === names.add(name).size) throw badParameter(name, 'is given more than once');
    if (value.includes('\uFFFD')) throw badParameter(name, 'is not UTF-8');
  }
  return checked(schema, Object.fromEntries(query), 'invalid-request', (pointer) => pointer.slice(1) || 'the query');
};

/** The query schema of an operation without parameters. */
export const NO_QUERY = strictObject(() => ({}));

/**
 * An RFC 3339 instant, or a date for the last moment of that day, so that what begins or ends with the next day does not count.
 * Today's date means now. Throws Refused (400) for an instant in the future.
 */
export const pastInstant = (text: string, { zone, clock }: { readonly zone: string; readonly clock: () => string }): string => {
  const at = toInstant(text, zone);
  if (at === undefined) throw badParameter('at', 'is not an instant such as 2026-04-01T00:00:00Z');
  const now = clock();
  if (text === localDateOf(now, zone)) return now;
  if (at > now) throw badField('/at', 'is in the future', 'future-instant');
  return isDate(text) ? lastMomentOf(text, zone).at : at;
};

export const checkKey = (text: string): string => {
  const parsed = FeatureKey.safeParse(text);
  if (parsed.success) return parsed.data;
  throw badParameter('key', parsed.error.issues[0]?.message ?? 'is not a key');
};

const CHANGE_NUMBER = /^[1-9][0-9]{0,6}$/;

export const checkChangeNumber = (text: string): number => {
  if (!CHANGE_NUMBER.test(text)) throw badParameter('n', 'is not the number of a change, 1 or more');
  return Number(text);
};

const LIMIT_MAX = 1_000;
const LIMIT_DEFAULT = 100;

const WHOLE = /^[1-9][0-9]{0,3}$/;

export const limit = z
  .string()
  .refine((text) => WHOLE.test(text) && Number(text) <= LIMIT_MAX, `is not a whole number from 1 to ${LIMIT_MAX}`)
  .transform(Number);

/** The `limit` and `cursor` parameters of every list. */
export const paging = {
  limit: limit
    .optional()
    .transform((most = LIMIT_DEFAULT) => most)
    .meta({
      description: `The most items on the page, 1 to ${LIMIT_MAX}; absent: ${LIMIT_DEFAULT}.`,
      type: 'integer',
      minimum: 1,
      maximum: LIMIT_MAX,
    }),
  cursor: z
    .string()
    .min(1, 'is empty')
    .max(2_000, 'is not a cursor of this list')
    .optional()
    .describe('Where the list goes on: the `next` of the page before.'),
};

/**
 * The query and answer schemas of a list operation. Wire format: `next` is null at the end. The list response adds `fault`; handlers do
 * not.
 */
export const listing = <Item extends z.ZodType, Filter extends z.ZodRawShape>(item: Item, filter: Filter) => ({
  isList: true as const,
  query: z.strictObject({ ...filter, ...paging }),
  answer: strictObject(() => ({
    items: z.array(item).readonly().describe('The items of this page.'),
    next: z.string().nullable().describe('The cursor of the next page; null at the end.'),
    fault: z
      .literal(true)
      .exactOptional()
      .describe(
        'True while the gate holds back what it cannot believe: nothing in the list is then not nothing. Absent otherwise.',
      ),
  })),
});

/** Throws Refused (400) if the list did not know the cursor. */
export const requirePage = <T>(page: T | undefined): T => {
  if (page === undefined) throw badParameter('cursor', 'is not a cursor of this list');
  return page;
};

const MARK_CHARS = 8;

/** The cursors of one list, marked with its scope: used in another list, or with another filter, they would skip entries. */
export const cursorsOf = (...list: readonly unknown[]) => {
  const mark = hash('sha256', JSON.stringify(list)).slice(0, MARK_CHARS);
  return {
    read: (cursor: string | undefined) => cursor && requirePage(cursor.startsWith(mark) ? cursor.slice(MARK_CHARS) : undefined),
    write: (next: string | null) => next && `${mark}${next}`,
  };
};

/** A request with a body, such as a Request of the fetch standard. */
interface WithBody {
  readonly headers: { get(name: string): string | null };
  readonly body: ReadableStream<Uint8Array> | null;
  /** Reads the whole body at once; present on requests that came over HTTP, where a body ends at its declared length. */
  arrayBuffer?(): Promise<ArrayBuffer>;
}

const brokeOff = (): never => {
  throw refused('invalid-request', { detail: 'the body broke off' });
};

const EMPTY = new Uint8Array(0);

/**
 * Returns the exact bytes of a body. Throws Refused: 413 above `bytesMax`, without reading it if the declared length is above; bytes are
 * counted whatever was declared. 415 for a compressed body, since signatures cover the bytes that were sent.
 */
export const readBody = async (request: WithBody, bytesMax: number): Promise<Uint8Array> => {
  const encoding = request.headers.get('content-encoding');
  if (encoding !== null && encoding.trim().toLowerCase() !== 'identity')
    throw refused('unsupported-media-type', { detail: 'send the body uncompressed' });
  const tooLarge = () => refused('too-large', { detail: `at most ${bytesMax} bytes are taken here` });
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  if (declared > bytesMax) throw tooLarge();
  if (declared >= 0 && request.arrayBuffer !== undefined) {
    // In the node:http adapter, making a stream of a request costs more than everything else here.
    const bytes = new Uint8Array(await request.arrayBuffer().catch(brokeOff));
    if (bytes.length > bytesMax) throw tooLarge();
    return bytes;
  }
  if (request.body === null) return EMPTY;
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = request.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(brokeOff);
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel().catch(() => undefined);
      throw tooLarge();
    }
    chunks.push(value);
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks, length);
};

/** Returns the media type without parameters in lower case; empty if none was sent. */
export const mediaTypeOf = (header: string | null): string => (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

const UTF8 = /^utf-?8$/i;

/** Reports whether the content is JSON in UTF-8, its only encoding (RFC 8259, section 8.1). */
export const isJson = (header: string | null): boolean => {
  if (header === 'application/json') return true;
  if (mediaTypeOf(header) !== 'application/json') return false;
  const charset = /;\s*charset\s*=\s*"?([^";]*)"?/i.exec(header ?? '')?.[1];
  return charset === undefined || UTF8.test(charset.trim());
};

export const requireMediaType = (
  header: string | null,
  expected: 'application/json' | 'application/x-www-form-urlencoded',
): void => {
  const fits = expected === 'application/json' ? isJson(header) : mediaTypeOf(header) === expected;
  if (!fits) throw refused('unsupported-media-type', { detail: `send ${expected}`, headers: { accept: expected } });
};
