import type { EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { type JsonObject, type JsonValue, parseStrict } from '../../../../domain/kernel/json.ts';
import { isJson } from '../../http/body.ts';
import { type Answer, problemAnswer } from '../../http/problems.ts';

const TEXT_CHARS_MAX = 200;

type ContextFault = {
  readonly ok: false;
  readonly code: 'invalid-json' | 'invalid-input' | 'unsupported-media-type';
  readonly errorCode: 'PARSE_ERROR' | 'INVALID_CONTEXT';
  readonly pointer: string;
  readonly detail: string;
};
type ReadContext = { readonly ok: true; readonly context: JsonObject } | ContextFault;

const EMPTY: ReadContext = { ok: true, context: {} };

const fault = (pointer: string, detail: string): ContextFault => ({
  ok: false,
  code: 'invalid-input',
  errorCode: 'INVALID_CONTEXT',
  pointer,
  detail,
});

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const checkText = (context: JsonObject, name: 'agency' | 'version'): ReadContext => {
  const value = Object.hasOwn(context, name) ? context[name] : undefined;
  if (value === undefined || value === null) return { ok: true, context };
  if (typeof value !== 'string') return fault(`/context/${name}`, 'is not a text');
  return value.length > TEXT_CHARS_MAX
    ? fault(`/context/${name}`, `is longer than ${TEXT_CHARS_MAX} characters`)
    : { ok: true, context };
};

/**
 * Reads the context of a request. Without a body, or without a context in it, the context is empty. Attributes other than `agency` and
 * `version` are ignored.
 */
export const readContext = (contentType: string | null, body: Uint8Array): ReadContext => {
  if (body.length === 0) return EMPTY;
  if (!isJson(contentType)) {
    const detail = 'must be sent as application/json';
    return { ok: false, code: 'unsupported-media-type', errorCode: 'PARSE_ERROR', pointer: '', detail };
  }
  const parsed = parseStrict(body);
  if (!parsed.ok) {
    const { pointer, detail } = parsed;
    return { ok: false, code: 'invalid-json', errorCode: 'PARSE_ERROR', pointer, detail };
  }
  if (!isObject(parsed.value)) return fault('', 'is not an object with a context');
  const context = Object.hasOwn(parsed.value, 'context') ? parsed.value.context : undefined;
  if (context === undefined) return EMPTY;
  if (!isObject(context)) return fault('/context', 'is not an object');
  const agency = checkText(context, 'agency');
  return agency.ok ? checkText(context, 'version') : agency;
};

/** Returns the part of a context that an answer depends on; the token's agencies count where the context names none. */
export const evaluationContextOf = ({ agency, version }: JsonObject, own: readonly string[]): EvaluationContext => ({
  agencies: typeof agency === 'string' ? [agency] : own,
  own,
  version: typeof version === 'string' ? version : undefined,
});

/** Returns the answer to an unreadable context: a problem document that is also an evaluation failure of OFREP. */
export const ofrepRefusal = ({ code, errorCode, pointer, detail }: ContextFault, key?: string): Answer => {
  const errorDetails = pointer === '' ? `the body ${detail}` : `${pointer} ${detail}`;
  return problemAnswer(code, {
    detail: errorDetails,
    errors: [{ pointer, detail }],
    extra: { ...(key !== undefined && { key }), errorCode, errorDetails },
  });
};

/** With `1`: the client wants to listen for changes instead of asking again and again. */
export const STREAMS_HEADER = 'aldergate-streams';

/**
 * Pages of other origins may ask, as the OpenFeature web provider does: an answer needs a token, which no browser sends by itself.
 */
export const FLAG_CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, aldergate-checkpoint',
  'cross-origin-resource-policy': 'cross-origin',
};

/** The answer to a browser's preflight request. */
export const FLAG_PREFLIGHT: Readonly<Record<string, string>> = {
  ...FLAG_CORS,
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': `authorization, content-type, if-none-match, x-api-key, ${STREAMS_HEADER}`,
  'access-control-max-age': '600',
};
