import type { Opening, Pinned } from '../feature/events.ts';
import { plusDuration } from '../kernel/zone.ts';
import type { Requirement, Rule } from '../policy/schema.ts';
import type { ChangeCase } from './case.ts';
import { type City, inForceAt, mayBeNone, type PolicyVersion } from './city.ts';
import { differing } from './equal.ts';
import { vetoEnd } from './overrideTime.ts';
import type { Moment } from './sitting.ts';
import { must } from './verdict.ts';

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
 * Returns the requirements that can be decided once these are satisfied. A deadline runs from then, or from the end of the public
 * notice if that is later.
 */
export const openings = (
  require: readonly Requirement[],
  satisfied: ReadonlySet<string>,
  from: string,
  { at, zone }: Moment,
): Opening[] => {
  const start = from > at ? from : at;
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
  readonly attached: ReadonlyMap<string, string>;
}

/** A body that loses seats later keeps the size that its threshold is a share of. */
const counted = (requirement: Requirement, bodies: PolicyVersion['bodies']): Pinned['require'][number] => {
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
    require: rule.require.map((each) => counted(each, bodies)),
    term: rule.term ?? null,
    missing: [...new Set(rule.documents)].filter((kind) => !attached.has(kind)),
    from,
    closesAt: rule.window === undefined ? null : plusDuration(at, rule.window, zone),
    opens: openings(rule.require, new Set(), from, { at, zone }),
    ...(policy.passkeys !== undefined && { passkeys: policy.passkeys }),
  };
};

/**
 * Checks that the pinned rule follows from the named policy. Returns the same rule, built from the policy's own parts, so that
 * many changes share them.
 */
export const mustBePinned = ({ policies }: City, words: Words, pinned: Pinned | null, moment: Moment): Pinned | null => {
  if (pinned === null) {
    must(mayBeNone(policies, moment.at), 'pinned', 'a policy was in force, and no rule of it is pinned');
    return null;
  }
  const policy = inForceAt(policies, moment.at).find(({ number }) => number === pinned.policy);
  must(policy !== undefined, 'other-policy', `policy ${pinned.policy} was not in force at ${moment.at}`);
  const expected = pinnedBy(policy, words, moment);
  const wrong = differing(pinned, expected);
  must(wrong.length === 0, 'pinned', `the pinned ${wrong.join(', ')} does not follow from policy ${pinned.policy}`);
  return expected;
};
