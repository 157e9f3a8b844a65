import { isWithin } from '../../../../domain/feature/due.ts';
import type { EvaluationContext } from '../../../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../../../domain/feature/keys.ts';
import { latest } from '../../../../domain/kernel/order.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { REVOCATION_STREAM } from '../../../../domain/revocation/events.ts';
import { evaluateForNow } from '../../../gate/heads.ts';
import type { GatePorts } from '../../../gate/ports.ts';
import type { Answer } from '../../http/problems.ts';
import { errorAnswer } from '../../http/respond.ts';
import type { Caller } from '../../http/tokens.ts';
import type { ApiDeps } from '../bind.ts';
import { evaluationContextOf, type Flag, flagOf, momentText, ofrepRefusal, readContext, unknownFlag } from './flag.ts';

/** What kept answers rest on besides their instant. */
export interface Basis {
  readonly moment: string;
  /** The clock then; what was believed of commits ahead of it is not known when it is set back. */
  readonly clock: string;
}

interface Looked {
  readonly basis: Basis;
  readonly at: string;
  /** The streams of features with another head since the earlier basis; undefined if every answer must be evaluated again. */
  readonly changed: readonly string[] | undefined;
}

export type BasisPorts = Pick<GatePorts, 'store' | 'clock'>;

const RESTS_ON = [featureStream(''), REVOCATION_STREAM];

/**
 * Finds out whether answers kept on an earlier basis may be given again: the one rule of what is kept. The store knows of every commit that was
 * acknowledged before the call, by whichever process, so no answer is older than a revocation that its asker may know of. Call it
 * before reading any head: what changes in between is then found the next time.
 */
export const look = async (ports: BasisPorts, before: Basis | undefined): Promise<Looked> => {
  const { moment, streams } = await ports.store.changed(RESTS_ON, before?.moment);
  const clock = ports.clock();
  const at = latest(clock, await ports.store.newestAt());
  const isKnown = before !== undefined && streams !== undefined && clock >= before.clock && !streams.includes(REVOCATION_STREAM);
  return { basis: { moment, clock }, at, changed: isKnown ? streams : undefined };
};

/**
 * Reports whether {@link look} would find nothing changed since that basis, where that is known without waiting, as it is while nothing is
 * written. `now`: the clock.
 */
export const stands = ({ store }: BasisPorts, basis: Basis, now: string): boolean =>
  now >= basis.clock && store.isUnchangedSince(basis.moment);

/** Answers kept, some 500 bytes each; above it the one kept first is dropped. */
const FLAGS_MAX = 10_000;

interface KeptFlag {
  /** The newest basis on which it was found to hold. */
  basis: Basis;
  readonly flag: Flag;
}

/** Passes a value on at once if it is there: each promise that an answer awaits costs more than the rest of its step. */
export const pass = <A, B>(value: A | Promise<A>, to: (value: A) => B | Promise<B>): B | Promise<B> =>
  value instanceof Promise ? value.then(to) : to(value);

/** The question that an answer is kept for: the key, and all of the context that an answer depends on. None of it is secret. */
const questionOf = (key: string, { agencies, own, version }: EvaluationContext): string =>
  JSON.stringify([key, agencies, own, version]);

/**
 * Returns a function that evaluates one key now and keeps the answer. A kept answer is given again only while the store knows that no head
 * it rests on has changed and no instant in one has passed; anything else is evaluated again on strongly consistent heads. A store
 * that does not know has every question evaluated. No promise where nothing had to be awaited.
 */
export const keptFlags = (ports: BasisPorts, flagsMax = FLAGS_MAX) => {
  const kept = new Map<string, KeptFlag>();

  const keep = (question: string, answer: KeptFlag): void => {
    kept.delete(question);
    const [oldest] = kept.keys();
    if (kept.size >= flagsMax && oldest !== undefined) kept.delete(oldest);
    kept.set(question, answer);
  };

  const answerAnew = async (
    key: string,
    context: EvaluationContext,
    question: string,
    before: KeptFlag | undefined,
  ): Promise<Flag> => {
    const { basis, at, changed } = await look(ports, before?.basis);
    const restsOn = (stream: string): boolean => prefixesOf(key).some((prefix) => featureStream(prefix) === stream);
    if (before !== undefined && changed?.some(restsOn) === false && isWithin(before.flag.window, at)) {
      before.basis = basis;
      return before.flag;
    }
    const evaluated = (await evaluateForNow(ports, [key], context)).get(key);
    if (evaluated === undefined) throw new Error(`broken invariant: ${key} was not evaluated`);
    const flag = flagOf(key, evaluated);
    // A store that never knows has no moment.
    if (basis.moment !== '') keep(question, { basis, flag });
    return flag;
  };

  return (key: string, context: EvaluationContext): Flag | Promise<Flag> => {
    const question = questionOf(key, context);
    const before = kept.get(question);
    const now = ports.clock();
    // A commit ahead of the clock is not asked for: its instant was found within the window together with the basis.
    return before !== undefined && isWithin(before.flag.window, now) && stands(ports, before.basis, now)
      ? before.flag
      : answerAnew(key, context, question, before);
  };
};
export type KeptFlags = ReturnType<typeof keptFlags>;

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
