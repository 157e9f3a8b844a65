import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import type { Caller } from '../../http/credentials.ts';
import type { Answer } from '../../http/problems.ts';
import { errorAnswer } from '../../http/respond.ts';
import type { ApiDeps } from '../deps.ts';
import { evaluationContextOf, ofrepRefusal, readContext } from './context.ts';
import { momentText, unknownFlag } from './flag.ts';
import { type KeptFlags, pass } from './keptFlags.ts';

/** An OFREP request, whether it came through Hono or past it. */
export interface FlagRequest {
  /** The key as it stands in the address, decoded; may be any text. */
  readonly key: string;
  readonly header: (name: string) => string | null | undefined;
  readonly body: () => Uint8Array | Promise<Uint8Array>;
}

/** The headers of an evaluation. */
export const FLAG_HEADERS = { 'content-type': 'application/json' };

/** The path of an evaluation; the key follows it. */
export const FLAG_PATH = '/ofrep/v1/evaluate/flags/';

/** Longest key echoed; a valid key is far shorter. */
const KEY_CHARS_MAX = 512;

/**
 * The short path of the one hot route, `POST /ofrep/v1/evaluate/flags/{key}`: no router, no Response, one look at the token cache, and
 * an answer kept while the heads it rests on are the newest. Answers everything itself, errors included; never throws or rejects.
 */
export const flagEvaluator = ({ ports, logger, checkpoint, leaseSeconds, authenticate }: ApiDeps, flagFor: KeptFlags) => {
  const good = (text: string, asOf: string): Answer => ({
    status: 200,
    headers: FLAG_HEADERS,
    body: text + momentText({ asOf, checkpoint: checkpoint(), leaseSeconds }),
  });
  const answerTo = ({ agencies }: Caller, { key, header }: FlagRequest, body: Uint8Array): Answer | Promise<Answer> => {
    const found = readContext(header('content-type') ?? null, body);
    if (!found.ok) return ofrepRefusal(found, key.slice(0, KEY_CHARS_MAX));
    const asOf = ports.clock();
    return FeatureKey.safeParse(key).success
      ? pass(flagFor(key, evaluationContextOf(found.context, agencies)), ({ text }) => good(text, asOf))
      : good(unknownFlag(key.slice(0, KEY_CHARS_MAX)), asOf);
  };
  return (request: FlagRequest): Answer | Promise<Answer> => {
    const failed = (error: unknown): Answer => errorAnswer(logger, error, `POST ${FLAG_PATH}:key`);
    try {
      const answer = pass(authenticate(request.header, 'state:read'), (caller) =>
        pass(request.body(), (body) => answerTo(caller, request, body)),
      );
      return answer instanceof Promise ? answer.catch(failed) : answer;
    } catch (error) {
      return failed(error);
    }
  };
};
