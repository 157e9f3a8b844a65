import type { Evaluation, EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { changeId } from '../../../../domain/feature/keys.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { evaluateKey } from '../../../gate/heads.ts';
import type { Answer } from '../../http/problems.ts';
import { errorAnswer } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { evaluationContextOf, ofrepRefusal, readContext } from './context.ts';

/** An OFREP request, whether it came through Hono or past it. */
export interface FlagRequest {
  /** The key as it stands in the address, decoded; may be any text. */
  readonly key: string;
  readonly header: (name: string) => string | null | undefined;
  readonly body: () => Promise<Uint8Array>;
}

/** The headers of an evaluation. */
export const FLAG_HEADERS = { 'content-type': 'application/json' };

/** The path of an evaluation; the key follows it. */
export const FLAG_PATH = '/ofrep/v1/evaluate/flags/';

/** The answer for a text that cannot be a key. */
export const UNKNOWN: Evaluation = {
  enabled: false,
  variant: 'unknown',
  reason: 'STATIC',
  because: 'this is not the key of any feature',
  change: null,
  revision: null,
  digest: null,
  version: null,
  validUntil: null,
  audience: null,
  conditions: [],
  pending: 0,
};

/** Longest key echoed; a valid key is far shorter. */
const KEY_CHARS_MAX = 512;

/**
 * Returns an evaluation in the form of OFREP 0.3. The value is always an explicit boolean: `FLAG_NOT_FOUND`, or a `DISABLED` without a value,
 * would make the client use its own default. Metadata is flat and of scalars; unknown facts are left out.
 */
export const flagJson = (key: string, evaluation: Evaluation, asOf: string, checkpoint: string | undefined) => ({
  key,
  value: evaluation.enabled,
  reason: evaluation.reason,
  variant: evaluation.variant,
  metadata: {
    ...(evaluation.change !== null && { change: changeId(key, evaluation.change) }),
    ...(evaluation.revision !== null && { revision: evaluation.revision }),
    ...(evaluation.version !== null && { version: evaluation.version }),
    asOf,
    ...(evaluation.validUntil !== null && { validUntil: evaluation.validUntil }),
    ...(checkpoint !== undefined && { checkpoint }),
    because: evaluation.because,
    pending: evaluation.pending,
  },
});

const KEYS_SEEN_MAX = 10_000;

/** Returns a check whether a text is a key, which remembers the keys it has seen. */
const keyCheck = () => {
  const known = new Set<string>();
  return (key: string): boolean => {
    if (known.has(key)) return true;
    if (!FeatureKey.safeParse(key).success) return false;
    if (known.size >= KEYS_SEEN_MAX) known.clear();
    known.add(key);
    return true;
  };
};

/**
 * The short path of the one hot route, `POST /ofrep/v1/evaluate/flags/{key}`: no router, no Response, one look at the token cache and
 * one strongly consistent head a prefix. Answers everything itself, errors included; never rejects.
 */
export const flagEvaluator = ({ ports, logger, checkpoint, authenticate }: ApiDeps) => {
  const isKey = keyCheck();
  const evaluated = async ({ key, header, body }: FlagRequest): Promise<Answer> => {
    const caller = await authenticate(header, 'state:read');
    const read = readContext(header('content-type') ?? null, await body());
    if (!read.ok) return ofrepRefusal(read, key.slice(0, KEY_CHARS_MAX));
    const asOf = ports.clock();
    const context: EvaluationContext = evaluationContextOf(read.context, caller.agencies);
    const evaluation = isKey(key) ? await evaluateKey(ports, key, context) : UNKNOWN;
    return {
      status: 200,
      headers: FLAG_HEADERS,
      body: JSON.stringify(flagJson(key.slice(0, KEY_CHARS_MAX), evaluation, asOf, checkpoint())),
    };
  };
  return async (request: FlagRequest): Promise<Answer> => {
    try {
      return await evaluated(request);
    } catch (error) {
      return errorAnswer(logger, error, `POST ${FLAG_PATH}:key`);
    }
  };
};
export type FlagEvaluator = ReturnType<typeof flagEvaluator>;
