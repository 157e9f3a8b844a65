import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import type { Answer } from '../../http/problems.ts';
import { errorAnswer } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { evaluationContextOf, ofrepRefusal, readContext } from './context.ts';
import { flagJson, momentText, UNKNOWN } from './flag.ts';
import { keptFlags } from './keptFlags.ts';

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

/** Longest key echoed; a valid key is far shorter. */
const KEY_CHARS_MAX = 512;

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
 * The short path of the one hot route, `POST /ofrep/v1/evaluate/flags/{key}`: no router, no Response, one look at the token cache, and
 * an answer kept while the heads it rests on are the newest. Answers everything itself, errors included; never rejects.
 */
export const flagEvaluator = ({ ports, logger, checkpoint, authenticate }: ApiDeps) => {
  const isKey = keyCheck();
  const flagFor = keptFlags(ports);
  const evaluated = async ({ key, header, body }: FlagRequest): Promise<Answer> => {
    const caller = await authenticate(header, 'state:read');
    const read = readContext(header('content-type') ?? null, await body());
    if (!read.ok) return ofrepRefusal(read, key.slice(0, KEY_CHARS_MAX));
    const asOf = ports.clock();
    const answered = isKey(key)
      ? (await flagFor(key, evaluationContextOf(read.context, caller.agencies))) + momentText(asOf, checkpoint())
      : JSON.stringify(flagJson(key.slice(0, KEY_CHARS_MAX), UNKNOWN, asOf, checkpoint()));
    return { status: 200, headers: FLAG_HEADERS, body: answered };
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
