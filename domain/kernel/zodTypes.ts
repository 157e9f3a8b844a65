import * as z from 'zod';
import type { JsonObject } from './json.ts';
import { blockProblem, lineProblem } from './text.ts';
import { parseDuration } from './zone.ts';

// Object schemas whose fields are made on first use. A function on AWS uses few schemas after a start, and making all of them took a
// quarter of its cold start (docs/benchmarks.md).

type Fields = z.core.$ZodLooseShape;

const lazy = (fields: () => Fields, catchall?: z.core.$ZodType): z.ZodObject => {
  let made: Fields | undefined;
  return new z.ZodObject({
    type: 'object',
    get shape() {
      made ??= fields();
      return made;
    },
    ...(catchall !== undefined && { catchall }),
  });
};

const never = z.never();

export const strictObject = <F extends Fields>(fields: () => F) =>
  lazy(fields, never) as z.ZodObject<z.core.util.Writeable<F>, z.core.$strict>;

export const object = <F extends Fields>(fields: () => F) => lazy(fields) as z.ZodObject<z.core.util.Writeable<F>, z.core.$strip>;

const known = new WeakMap<z.ZodType, WeakMap<JsonObject, unknown>>();

/**
 * Parses as `schema.safeParse` does, once for all callers with the same object. Neither the object nor its value may ever change.
 */
export const safeParseOnce = <T>(schema: z.ZodType<T>, json: JsonObject): z.ZodSafeParseResult<T> => {
  let parsed = known.get(schema);
  if (parsed === undefined) {
    parsed = new WeakMap();
    known.set(schema, parsed);
  }
  const found = parsed.get(json);
  if (found !== undefined) return { success: true, data: found as T };
  const result = schema.safeParse(json);
  if (result.success) parsed.set(json, result.data);
  return result;
};

export const parseOnce = <T>(schema: z.ZodType<T>, json: JsonObject): T => {
  const { success, data, error } = safeParseOnce(schema, json);
  if (!success) throw error;
  return data;
};

// Wire and storage format: the small types that all schemas use.

// The host must be written in ASCII (an international name as xn--…): a look-alike letter there would lead people elsewhere.
const HOST = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\.?|\[[0-9A-Fa-f:.]+\])`;
const ADDRESS = new RegExp(String.raw`^https?://${HOST}(?::[0-9]{1,5})?(?:[/?#][^\s\\<>"\x60]*)?$`, 'i');

/**
 * Returns why a web address cannot be shown as a link: only http and https, an ASCII host, no user name, no character that is invisible
 * or reorders text.
 */
export const urlProblem = (text: string): string | undefined => {
  if (!/^https?:\/\//i.test(text)) return 'is not an http or https address';
  if (/^[^/]*\/\/[^/?#\\]*@/.test(text)) return 'has a user name or password in it';
  const problem = blockProblem(text);
  if (problem !== undefined) return problem;
  return ADDRESS.test(text) && URL.canParse(text)
    ? undefined
    : 'is not a web address with a plain ASCII host and no spaces, backslashes, quotes or angle brackets';
};

/** An instant in UTC with milliseconds: one text per instant, and text order is time order. */
export const Instant = z.iso.datetime({ precision: 3, error: 'is not an instant such as 2026-04-01T00:00:00.000Z' });

export const LocalDate = z.iso.date('is not a date such as 2026-04-01');

export const Sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 of 64 lower-case hex digits');

export const Digest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'is not a digest such as sha256: and 64 lower-case hex digits');

export const FeatureKey = z
  .string()
  .regex(
    /^[a-z0-9-]{1,40}(?:\.[a-z0-9-]{1,40}){0,4}$/,
    'is not 1 to 5 segments of a-z, 0-9 and hyphens, 40 characters each at most, joined by dots',
  );

export const DurationText = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, 'is not a duration such as P7D, P1Y or PT12H');

/** A check with its own reason, with what JSON Schema can express of it. */
const checked = (problem: (text: string) => string | undefined, schema: Readonly<Record<string, unknown>>) =>
  z
    .string()
    .superRefine((text, context) => {
      const message = problem(text);
      if (message !== undefined) context.addIssue({ code: 'custom', message });
    })
    .meta(schema);

/** Counts code points, as JSON Schema does. */
const tooLong = (text: string, charsMax: number): string | undefined =>
  text.length > charsMax && (text.length > charsMax * 2 || Array.from(text).length > charsMax)
    ? `is longer than ${charsMax} characters`
    : undefined;

export const LineText = (charsMax: number) =>
  checked((text) => tooLong(text, charsMax) ?? lineProblem(text), { minLength: 1, maxLength: charsMax });

/** Text of several lines; may be empty. */
export const BlockText = (charsMax: number) =>
  checked((text) => tooLong(text, charsMax) ?? blockProblem(text), { maxLength: charsMax });

const URL_CHARS_MAX = 2000;

/** The name of a source that observes a vendor. */
export const SourceName = LineText(60);

export const SafeUrl = checked((text) => tooLong(text, URL_CHARS_MAX) ?? urlProblem(text), {
  format: 'uri',
  maxLength: URL_CHARS_MAX,
  pattern: '^[Hh][Tt][Tt][Pp][Ss]?://',
});

/** No prototype key fits the pattern. */
export const Id = z
  .string()
  .regex(/^(?!constructor$)[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 characters of a-z, 0-9, dot, hyphen and underscore');

// Storage format: notices and attestations hold it permanently.

/** `signature`: over `id.timestamp.` and the raw body, in base64; null under `v1`, whose signatures prove nothing without the secret. */
export const SignedMessage = strictObject(() => ({
  id: z.string().regex(/^[!-~]{1,200}$/),
  timestamp: z.string().regex(/^[0-9]{1,12}$/),
  signature: z
    .string()
    .regex(/^[A-Za-z0-9+/]{86}==$/)
    .nullable(),
}));
