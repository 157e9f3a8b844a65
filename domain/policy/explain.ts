import type { LocalMoment } from '../kernel/zone.ts';
import { holdersOf } from '../roster/holders.ts';
import { nameIn, type Roster } from '../roster/schema.ts';
import { denominatorOf, needed, thresholdOf } from './rollCall.ts';
import { bodyOf, matchRule } from './rules.ts';
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

/**
 * Why a requirement cannot be met with the current roster. It stays open; no threshold is lowered to the number of those present.
 */
interface Alarm {
  readonly requirement: string;
  readonly code: 'no-body' | 'no-seat' | 'vacant' | 'no-clerk' | 'too-few' | 'one-person';
  readonly detail: string;
}

export const alarmsOf = (rule: Rule, roster: Roster, when: LocalMoment): readonly Alarm[] => [
  ...rule.require.flatMap((requirement) => seatAlarms(requirement, roster, when)),
  ...personAlarms(rule, roster, when),
];

const seatAlarms = (requirement: Requirement, roster: Roster, when: LocalMoment): readonly Alarm[] => {
  const alarm = (code: Alarm['code'], detail: string): readonly Alarm[] => [{ requirement: requirement.id, code, detail }];
  const body = bodyOf(roster, requirement.body);
  if (body === undefined) return alarm('no-body', `The roster has no body ${requirement.body}.`);
  const filled = holdersOf(roster, requirement.body, when).size;
  if (filled === 0) return alarm('vacant', `No one holds a seat of ${nameIn(body.name, 'en')}.`);
  const clerks = body.attestedBy === undefined ? 0 : holdersOf(roster, body.attestedBy, when).size;
  const clerkless = requirement.instrument === 'certification' && clerks === 0;
  return [
    ...(clerkless ? alarm('no-clerk', `No one is in office to certify the votes of ${nameIn(body.name, 'en')}.`) : []),
    ...voteAlarms(requirement, body.seats.length, filled, alarm),
  ];
};

const voteAlarms = (
  requirement: Requirement,
  seats: number,
  filled: number,
  alarm: (code: Alarm['code'], detail: string) => readonly Alarm[],
): readonly Alarm[] => {
  if (requirement.instrument !== 'certification' && requirement.instrument !== 'ballots') return [];
  const votes = needed(thresholdOf(requirement), { seats, filled, present: filled, recused: 0 });
  const votesShort = Math.max(votes, requirement.quorum ?? 0);
  if (votesShort <= filled) return [];
  const code = votesShort > seats ? 'no-seat' : 'too-few';
  return alarm(code, `It needs ${votesShort} members; ${filled} of ${seats} seats are filled.`);
};

/** The one person who can sign or certify; undefined if several can, or none. */
const onlyActor = ({ body, instrument }: Requirement, roster: Roster, when: LocalMoment): string | undefined => {
  const acting =
    instrument === 'certification' ? bodyOf(roster, body)?.attestedBy : instrument === 'signature' ? body : undefined;
  const persons = acting === undefined ? [] : [...holdersOf(roster, acting, when).values()].map(({ id }) => id);
  return new Set(persons).size === 1 ? persons[0] : undefined;
};

/** One person can certify several votes, but a signer can neither certify nor sign another requirement of the change. */
const personAlarms = ({ require }: Rule, roster: Roster, when: LocalMoment): readonly Alarm[] => {
  const actors = require.map((requirement) => ({ requirement, person: onlyActor(requirement, roster, when) }));
  return actors.flatMap(({ requirement, person }, index) => {
    const clash = actors
      .slice(0, index)
      .find((other) => person !== undefined && other.person === person && [requirement, other.requirement].some(isSigned));
    if (clash === undefined) return [];
    const detail = `Only ${person} could act here and in ${clash.requirement.id}: two persons are needed.`;
    return [{ requirement: requirement.id, code: 'one-person' as const, detail }];
  });
};

const isSigned = ({ instrument }: Requirement): boolean => instrument === 'signature';

/** `impact`: the impacts that change; all are unknown if absent. `when`: the moment at which the holders are determined. */
interface PolicyQuestion {
  readonly key: string;
  readonly kind?: Kind;
  readonly impact?: readonly Impact[];
  readonly when: LocalMoment;
}

interface ExplainedRequirement {
  readonly id: string;
  readonly body: string;
  readonly bodyName: string;
  readonly instrument: Instrument;
  readonly seats: number;
  readonly filled: number;
  readonly threshold: Threshold | null;
  /** The yes votes needed, and the denominator, if everyone now in office took part. */
  readonly needed: number | null;
  readonly denominator: number | null;
  readonly quorum: number | null;
  readonly certifiedBy: string | null;
  readonly after: readonly string[];
  readonly deadline: string | null;
  readonly override: Override | null;
}

interface PolicyExplanation {
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

/** Returns what a change of a key would require under a policy, and what prevents that with the current roster. */
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
