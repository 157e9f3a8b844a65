import type { Opening, Pinned } from '../feature/events.ts';
import { latest, plusMs } from '../kernel/order.ts';
import { localDateOf, parseDuration, plusDuration } from '../kernel/zone.ts';
import type { Override, PinnedRequirement, Requirement, Rule, Threshold } from '../policy/schema.ts';
import type { BallotDecision, ChangeCase } from './case.ts';
import { type City, inForceAt, mayPrecedeAll, POLICY_KEY, type PolicyVersion } from './city.ts';
import type { Moment } from './sitting.ts';
import { differing, must } from './verdict.ts';

interface Strength {
  readonly seats: number;
  readonly filled: number;
  readonly present: number;
  readonly recused: number;
}

export const denominator = ({ of, recused }: Threshold, strength: Strength): number => {
  const whole = { seats: strength.seats, filled: strength.filled, present: strength.present + strength.recused }[of];
  return recused === 'excluded' ? whole - strength.recused : whole;
};

/** Returns the fewest yes votes that pass: at least one, and never lowered to the number of those present. */
export const votesNeeded = (threshold: Threshold, strength: Strength): number => {
  const { yes } = threshold;
  if (typeof yes === 'number') return Math.max(1, yes);
  const of = denominator(threshold, strength);
  // More than half: twice the votes exceed the whole. Two thirds: three times the votes reach twice the whole.
  const share = { majority: Math.floor((of + 2) / 2), 'two-thirds': Math.floor((2 * of + 2) / 3), unanimous: of }[yes];
  return Math.max(1, share);
};

/** Returns the size of a body: never less than when the rule was pinned. */
export const sizeOf = ({ seats = 0 }: PinnedRequirement, now: number): number => Math.max(now, seats);

export const thresholdOf = ({ threshold }: Requirement): Threshold => {
  must(threshold !== undefined, 'policy-invalid', 'a vote without a threshold');
  return threshold;
};

/**
 * Returns the outcome of ballots once no later ballot can change it, else `open`. A seat that has voted counts as a filled seat. If
 * vacancies, not a no, put the threshold out of reach, the vote stays open.
 */
export const ballotsOutcome = (
  requirement: PinnedRequirement,
  seats: readonly string[],
  filled: readonly string[],
  cast: ReadonlyMap<string, BallotDecision>,
): 'open' | 'met' | 'refused' => {
  const all = new Set([...seats, ...cast.keys()]);
  const taken = new Set([...filled.filter((seat) => all.has(seat)), ...cast.keys()]);
  const threshold = thresholdOf(requirement);
  const needed = votesNeeded(threshold, {
    seats: sizeOf(requirement, all.size),
    filled: taken.size,
    present: cast.size,
    recused: 0,
  });
  const yes = [...cast.values()].filter((decision) => decision === 'approve').length;
  if (yes >= needed && cast.size >= (requirement.quorum ?? 0)) return 'met';
  const voters = threshold.of === 'filled' && taken.size >= needed ? taken.size : all.size;
  const lost = cast.size - yes;
  return voters - lost < needed && all.size >= needed ? 'refused' : 'open';
};

type Within = Pick<Override, 'within'>;

const spans = ({ within }: Within): Exclude<Override['within'], string> =>
  typeof within === 'string' ? { notAfter: within } : within;

export const vetoEnd = (override: Within, at: string, zone: string): string => plusDuration(at, spans(override).notAfter, zone);

export const mustBeInSecondVoteTime = (override: Within, vetoedAt: string, date: string, zone: string): void => {
  const { notBefore } = spans(override);
  const first = localDateOf(notBefore === undefined ? vetoedAt : plusDuration(vetoedAt, notBefore, zone), zone);
  must(date >= first, 'meeting', `a second vote counts from ${first}`);
};

type Bound = 'least' | 'most';
const DAYS: Readonly<Record<Bound, Readonly<Record<'year' | 'month', number>>>> = {
  least: { year: 365, month: 28 },
  most: { year: 366, month: 31 },
};

const minutesOf = (text: string, bound: Bound): number => {
  const parts = parseDuration(text);
  must(parts !== undefined, 'policy-invalid', `${text} is no duration`);
  const { year, month } = DAYS[bound];
  const days = parts.years * year + parts.months * month + parts.weeks * 7 + parts.days;
  return (days * 24 + parts.hours) * 60 + parts.minutes;
};

/** Reports whether the first day of a second vote comes before the last, whatever the day of the veto. */
export const isInOrder = (override: Within): boolean => {
  const { within } = override;
  if (typeof within === 'string') return minutesOf(within, 'least') > 0;
  const { notBefore, notAfter } = within;
  const inOrder = notBefore === undefined || minutesOf(notBefore, 'most') < minutesOf(notAfter, 'least');
  return inOrder && minutesOf(notAfter, 'least') > 0;
};

