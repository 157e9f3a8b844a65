import type { LocalMoment } from '../kernel/zone.ts';
import { holdersOf } from '../roster/holders.ts';
import { nameIn, type Roster } from '../roster/schema.ts';
import { type Alarm, alarmsOf } from './alarms.ts';
import { matchRule } from './match.ts';
import {
  IMPACTS,
  type Impact,
  type ImpactValue,
  type Instrument,
  type Kind,
  type Observing,
  type Override,
  type Policy,
  type Requirement,
  type Rule,
  type Threshold,
} from './schema.ts';
import { bodyOf } from './seats.ts';
import { denominatorOf, needed } from './threshold.ts';

/** `impact`: the impacts that change; without it all are unknown. `when`: the moment at which the holders are determined. */
export interface PolicyQuestion {
  readonly key: string;
  readonly kind?: Kind;
  readonly impact?: readonly Impact[];
  readonly when: LocalMoment;
}

export interface ExplainedRequirement {
  readonly id: string;
  readonly body: string;
  readonly bodyName: string;
  readonly instrument: Instrument;
  readonly seats: number;
  readonly filled: number;
  readonly threshold: Threshold | null;
  /** Yes votes needed, and of how many, if everybody now in office took part. */
  readonly needed: number | null;
  readonly denominator: number | null;
  readonly quorum: number | null;
  readonly certifiedBy: string | null;
  readonly after: readonly string[];
  readonly deadline: string | null;
  readonly override: Override | null;
}

export interface PolicyExplanation {
  readonly key: string;
  readonly kind: Kind;
  readonly rule: string;
  readonly requirements: readonly ExplainedRequirement[];
  readonly documents: readonly string[];
  readonly notice: string | null;
  readonly window: string | null;
  readonly term: string | null;
  readonly observe: Observing | null;
  readonly alarms: readonly Alarm[];
}

/** Returns what a change of a key would need under a policy, and what keeps it from being met with the current roster. */
export const explainPolicy = (
  policy: Policy,
  roster: Roster,
  { key, kind = 'new-feature', impact, when }: PolicyQuestion,
): PolicyExplanation => {
  const rule = matchRule(policy, { key, kind, impact: impactsOf(impact) });
  return {
    key,
    kind,
    rule: rule.id,
    requirements: rule.require.map((requirement) => explain(requirement, roster, when)),
    documents: rule.documents ?? [],
    ...clocksOf(rule),
    observe: policy.observe ?? null,
    alarms: alarmsOf(rule, roster, when),
  };
};

const clocksOf = ({ notice, window, term }: Rule) => ({ notice: notice ?? null, window: window ?? null, term: term ?? null });

const impactsOf = (changed: readonly Impact[] | undefined): Record<Impact, ImpactValue> => {
  const effectOn = (name: Impact): ImpactValue =>
    changed === undefined ? 'unknown' : changed.includes(name) ? 'changed' : 'unchanged';
  return Object.fromEntries(IMPACTS.map((name) => [name, effectOn(name)])) as Record<Impact, ImpactValue>;
};

const explain = (requirement: Requirement, roster: Roster, when: LocalMoment): ExplainedRequirement => {
  const body = bodyOf(roster, requirement.body);
  const seats = body?.seats.length ?? 0;
  const filled = holdersOf(roster, requirement.body, when).size;
  const count = { seats, filled, present: filled, recused: 0 };
  const { threshold } = requirement;
  return {
    id: requirement.id,
    body: requirement.body,
    bodyName: nameIn(body?.name ?? requirement.body, 'en'),
    instrument: requirement.instrument,
    seats,
    filled,
    threshold: threshold ?? null,
    needed: threshold === undefined ? null : needed(threshold, count),
    denominator: threshold === undefined ? null : denominatorOf(threshold, count),
    quorum: requirement.quorum ?? null,
    certifiedBy: requirement.instrument === 'certification' ? (body?.attestedBy ?? null) : null,
    after: requirement.after ?? [],
    deadline: requirement.deadline ?? null,
    override: requirement.override ?? null,
  };
};
