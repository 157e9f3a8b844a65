import { latest } from '../../kernel/order.ts';
import { plusDuration } from '../../kernel/zone.ts';
import { matchRule } from '../../policy/match.ts';
import { overrideEnd } from '../../policy/overrideTime.ts';
import type { PinnedRequirement, Requirement } from '../../policy/schema.ts';
import type { RuledBodies } from '../../roster/bodies.ts';
import type { DecisionContext } from '../commands.ts';
import type { Opening, Pinned } from '../events.ts';
import { kindsAttached } from '../evolve/documents.ts';
import type { Impacts, NoticeFacts } from '../notice.ts';
import type { ChangeState } from '../state.ts';

interface Wording {
  readonly key: string;
  readonly kind: NoticeFacts['kind'];
  readonly impact: Impacts;
  /** The documents attached to the revision. */
  readonly documents: ChangeState['documents'];
  readonly version: string | null;
}

/**
 * Returns the requirements that open once `satisfied` are: those not yet opened whose `after` are all satisfied. A deadline runs
 * from then, or from the end of the public notice if that is later: no deadline runs while its holder cannot act.
 */
export const openings = (
  require: readonly Requirement[],
  { satisfied, opened, from }: { satisfied: ReadonlySet<string>; opened: ReadonlySet<string>; from: string },
  { at, zone }: DecisionContext,
): Opening[] =>
  require
    .filter(({ id, after = [] }) => !opened.has(id) && after.every((earlier) => satisfied.has(earlier)))
    .map(({ id, deadline, override }) => {
      const deadlineAt = deadline === undefined ? null : plusDuration(latest(at, from), deadline, zone);
      const overrideUntil = deadlineAt === null || override === undefined ? null : overrideEnd(override, deadlineAt, zone);
      return { requirement: id, deadlineAt, overrideUntil };
    });

/** Returns a requirement with the number of seats that its threshold is a share of. */
const withSeats = (requirement: Requirement, bodies: RuledBodies = {}): PinnedRequirement => {
  const { threshold, body } = requirement;
  if (threshold?.of !== 'seats' || typeof threshold.yes === 'number' || !Object.hasOwn(bodies, body)) return requirement;
  return { ...requirement, seats: bodies[body]?.seats.length ?? 0 };
};

/**
 * Binds a wording to the policy in force: the first rule that matches, with its clocks started. `since`: when the wording became
 * public, from which the minimum notice counts. Null without a policy: nothing binds the wording and nothing can approve it.
 */
export const pin = (wording: Wording, since: string, context: DecisionContext): Pinned | null => {
  if (context.policy === null) return null;
  const { passkeys } = context.policy.policy;
  const rule = matchRule(context.policy.policy, { key: wording.key, kind: wording.kind, impact: wording.impact });
  const attached = kindsAttached(wording);
  const from = rule.notice === undefined ? since : plusDuration(since, rule.notice, context.zone);
  return {
    policy: context.policy.number,
    rule: rule.id,
    require: rule.require.map((each) => withSeats(each, context.policy?.bodies)),
    term: rule.term ?? null,
    missing: [...new Set(rule.documents)].filter((kind) => !attached.includes(kind)),
    from,
    closesAt: rule.window === undefined ? null : plusDuration(context.at, rule.window, context.zone),
    opens: openings(rule.require, { satisfied: new Set(), opened: new Set(), from }, context),
    ...(passkeys !== undefined && { passkeys }),
  };
};
