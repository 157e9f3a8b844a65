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

/** Undoes percent-encoding as often as servers on the way might. */
const DECODINGS_MAX = 3;

const decoded = (text: string): string => {
  let plain = text;
  for (let times = 0; times < DECODINGS_MAX; times += 1)
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain;
};

/** Reports whether a server might read a segment of the path as `.` or `..`. */
const climbs = (path: string): boolean =>
  decoded(path)
    .split(/[/\\]/)
    .some((segment) => /^\.{1,2}(?:;.*)?$/.test(segment.trim()));

/** Returns the parameter's value; null if it repeats or is too long. */
const parameter = (query: URLSearchParams, name: 'agency' | 'version'): string | undefined | null => {
  const values = query.getAll(name);
  const [value] = values;
  return values.length > 1 || (value !== undefined && value.length > TEXT_CHARS_MAX) ? null : value;
};

/**
 * Reads the target exactly as it was sent. A proxy may append its visitor's path and query, so a path after the key is ignored and, if there
 * is one (even a single slash), the query as well. A dot segment, plain or encoded, is refused: a server that normalises the address
 * would ask about another key.
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

/** A request answered by the status alone. `target`: path and query exactly as they were sent; undefined if unknown. */
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

/** Every header is present for yes and no alike, so that a proxy can forward them without a rule of its own. */
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
 * Answers `/v1/gate/{key}` for proxies that understand only a status: 200 for yes, 401 without a valid token, 403 for everything else,
 * including a failure of the gate. Reads no body and no header except the token's, because a proxy forwards its visitor's headers. Never
 * throws or rejects.
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