const EVERYTHING_BELOW = '**';
const ANY_SEGMENT = '*';

const globMatches = (glob: string, key: string): boolean => {
  const segments = key.split('.');
  let places = new Set([0]);
  for (const part of glob.split('.')) {
    const next = new Set<number>();
    for (const place of places) {
      if (part === EVERYTHING_BELOW) for (let end = place; end <= segments.length; end += 1) next.add(end);
      else if (place < segments.length && (part === ANY_SEGMENT || part === segments[place])) next.add(place + 1);
    }
    places = next;
  }
  return places.has(segments.length);
};

type Notice = ChangeCase['notice'];

export const applies = ({ when }: Rule, key: string, { kind, impact }: Pick<Notice, 'kind' | 'impact'>): boolean => {
  if (when.kind !== undefined && !when.kind.includes(kind)) return false;
  if (when.key !== undefined && !when.key.some((glob) => globMatches(glob, key))) return false;
  return when.impact === undefined || when.impact.some((name) => impact[name] !== 'unchanged');
};

/**
 * Returns the requirements that open once those in `satisfied` are. A deadline runs from then, or from the end of the public notice
 * if that is later.
 */
export const openings = (
  require: readonly Requirement[],
  satisfied: ReadonlySet<string>,
  from: string,
  { at, zone }: Moment,
): Opening[] => {
  const start = latest(at, from);
  return require
    .filter(({ after }) => (after ?? []).every((id) => satisfied.has(id)))
    .map(({ id, deadline, override }) => {
      const deadlineAt = deadline === undefined ? null : plusDuration(start, deadline, zone);
      const until = deadlineAt === null || override === undefined ? null : vetoEnd(override, deadlineAt, zone);
      return { requirement: id, deadlineAt, overrideUntil: until };
    });
};

interface Words {
  readonly key: string;
  readonly notice: Notice;
  readonly since: string;
  readonly known: string;
  readonly attached: ReadonlyMap<string, string>;
}

/** Returns a requirement with the body's present size if its threshold is a share of it, so that seats lost later change nothing. */
const withPinnedSeats = (requirement: Requirement, bodies: PolicyVersion['bodies']): Pinned['require'][number] => {
  const { threshold, body } = requirement;
  const isShare = threshold !== undefined && threshold.of === 'seats' && typeof threshold.yes !== 'number';
  const seats = Object.hasOwn(bodies, body) ? bodies[body]?.seats.length : undefined;
  return isShare && seats !== undefined ? { ...requirement, seats } : requirement;
};

const pinnedBy = (
  { number, policy, bodies }: PolicyVersion,
  { key, notice, since, attached }: Words,
  { at, zone }: Moment,
): Pinned => {
  const rule = policy.rules.find((each) => applies(each, key, notice));
  must(rule !== undefined, 'policy-invalid', `no rule of policy ${number} applies to ${key}`);
  const from = rule.notice === undefined ? since : plusDuration(since, rule.notice, zone);
  return {
    policy: number,
    rule: rule.id,
    require: rule.require.map((each) => withPinnedSeats(each, bodies)),
    term: key === POLICY_KEY ? null : (rule.term ?? null),
    missing: [...new Set(rule.documents)].filter((kind) => !attached.has(kind)),
    from,
    closesAt: rule.window === undefined ? null : plusDuration(at, rule.window, zone),
    opens: openings(rule.require, new Set(), from, { at, zone }),
    ...(policy.passkeys !== undefined && { passkeys: policy.passkeys }),
  };
};

/**
 * Checks that the pinned rule follows from the named policy. Returns the same rule, built from the policy's own objects, which many
 * changes share. If words enter the log late, their decision opens later by as much.
 */
export const mustBePinned = (city: City, words: Words, pinned: Pinned | null, moment: Moment): Pinned | null => {
  const { policies } = city;
  if (pinned === null) {
    must(mayPrecedeAll(policies, moment.at), 'pinned', 'a policy was in force, and no rule of it is pinned');
    return null;
  }
  const policy = inForceAt(policies, moment.at).find(({ number }) => number === pinned.policy);
  must(policy !== undefined, 'other-policy', `policy ${pinned.policy} was not in force at ${moment.at}`);
  const expected = pinnedBy(policy, words, moment);
  const wrong = differing(pinned, expected);
  must(wrong.length === 0, 'pinned', `the pinned ${wrong.join(', ')} does not follow from policy ${pinned.policy}`);
  const lateMs = Date.parse(words.known) - Date.parse(words.since);
  return lateMs === 0 ? expected : { ...expected, from: plusMs(expected.from, lateMs) };
};
