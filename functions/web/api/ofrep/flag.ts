import * as z from 'zod';
import { ALWAYS, type TimeWindow } from '../../../../domain/feature/due.ts';
import type { Evaluation, EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { isJsonObject, type JsonObject, parseStrict } from '../../../../domain/kernel/json.ts';
import type { TimedEvaluation } from '../../../gate/heads.ts';
import { wholeNumber } from '../../../platform/wholeNumber.ts';
import { isJson } from '../../http/input.ts';
import { type Answer, problemAnswer } from '../../http/problems.ts';

export const LEASE_SECONDS = 30;

export const LeaseSeconds = wholeNumber(3, 3_600);

/** The maximum age of the commits behind a bulk answer on AWS, unless the city sets another. `PT0S`: nothing is cached. */
export const BULK_MAX_AGE = 'PT10S';

const SECONDS = /^PT(?!$)(?:(\d{1,2})M)?(?:(\d{1,4})S)?$/;

export const BulkMaxAge = z.string().regex(SECONDS, 'is not a duration such as PT10S');

export const secondsIn = (duration: string): number => {
  const [, minutes = 0, seconds = 0] = SECONDS.exec(duration) ?? [];
  return Number(minutes) * 60 + Number(seconds);
};

export const BULK_AGE_ABOVE_LEASE = 'is longer than the lease';

/** The moment of an answer and how long a client may hold it. */
export interface AnswerMoment {
  readonly asOf: string;
  readonly checkpoint: string | undefined;
  readonly leaseSeconds: number;
}

const UNKNOWN: Evaluation = {
  enabled: false,
  variant: 'unknown',
  reason: 'STATIC',
  because: 'this is not the key of any feature',
  change: null,
  revision: null,
  digest: null,
  version: null,
  validUntil: null,
  effectiveUntil: null,
  limitedBy: null,
  audience: null,
  conditions: [],
  pending: 0,
  fault: false,
};

/**
 * The value is always an explicit boolean: `FLAG_NOT_FOUND`, or a `DISABLED` without a value, would make the client use its own
 * default.
 */
export const flagJson = (key: string, evaluation: Evaluation, { asOf, checkpoint, leaseSeconds }: AnswerMoment) => ({
  key,
  value: evaluation.enabled,
  reason: evaluation.reason,
  variant: evaluation.variant,
  metadata: {
    ...(evaluation.change !== null && { change: changeId(key, evaluation.change) }),
    ...(evaluation.revision !== null && { revision: evaluation.revision }),
    ...(evaluation.version !== null && { version: evaluation.version }),
    asOf,
    ...(evaluation.effectiveUntil !== null && { validUntil: evaluation.effectiveUntil }),
    ...(checkpoint !== undefined && { checkpoint }),
    because: evaluation.because,
    pending: evaluation.pending,
    ...(evaluation.fault && { fault: true }),
    leaseSeconds,
  },
});

/** An answer for one key without its moment, and the time window in which it holds while no head changes. */
export interface Flag {
  /** Its JSON, whose last member is the metadata, without the two closing braces. */
  readonly text: string;
  readonly window: TimeWindow;
  readonly evaluation: Evaluation;
}

const NO_MOMENT: AnswerMoment = { asOf: '', checkpoint: undefined, leaseSeconds: 0 };

export const flagOf = (key: string, { evaluation, window }: TimedEvaluation): Flag => {
  const { metadata, ...flag } = flagJson(key, evaluation, NO_MOMENT);
  const { asOf: _asOf, leaseSeconds: _lease, ...lasting } = metadata;
  const text = JSON.stringify({ ...flag, metadata: lasting }).slice(0, -2);
  return { text, window, evaluation };
};

export const unknownFlag = (key: string): string => flagOf(key, { evaluation: UNKNOWN, window: ALWAYS }).text;

export const momentText = ({ asOf, checkpoint, leaseSeconds }: AnswerMoment): string => {
  const published = checkpoint === undefined ? '' : `,"checkpoint":${JSON.stringify(checkpoint)}`;
  return `,"asOf":${JSON.stringify(asOf)}${published},"leaseSeconds":${leaseSeconds}}}`;
};

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

const checkText = (context: JsonObject, name: 'agency' | 'version'): ReadContext => {
  const value = Object.hasOwn(context, name) ? context[name] : undefined;
  if (value === undefined || value === null) return { ok: true, context };
  if (typeof value !== 'string') return fault(`/context/${name}`, 'is not a text');
  return value.length > TEXT_CHARS_MAX
    ? fault(`/context/${name}`, `is longer than ${TEXT_CHARS_MAX} characters`)
    : { ok: true, context };
};

/** Returns an empty context if none was sent. Attributes other than `agency` and `version` are ignored. */
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
  if (!isJsonObject(parsed.value)) return fault('', 'is not an object with a context');
  const context = Object.hasOwn(parsed.value, 'context') ? parsed.value.context : undefined;
  if (context === undefined) return EMPTY;
  if (!isJsonObject(context)) return fault('/context', 'is not an object');
  const agency = checkText(context, 'agency');
  return agency.ok ? checkText(context, 'version') : agency;
};

/** Returns the context on which an answer depends; the token's agencies count if the context names none. */
export const evaluationContextOf = ({ agency, version }: JsonObject, own: readonly string[]): EvaluationContext => ({
  agencies: typeof agency === 'string' ? [agency] : own,
  own,
  version: typeof version === 'string' ? version : undefined,
});

/** A problem document that is also an evaluation failure of OFREP. */
export const ofrepRefusal = ({ code, errorCode, pointer, detail }: ContextFault, key?: string): Answer => {
  const errorDetails = pointer === '' ? `the body ${detail}` : `${pointer} ${detail}`;
  return problemAnswer(code, {
    detail: errorDetails,
    errors: [{ pointer, detail }],
    extra: { ...(key !== undefined && { key }), errorCode, errorDetails },
  });
};

/** `1`: the client wants to listen for changes instead of polling. */
export const STREAMS_HEADER = 'aldergate-streams';

/**
 * Pages of other origins may ask, as the OpenFeature web provider does: an answer needs a token, which no browser sends by itself.
 */
export const FLAG_CORS: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, retry-after, aldergate-checkpoint',
  'cross-origin-resource-policy': 'cross-origin',
};

export const FLAG_PREFLIGHT: Readonly<Record<string, string>> = {
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': `authorization, content-type, if-none-match, x-api-key, ${STREAMS_HEADER}`,
  'access-control-max-age': '600',
};
