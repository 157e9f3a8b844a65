import { hash } from 'node:crypto';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../../domain/kernel/digest.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import type { Caller } from '../../http/credentials.ts';
import type { BytesAnswer } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { bulkAnswers } from './bulkAnswers.ts';
import { evaluationContextOf, ofrepRefusal, readContext } from './context.ts';
import { momentText, unknownFlag } from './flag.ts';

/** Maximum keys a client may name in its context. */
const NAMED_MAX = 500;
const KEY_CHARS_MAX = 512;

const isKey = (key: string): boolean => FeatureKey.safeParse(key).success;

/**
 * Returns the `keys` of a context: those that the client will ask for. A client that caches a bulk answer uses its own default for a
 * missing key, and that default may be yes. A key named here is therefore answered even if the register does not have it.
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
}

const OPEN = Buffer.from('{"flags":[');
const COMMA = Buffer.from(',');
const CLOSE = Buffer.from(']}');

const WEAK = /^W\//;

/**
 * Reports whether one of the listed tags matches by weak comparison (RFC 9110, section 13.1.2). `*` matches none: it does not say which
 * answers the client would keep.
 */
const matches = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch?.split(',').some((tag) => tag.trim().replace(WEAK, '') === etag) ?? false;

/** The flags of named texts that cannot be keys. */
const unknownFlags = (named: readonly string[], asOf: string, checkpoint: string | undefined): readonly string[] =>
  named.filter((key) => !isKey(key)).map((key) => unknownFlag(key) + momentText(asOf, checkpoint));

/**
 * Returns what answers `POST /ofrep/v1/evaluate/flags`: every key of the register and those that the context names. Each that may be on
 * is evaluated on strongly consistent heads; on AWS the others are answered from the register, which may lag, and cost no read. The ETag
 * covers the context, the token's agencies and the answers without `asOf` and `checkpoint`, so that unchanged answers give 304; on one
 * machine that evaluates nothing.
 */
export const bulkEvaluator = ({ ports, checkpoint }: ApiDeps) => {
  const answersTo = bulkAnswers(ports);
  return async ({ caller, contentType, body, ifNoneMatch }: BulkRequest): Promise<BytesAnswer> => {
    const read = readContext(contentType, body);
    if (!read.ok) return ofrepRefusal(read);
    const asOf = ports.clock();
    const context = evaluationContextOf(read.context, caller.agencies);
    const { keys: registered, off } = await ports.register.bulk({ now: asOf, context });
    const named = namedKeys(read.context);
    const known = new Set(named.length === 0 ? [] : registered);
    const added = named.filter((key) => !known.has(key) && isKey(key));
    const { digest, flags } = await answersTo({
      id: digestOf(JSON.stringify([context.agencies, context.own, context.version, added])),
      keys: added.length === 0 ? registered : [...registered, ...added],
      off,
      context,
    });
    const etag = `"${hash('sha256', canonical({ context: read.context, agencies: caller.agencies, digest }))}"`;
    if (matches(ifNoneMatch, etag)) return { status: 304, headers: { etag }, body: '' };
    const unknown = unknownFlags(named, asOf, checkpoint()).map((text) => Buffer.from(text));
    const parts = [...(await flags(asOf, checkpoint())), ...unknown].flatMap((part, index) =>
      index === 0 ? [part] : [COMMA, part],
    );
    return { status: 200, headers: { 'content-type': 'application/json', etag }, body: Buffer.concat([OPEN, ...parts, CLOSE]) };
  };
};
