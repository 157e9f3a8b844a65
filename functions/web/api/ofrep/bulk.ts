import { hash } from 'node:crypto';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { inTurns } from '../../../platform/turns.ts';
import type { BytesAnswer } from '../../http/respond.ts';
import type { Caller } from '../../http/tokens.ts';
import type { ApiDeps } from '../bind.ts';
import { type AnswerMoment, evaluationContextOf, type Flag, momentText, ofrepRefusal, readContext, unknownFlag } from './flag.ts';
import { type KeptFlags, questionId } from './keptFlags.ts';

const NAMED_MAX = 500;
const KEY_CHARS_MAX = 512;

const isKey = (key: string): boolean => FeatureKey.safeParse(key).success;

/**
 * A client that caches a bulk answer uses its own default for a missing key, so a key named here is answered even if the register
 * does not have it.
 */
const namedKeys = ({ keys }: JsonObject): readonly string[] =>
  Array.isArray(keys)
    ? [
        ...new Set(
          keys.slice(0, NAMED_MAX).filter((key): key is string => typeof key === 'string' && key.length <= KEY_CHARS_MAX),
        ),
      ]
    : [];

interface BulkRequest {
  readonly caller: Caller;
  readonly contentType: string | null;
  readonly body: Uint8Array;
  readonly ifNoneMatch: string | undefined;
  readonly wantsStreams?: boolean;
}

const OPEN = Buffer.from('{"flags":[');
const COMMA = Buffer.from(',');
const close = (stream: string | undefined): Buffer =>
  Buffer.from(stream === undefined ? ']}' : `],"eventStreams":[${JSON.stringify({ type: 'sse', url: stream })}]}`);

const WEAK = /^W\//;

/** Weak comparison (RFC 9110, section 13.1.2). `*` never matches: it does not identify the answers that the client holds. */
export const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(',').some((tag) => tag.trim().replace(WEAK, '') === etag) ?? false;

const TEXTS_PER_TURN = 1_000;

/** The JSON of the answers in chunks. Bytes, because a string of megabytes stays in the heap until all of it is collected. */
const textsOf = (flags: ReadonlyMap<string, Flag>, moment: AnswerMoment): Promise<readonly Buffer[]> => {
  const end = momentText(moment);
  return inTurns([...flags.values()], TEXTS_PER_TURN, async (part) =>
    Buffer.from(part.map(({ text }) => `${text}${end}`).join(',')),
  );
};

const unknownFlags = (named: readonly string[], moment: AnswerMoment): readonly string[] =>
  named.filter((key) => !isKey(key)).map((key) => unknownFlag(key) + momentText(moment));

/**
 * Answers `POST /ofrep/v1/evaluate/flags` for every key of the register and every key that the context names. A key that may be on is
 * evaluated on strongly consistent heads; on AWS the others are answered from the register, which may lag. The ETag covers the context,
 * the token's agencies, the lease, the stream and the answers without their moment.
 */
export const bulkEvaluator = ({ ports, checkpoint, leaseSeconds, streams }: ApiDeps, { many }: KeptFlags) => {
  return async ({ caller, contentType, body, ifNoneMatch, wantsStreams = false }: BulkRequest): Promise<BytesAnswer> => {
    const read = readContext(contentType, body);
    if (!read.ok) return ofrepRefusal(read);
    const asOf = ports.clock();
    const context = evaluationContextOf(read.context, caller.agencies);
    const { keys: registered, off } = await ports.register.bulk({ now: asOf, context });
    const named = namedKeys(read.context);
    const known = new Set(named.length === 0 ? [] : registered);
    const added = named.filter((key) => !known.has(key) && isKey(key));
    const keys = added.length === 0 ? registered : [...registered, ...added];
    const { digest, flags } = await many({ id: questionId(context, ...added), keys, off, context });
    const stream = wantsStreams ? streams?.urlFor(caller.id) : undefined;
    const tagged = { context: read.context, agencies: caller.agencies, digest, leaseSeconds, stream: stream ?? null };
    const etag = `"${hash('sha256', canonical(tagged))}"`;
    if (matches(ifNoneMatch, etag)) return { status: 304, headers: { etag }, body: '' };
    const moment = { asOf, checkpoint: checkpoint(), leaseSeconds };
    const unknown = unknownFlags(named, moment).map((text) => Buffer.from(text));
    const parts = [...(await textsOf(flags, moment)), ...unknown].flatMap((part, index) =>
      index === 0 ? [part] : [COMMA, part],
    );
    return {
      status: 200,
      headers: { 'content-type': 'application/json', etag },
      body: Buffer.concat([OPEN, ...parts, close(stream)]),
    };
  };
};
