import type { Impact, ImpactValue, Kind, Policy, Rule } from './schema.ts';

const SEGMENTS_MAX = 5;
const SEGMENT = /^(?:\*{1,2}|[a-z0-9-]{1,40})$/;

const ANY = '**';
const ONE = '*';

const tailMatches = (glob: readonly string[], key: readonly string[]): boolean => {
  const [head, ...rest] = glob;
  if (head === undefined) return key.length === 0;
  if (head === ANY) return tailMatches(rest, key) || (key.length > 0 && tailMatches(glob, key.slice(1)));
  return key.length > 0 && (head === ONE || head === key[0]) && tailMatches(rest, key.slice(1));
};

/** `*` is exactly one segment, `**` any number of them, zero included: `flock.**` is the contract and everything beneath it. */
export const globMatches = (glob: string, key: string): boolean => tailMatches(glob.split('.'), key.split('.'));

export const globProblem = (glob: string): string | undefined => {
  const segments = glob.split('.');
  if (!segments.every((segment) => SEGMENT.test(segment))) {
    return 'must be dotted segments, each * (one segment), ** (any number of segments) or a word of a-z, 0-9 and hyphens';
  }
  if (segments.filter((segment) => segment !== ANY).length > SEGMENTS_MAX)
    return `can match no key: keys have at most ${SEGMENTS_MAX} segments`;
  if (segments.filter((segment) => segment === ANY).length > 2) return 'has ** more than twice';
  return undefined;
};

export interface Matchable {
  readonly key: string;
  readonly kind: Kind;
  readonly impact: Readonly<Record<Impact, ImpactValue>>;
}

/** An impact that is not known to be unchanged counts as a change. */
const matches = ({ when }: Rule, { key, kind, impact }: Matchable): boolean =>
  (when.kind === undefined || when.kind.includes(kind)) &&
  (when.key === undefined || when.key.some((glob) => globMatches(glob, key))) &&
  (when.impact === undefined || when.impact.some((name) => impact[name] !== 'unchanged'));

/** Returns the first rule that matches. The last rule of an adopted policy matches everything. */
export const matchRule = (policy: Policy, change: Matchable): Rule => {
  const rule = policy.rules.find((candidate) => matches(candidate, change));
  if (rule === undefined) throw new Error(`broken invariant: no rule of policy ${policy.version} matches ${change.key}`);
  return rule;
};
