import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';

/** The path of a question; the key follows it. */
export const GATE_PATH = '/v1/gate/';

const TEXT_CHARS_MAX = 200;

/** What is asked for a key. `agency` and `version`: as the address names them. */
export interface StatusQuestion {
  readonly key: string;
  readonly agency: string | undefined;
  readonly version: string | undefined;
}

/** A question, or why there is none. */
export type ReadQuestion =
  | { readonly ok: true; readonly question: StatusQuestion }
  | { readonly ok: false; readonly because: string };

const refused = (because: string): ReadQuestion => ({ ok: false, because });

/** Percent-encoding undone as often as some server on the way may do it. */
const DECODINGS_MAX = 3;

const decoded = (text: string): string => {
  let plain = text;
  for (let times = 0; times < DECODINGS_MAX; times += 1)
    plain = plain.replace(/%([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain;
};

/** A path in which nothing is encoded and nothing separates. */
const PLAIN = /^[a-z0-9.-]*$/;

/** Reports whether some server would read a segment of the path as "here" or "one up". */
const climbs = (path: string): boolean => path === '.' || path === '..' || (!PLAIN.test(path) && climbsInside(path));

const climbsInside = (path: string): boolean =>
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
 * Reads a question from the target of a request exactly as it was sent. A proxy may add the path and the query of its own visitor to the
 * address that the city configured, so nothing behind the key is part of the question: any path, and with a path, even a slash alone, the
 * query. A segment that climbs would have a server that normalises the address ask about another key: it is refused, plain or encoded.
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
