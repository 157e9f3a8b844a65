import { localDateOf, plusDuration } from '../kernel/zone.ts';
import type { Body, Roster } from '../roster/schema.ts';
import { needed, thresholdOf } from './rollCall.ts';
import type { Impact, ImpactValue, Kind, Override, PasskeyRule, Policy, Requirement, Rule } from './schema.ts';

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

/**
 * Reports whether a key matches: `*` is exactly one segment, `**` zero or more; `acme.**` is the contract and everything beneath it.
 */
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

type OverrideTime = Exclude<Override['within'], string>;

/** Reads a plain duration as `notAfter`. */
export const overrideTime = ({ within }: Pick<Override, 'within'>): OverrideTime =>
  typeof within === 'string' ? { notAfter: within } : within;

export const overrideEnd = (override: Override, vetoAt: string, zone: string): string =>
  plusDuration(vetoAt, overrideTime(override).notAfter, zone);

/** Returns the first local date on which the second vote counts. */
export const firstVote = (override: Override, vetoAt: string, zone: string): string => {
  const { notBefore } = overrideTime(override);
  return localDateOf(notBefore === undefined ? vetoAt : plusDuration(vetoAt, notBefore, zone), zone);
};

/** Reports whether a person's decision must carry a passkey. `enrolled`: whether they have one. */
export const mustUsePasskey = (rule: PasskeyRule, enrolled: boolean): boolean =>
  rule === 'required' || (rule === 'when-enrolled' && enrolled);

const STRICTNESS: readonly PasskeyRule[] = ['off', 'when-enrolled', 'required'];

export const stricter = (one: PasskeyRule, other: PasskeyRule): PasskeyRule =>
  STRICTNESS.indexOf(one) > STRICTNESS.indexOf(other) ? one : other;

export const bodyOf = (roster: Roster, id: string): Body | undefined =>
  Object.hasOwn(roster.bodies, id) ? roster.bodies[id] : undefined;

/** Returns the fewest seats of its own body that can satisfy a requirement. */
export const seatsNeeded = (requirement: Requirement, roster: Roster): number => {
  if (requirement.instrument === 'advice') return 0;
  if (requirement.instrument === 'signature') return 1;
  const seats = bodyOf(roster, requirement.body)?.seats.length ?? 0;
  return needed(thresholdOf(requirement), { seats, filled: seats, present: seats, recused: 0 });
};

/** With a share of `filled` seats one can be enough, once only one is filled. */
const ballotsNeeded = (requirement: Requirement, roster: Roster): number => {
  const { of } = thresholdOf(requirement);
  const seats = bodyOf(roster, requirement.body)?.seats.length ?? 0;
  const votes = needed(thresholdOf(requirement), { seats, filled: of === 'filled' ? 1 : seats, present: seats, recused: 0 });
  return Math.max(votes, requirement.quorum ?? 0);
};

/**
 * Returns the fewest persons whose own authenticated acts can approve under a rule, judged by seats. In a certified vote only the clerk
 * and the confirming person are authenticated, and one clerk can certify several. An overturned signature also takes two persons.
 */
export const personsNeeded = ({ require }: Rule, roster: Roster): number => {
  const certified = require.filter(({ instrument }) => instrument === 'certification');
  const clerks = new Set(certified.map(({ body }) => bodyOf(roster, body)?.attestedBy)).size;
  const signatures = require.filter(({ instrument }) => instrument === 'signature').length;
  const ballots = require
    .filter(({ instrument }) => instrument === 'ballots')
    .reduce((sum, each) => sum + ballotsNeeded(each, roster), 0);
  const persons = clerks + signatures + ballots;
  return certified.some(({ confirmedBy }) => confirmedBy !== undefined) ? Math.max(persons, 2) : persons;
};
