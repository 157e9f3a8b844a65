import { changeId } from '../../../../domain/feature/keys.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { errorFields } from '../../../platform/logging.ts';
import { type Answer, Refused } from '../../http/problems.ts';
import { FAULT_HEADER } from '../../http/respond.ts';
import type { Caller } from '../../http/tokens.ts';
import type { ApiDeps } from '../bind.ts';
import { type KeptFlags, whenAvailable } from './keptFlags.ts';

export const GATE_PATH = '/v1/gate/';

const TEXT_CHARS_MAX = 200;

interface StatusQuestion {
  readonly key: string;
  readonly agency: string | undefined;
  readonly version: string | undefined;
}

type ReadQuestion = { readonly ok: true; readonly question: StatusQuestion } | { readonly ok: false; readonly because: string };

const refused = (because: string): ReadQuestion => ({ ok: false, because });

/** Percent-encoding undone as often as some server on the way may do it. */
const DECODINGS_MAX = 3;

const decoded = (text: string): string => {
  let plain = text;
  for (let times = 0; times < DECODINGS_MAX; times += 1)
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain;
};

/** Whether some server would read a segment of the path as "here" or "one up". */
const climbs = (path: string): boolean =>
  decoded(path)
    .split(/[/\\]/)
    .some((segment) => /^\.{1,2}(?:;.*)?$/.test(segment.trim()));

/** The parameter as a text; null if it repeats or is too long. */
const parameter = (query: URLSearchParams, name: 'agency' | 'version'): string | undefined | null => {
  const values = query.getAll(name);
  const [value] = values;
  return values.length > 1 || (value !== undefined && value.length > TEXT_CHARS_MAX) ? null : value;
};

/**
 * Exactly as it was sent. A proxy may add the path and the query of its own visitor, so nothing behind the key is part of the
 * question: any path, and with a path, even a slash alone, the query. A segment that climbs would have a server that normalises
 * the address ask about another key: it is refused, plain or encoded.
 */
export const readQuestion = (target: string): ReadQuestion => {
  if (!target.startsWith(GATE_PATH)) return refused('the address is not written as it must be');
  const [path = '', ...rest] = target.slice(GATE_PATH.length).split('?');
  if (climbs(path)) return refused('the address climbs');
  const end = path.indexOf('/');
  const key = end < 0 ? path : path.slice(0, end);
  if (!FeatureKey.safeParse(key).success) return refused('this is not the key of any feature');
  if (end >= 0 || rest.length === 0) return { ok: true, question: { key, agency: undefined, version: undefined } };
  const query = new URLSearchParams(rest.join('?'));
  const [agency, version] = [parameter(query, 'agency'), parameter(query, 'version')];
  if (agency === null || version === null) return refused('a parameter repeats or is too long');
  return { ok: true, question: { key, agency, version } };
};

/** A request for yes or no by the status alone. `target`: path and query exactly as they were sent; undefined if that is not known. */
interface StatusRequest {
  readonly target: string | undefined;
  readonly header: (name: string) => string | null | undefined;
}

interface Facts {
  readonly key?: string;
  readonly variant: string;
  readonly change?: string | undefined;
  readonly fault?: boolean;
  readonly because?: string;
}

/** Every header is there for a yes and a no alike, so that a proxy can pass each on without a rule of its own. */
const answerOf = (enabled: boolean, { key = '', variant, change = '', fault = false, because = variant }: Facts): Answer => ({
  status: enabled ? 200 : 403,
  headers: {
    'content-type': 'text/plain; charset=utf-8',
    'aldergate-key': key,
    'aldergate-variant': variant,
    'aldergate-change': change,
    ...(fault && { [FAULT_HEADER]: 'true' }),
  },
  body: enabled ? 'yes\n' : `no: ${because}\n`,
});

/**
 * Answers `/v1/gate/{key}` for proxies that understand a status alone: 200 for yes, 401 without a token that counts, 403 for everything
 * else, a failure of the gate included. Reads no body and no header but the token's: a proxy hands its visitor's headers on. Never throws
 * or rejects.
 */
export const gateAnswerer = ({ logger, authenticate }: ApiDeps, { one }: KeptFlags) => {
  const answer = ({ agencies: own }: Caller, { target }: StatusRequest): Answer | Promise<Answer> => {
    const read = readQuestion(target ?? '');
    if (!read.ok) return answerOf(false, { variant: 'unknown', because: read.because });
    const { key, agency, version } = read.question;
    return whenAvailable(one(key, { agencies: agency === undefined ? own : [agency], own, version }), ({ evaluation }) => {
      const { enabled, variant, change, fault } = evaluation;
      return answerOf(enabled, { key, variant, change: change === null ? undefined : changeId(key, change), fault });
    });
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
      const answered = whenAvailable(authenticate(request.header, 'state:read'), (caller) => answer(caller, request));
      return answered instanceof Promise ? answered.catch(failed) : answered;
    } catch (error) {
      return failed(error);
    }
  };
};
