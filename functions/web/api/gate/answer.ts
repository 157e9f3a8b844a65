import { changeId } from '../../../../domain/feature/keys.ts';
import { errorFields } from '../../../platform/logging.ts';
import type { Caller } from '../../http/credentials.ts';
import type { Answer } from '../../http/problems.ts';
import { Refused } from '../../http/refused.ts';
import type { ApiDeps } from '../deps.ts';
import type { Flag } from '../ofrep/flag.ts';
import { type KeptFlags, pass } from '../ofrep/keptFlags.ts';
import { readQuestion, type StatusQuestion } from './question.ts';

/** A request for yes or no by the status alone, whether it came through Hono or past it. */
export interface StatusRequest {
  /** Path and query exactly as they were sent; undefined if that is not known. */
  readonly target: string | undefined;
  readonly header: (name: string) => string | null | undefined;
}

const TEXT = 'text/plain; charset=utf-8';

interface Facts {
  readonly key?: string;
  readonly variant: string;
  readonly change?: string | undefined;
  readonly fault?: boolean;
  readonly because?: string;
}

/** Every header is there for a yes and a no alike, so that a proxy can pass each on without a rule of its own. */
const answerOf = (
  enabled: boolean,
  { key = '', variant, change = '', fault = false, because = variant }: Facts,
  checkpoint = '',
): Answer => {
  const headers = {
    'content-type': TEXT,
    'aldergate-key': key,
    'aldergate-variant': variant,
    'aldergate-change': change,
    'aldergate-checkpoint': checkpoint,
  };
  return {
    status: enabled ? 200 : 403,
    headers: fault ? { ...headers, 'aldergate-fault': 'true' } : headers,
    body: enabled ? 'yes\n' : `no: ${because}\n`,
  };
};

const contextOf = ({ agency, version }: StatusQuestion, { agencies: own }: Caller) => ({
  agencies: agency === undefined ? own : [agency],
  own,
  version,
});

/**
 * Answers `/v1/gate/{key}` for proxies that understand a status alone: 200 for yes, 401 without a token that counts, 403 for everything else,
 * a failure of the gate included. Reads no body and no header but the token's: a proxy hands its visitor's headers on. Never throws or
 * rejects. `flagFor`: shared with OFREP, so that both give one answer.
 */
export const gateAnswerer = ({ logger, checkpoint, authenticate }: ApiDeps, flagFor: KeptFlags) => {
  const answerTo = ({ key }: StatusQuestion, { evaluation }: Flag): Answer => {
    const { enabled, variant, change, fault } = evaluation;
    return answerOf(enabled, { key, variant, change: change === null ? undefined : changeId(key, change), fault }, checkpoint());
  };

  const answer = (caller: Caller, { target }: StatusRequest): Answer | Promise<Answer> => {
    const read = readQuestion(target ?? '');
    if (!read.ok) return answerOf(false, { variant: 'unknown', because: read.because }, checkpoint());
    const { question } = read;
    return pass(flagFor(question.key, contextOf(question, caller)), (flag) => answerTo(question, flag));
  };

  const failed = (error: unknown): Answer => {
    if (error instanceof Refused)
      return error.answer.status === 401
        ? error.answer
        : answerOf(false, { variant: 'unknown', because: 'the token may not ask this' });
    logger({ level: 'error', event: 'request failed', where: '/v1/gate/:key', error: errorFields(error) });
    return answerOf(false, { variant: 'unknown', fault: true });
  };

  return (request: StatusRequest): Answer | Promise<Answer> => {
    try {
      const answered = pass(authenticate(request.header, 'state:read'), (caller) => answer(caller, request));
      return answered instanceof Promise ? answered.catch(failed) : answered;
    } catch (error) {
      return failed(error);
    }
  };
};
