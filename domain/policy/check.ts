import { asStored, canonical } from '../kernel/canonical.ts';
import type { JsonValue } from '../kernel/json.ts';
import { type Problem, pointerTo, problemsOf, repeats } from '../kernel/problems.ts';
import { durationOf, plusDuration } from '../kernel/zone.ts';
import type { Roster } from '../roster/schema.ts';
import { bodyOf, globProblem, type Matchable, matchRule, personsNeeded, seatsNeeded } from './rules.ts';
import {
  IMPACTS,
  type Impact,
  type ImpactValue,
  type Instrument,
  KINDS,
  type Override,
  Policy,
  type Requirement,
  type Rule,
  type Threshold,
  type When,
} from './schema.ts';

const PERSONS_MIN = 2;

const isZero = (duration: string): boolean => !/[1-9]/.test(duration);

const ruleProblems = (rule: Rule, pointer: string, roster: Roster): readonly Problem[] => [
  ...(rule.when.key ?? []).flatMap((glob, index) => {
    const detail = globProblem(glob);
    return detail === undefined ? [] : [{ pointer: pointer + pointerTo('when', 'key', index), detail }];
  }),
  ...repeats(rule.require.map(({ id }) => id)).map((index) => ({
    pointer: pointer + pointerTo('require', index, 'id'),
    detail: 'is the id of an earlier requirement of this rule',
  })),
  ...(['window', 'term'] as const)
    .filter((field) => rule[field] !== undefined && isZero(rule[field]))
    .map((field) => ({ pointer: pointer + pointerTo(field), detail: 'is no time at all' })),
  ...cycleProblems(rule, pointer),
  ...personProblems(rule, pointer, roster),
];

/** Rejects a rule by which one person alone could approve. Checked only once every body and threshold is valid. */
const personProblems = (rule: Rule, pointer: string, roster: Roster): readonly Problem[] => {
  const sound = rule.require.every(({ body, instrument, threshold }) => {
    const known = bodyOf(roster, body);
    if (instrument === 'certification') return known?.attestedBy !== undefined && threshold !== undefined;
    return known !== undefined && (instrument !== 'ballots' || threshold !== undefined);
  });
  const persons = sound ? personsNeeded(rule, roster) : PERSONS_MIN;
  if (persons >= PERSONS_MIN) return [];
  const detail =
    persons === 0
      ? 'asks for advice only, which never counts: at least two persons must approve'
      : 'could be approved by one authenticated person alone: at least two must act (of a certified vote, only the clerk who certifies is authenticated)';
  return [{ pointer: pointer + pointerTo('require'), detail }];
};

const cycleProblems = ({ require }: Rule, pointer: string): readonly Problem[] =>
  require.flatMap(({ id }, index) =>
    awaited(require, id).has(id) ? [{ pointer: pointer + pointerTo('require', index, 'after'), detail: 'waits for itself' }] : [],
  );

const awaited = (require: Rule['require'], id: string): ReadonlySet<string> => {
  const found = new Set<string>();
  const queue = [id];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const after = require.filter((each) => each.id === next).flatMap((each) => each.after ?? []);
    for (const each of after) {
      if (found.has(each)) continue;
      found.add(each);
      queue.push(each);
    }
  }
  return found;
};

const unusable = (rule: Rule, pointer: string, roster: Roster): readonly Problem[] => [
  ...crowdProblems(rule, pointer, roster),
  ...(rule.window !== undefined && rule.notice !== undefined && endOf(rule.notice) >= endOf(rule.window)
    ? [{ pointer: pointer + pointerTo('window'), detail: 'ends before the notice time has run, so no decision would ever count' }]
    : []),
];

const SOME_DAY = '2026-01-01T00:00:00.000Z';

const endOf = (duration: string): number => Date.parse(plusDuration(SOME_DAY, duration, 'UTC'));

/** A person counts in only one requirement of a change, so a body needs a seat for each part. */
const crowdProblems = ({ require }: Rule, pointer: string, roster: Roster): readonly Problem[] => {
  const attesting = new Set(
    require.flatMap(({ body, instrument }) => (instrument === 'certification' ? [bodyOf(roster, body)?.attestedBy] : [])),
  );
  return [...new Set(require.map(({ body }) => body))].flatMap((body) => {
    const own = require.filter((each) => each.body === body).reduce((sum, each) => sum + seatsNeeded(each, roster), 0);
    const parts = own + (attesting.has(body) ? 1 : 0);
    const seats = bodyOf(roster, body)?.seats.length ?? 0;
    const detail = `asks for ${parts} different persons of ${body}, which has ${seats} ${seats === 1 ? 'seat' : 'seats'}`;
    return parts > seats ? [{ pointer: pointer + pointerTo('require'), detail }] : [];
  });
};

const FIELDS: readonly {
  readonly field: 'threshold' | 'quorum' | 'deadline' | 'override' | 'confirmedBy';
  readonly instruments: readonly Instrument[];
}[] = [
  { field: 'threshold', instruments: ['certification', 'ballots'] },
  { field: 'quorum', instruments: ['certification', 'ballots'] },
  { field: 'deadline', instruments: ['signature'] },
  { field: 'override', instruments: ['signature'] },
  { field: 'confirmedBy', instruments: ['certification'] },
];

const requirementProblems = (requirement: Requirement, pointer: string, rule: Rule, roster: Roster): readonly Problem[] => {
  const { threshold, deadline, override } = requirement;
  return [
    ...fieldProblems(requirement),
    ...bodyProblems(requirement, roster),
    ...afterProblems(requirement, rule),
    ...(threshold === undefined ? [] : thresholdProblems(requirement, threshold, roster)),
    ...(deadline !== undefined && isZero(deadline) ? [{ pointer: pointerTo('deadline'), detail: 'is no time at all' }] : []),
    ...confirmerProblems(requirement, requirement.confirmedBy, pointerTo('confirmedBy'), roster),
    ...(override === undefined ? [] : overrideProblems(requirement, override, rule, roster)),
  ].map((problem) => ({ ...problem, pointer: pointer + problem.pointer }));
};

const fieldProblems = (requirement: Requirement): readonly Problem[] => {
  const { instrument } = requirement;
  const misplaced = FIELDS.filter(
    ({ field, instruments }) => requirement[field] !== undefined && !instruments.includes(instrument),
  ).map(({ field, instruments }) => ({
    pointer: pointerTo(field),
    detail: `goes with ${instruments.join(' or ')}, not with ${instrument}`,
  }));
  const voted = instrument === 'certification' || instrument === 'ballots';
  const missing = voted && requirement.threshold === undefined;
  return missing
    ? [...misplaced, { pointer: pointerTo('threshold'), detail: `is required with ${instrument}: say how many must vote yes` }]
    : misplaced;
};

const bodyProblems = ({ body, instrument }: Requirement, roster: Roster): readonly Problem[] => {
  const pointer = pointerTo('body');
  const known = bodyOf(roster, body);
  if (known === undefined) return [{ pointer, detail: `the roster has no body ${body}` }];
  if (instrument !== 'certification' || (known.attestedBy !== undefined && bodyOf(roster, known.attestedBy) !== undefined))
    return [];
  return [{ pointer, detail: `no one certifies the acts of ${body}: the roster gives it no "attestedBy"` }];
};

const afterProblems = ({ after = [] }: Requirement, { require }: Rule): readonly Problem[] =>
  after.flatMap((name, index) => {
    const pointer = pointerTo('after', index);
    const named = require.find((each) => each.id === name);
    if (named === undefined) return [{ pointer, detail: `this rule has no requirement ${name}` }];
    return named.instrument === 'advice'
      ? [{ pointer, detail: `${name} is advice, which never counts, so nothing can wait for it` }]
      : [];
  });

const thresholdProblems = (
  { body, instrument, quorum }: Requirement,
  { yes, of }: Threshold,
  roster: Roster,
): readonly Problem[] => {
  const seats = bodyOf(roster, body)?.seats.length ?? Number.POSITIVE_INFINITY;
  const above = (value: unknown): boolean => typeof value === 'number' && value > seats;
  const detail = `is more than the ${seats} ${seats === 1 ? 'seat' : 'seats'} of ${body}`;
  return [
    ...(above(yes) ? [{ pointer: pointerTo('threshold', 'yes'), detail }] : []),
    ...(above(quorum) ? [{ pointer: pointerTo('quorum'), detail }] : []),
    ...(of === 'present' && instrument === 'ballots'
      ? [{ pointer: pointerTo('threshold', 'of'), detail: 'no one is present at ballots: count of seats or filled' }]
      : []),
  ];
};

/** A person other than the certifying clerk must be able to confirm a certificate. */
const confirmerProblems = (
  { body }: Requirement,
  confirmedBy: string | undefined,
  pointer: string,
  roster: Roster,
): readonly Problem[] => {
  if (confirmedBy === undefined) return [];
  const [name = '', seat] = confirmedBy.split('/');
  const confirming = bodyOf(roster, name);
  if (confirming === undefined) return [{ pointer, detail: `the roster has no body ${name}` }];
  if (seat !== undefined && !confirming.seats.includes(seat)) return [{ pointer, detail: `${name} has no seat ${seat}` }];
  const alone = bodyOf(roster, body)?.attestedBy === name && confirming.seats.length === 1;
  return alone ? [{ pointer, detail: `${name} has one seat and certifies: a second person must confirm` }] : [];
};

const LONGEST = { year: 366, month: 31 } as const;
const SHORTEST = { year: 365, month: 28 } as const;

const hoursOf = (duration: string, { year, month }: typeof LONGEST | typeof SHORTEST): number => {
  const { years, months, weeks, days, hours, minutes } = durationOf(duration);
  return (years * year + months * month + weeks * 7 + days) * 24 + hours + minutes / 60;
};

const isAlwaysShorter = (one: string, other: string): boolean => hoursOf(one, LONGEST) < hoursOf(other, SHORTEST);

const withinProblems = ({ within }: Override): readonly Problem[] => {
  const at = (...field: readonly string[]): string => pointerTo('override', 'within', ...field);
  if (typeof within === 'string') return isZero(within) ? [{ pointer: at(), detail: 'is no time at all' }] : [];
  const { notBefore, notAfter } = within;
  return [
    ...(isZero(notAfter) ? [{ pointer: at('notAfter'), detail: 'is no time at all' }] : []),
    ...(notBefore === undefined || isAlwaysShorter(notBefore, notAfter)
      ? []
      : [{ pointer: at('notBefore'), detail: 'must be shorter than notAfter, whatever the month: else no vote is in time' }]),
  ];
};

/** An override is a second vote on what was passed before the veto, so that vote comes before the signature. */
const overrideProblems = ({ id }: Requirement, override: Override, { require }: Rule, roster: Roster): readonly Problem[] => {
  const pointer = pointerTo('override', 'requirement');
  const named = require.find((each) => each.id === override.requirement);
  const within = withinProblems(override);
  if (named === undefined) return [...within, { pointer, detail: `this rule has no requirement ${override.requirement}` }];
  if (named.instrument !== 'certification')
    return [...within, { pointer, detail: `${named.id} is not a certified vote, which only can overturn a refusal` }];
  const seats = bodyOf(roster, named.body)?.seats.length ?? Number.POSITIVE_INFINITY;
  const confirmer = pointerTo('override', 'confirmedBy');
  return [
    ...within,
    ...(override.confirmedBy === undefined
      ? [{ pointer: confirmer, detail: 'is required: a second person must confirm the vote that overturns a refusal' }]
      : confirmerProblems(named, override.confirmedBy, confirmer, roster)),
    ...(awaited(require, id).has(named.id)
      ? []
      : [{ pointer, detail: `${id} must come after ${named.id}, whose vote would overturn its refusal` }]),
    ...(override.yes > seats
      ? [{ pointer: pointerTo('override', 'yes'), detail: `is more than the ${seats} seats of ${named.body}` }]
      : []),
  ];
};

/** A condition on impacts never covers everything: a change can touch none of them. */
const coversEverything = ({ kind, key, impact }: When): boolean =>
  impact === undefined &&
  (key === undefined || key.includes('**')) &&
  (kind === undefined || KINDS.every((each) => kind.includes(each)));

/** The longest policy, in bytes of canonical JSON: the one in force and the proposals must fit the state of one stream. */
const POLICY_BYTES_MAX = 10_000;

type CheckedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Parses a policy and checks it against a roster. Rejects one by which fewer than two authenticated persons could approve, that its seats
 * could never satisfy, that contradicts itself, or that no later policy could replace. Its sources come in stored order, so that every
 * process lists them alike. Attacker-controlled input: never throws.
 */
export const checkPolicy = (input: JsonValue, roster: Roster): CheckedPolicy => {
  const parsed = Policy.safeParse(input);
  if (!parsed.success) return { ok: false, problems: problemsOf(parsed.error) };
  const policy = parsed.data;
  const problems = [
    ...sizeProblems(policy),
    ...repeats(policy.rules.map(({ id }) => id)).map((index) => ({
      pointer: pointerTo('rules', index, 'id'),
      detail: 'is the id of an earlier rule',
    })),
    ...policy.rules.flatMap((rule, index) => [
      ...ruleProblems(rule, pointerTo('rules', index), roster),
      ...rule.require.flatMap((requirement, at) =>
        requirementProblems(requirement, pointerTo('rules', index, 'require', at), rule, roster),
      ),
    ]),
    ...lastRuleProblems(policy),
    ...observeProblems(policy),
  ];
  const found = problems.length > 0 ? problems : lockProblems(policy, roster);
  if (found.length > 0) return { ok: false, problems: found };
  return { ok: true, policy: Policy.parse(asStored(policy)) };
};

const sizeProblems = (policy: Policy): readonly Problem[] =>
  Buffer.byteLength(canonical(policy)) <= POLICY_BYTES_MAX
    ? []
    : [{ pointer: '', detail: `is longer than ${POLICY_BYTES_MAX} bytes` }];

/** An unchanged report within an hour is not recorded, so an honest source can seem silent for an hour longer than it is. */
const EVERY_MIN = 'PT2H';

const observeProblems = ({ observe }: Policy): readonly Problem[] =>
  Object.entries(observe?.sources ?? {}).flatMap(([source, { every }]) =>
    endOf(every) >= endOf(EVERY_MIN)
      ? []
      : [
          {
            pointer: pointerTo('observe', 'sources', source, 'every'),
            detail: 'is shorter than two hours: a report that says nothing new is recorded once an hour at most',
          },
        ],
  );

/** The rules after one that matches everything would never apply, however strict they are. */
const lastRuleProblems = ({ rules }: Policy): readonly Problem[] => {
  const [last, first] = [rules.length - 1, rules.findIndex(({ when }) => coversEverything(when))];
  if (first === last) return [];
  const pointerOf = (index: number): string => pointerTo('rules', index, 'when');
  return first < 0
    ? [{ pointer: pointerOf(last), detail: 'the last rule must match everything: leave its "when" empty' }]
    : [{ pointer: pointerOf(first), detail: 'matches everything, so no rule after it would ever apply: put it last' }];
};

const impact = Object.fromEntries(
  IMPACTS.map((name): [Impact, ImpactValue] => [name, name === 'oversight' ? 'changed' : 'unchanged']),
) as Record<Impact, ImpactValue>;

/** A change of the city's own policy, as every proposal announces it. It determines which rule approves the next policy. */
export const POLICY_CHANGE: Matchable = { key: 'aldergate.policy', kind: 'terms', impact };

const namesPolicy = (glob: string): boolean => glob.split('.')[0] === 'aldergate';

/** Returns why no next policy could be approved under this one. The policy must be otherwise valid. */
const lockProblems = (policy: Policy, roster: Roster): readonly Problem[] => {
  const rule = matchRule(policy, POLICY_CHANGE);
  const pointer = pointerTo('rules', policy.rules.indexOf(rule));
  const { documents = [], when } = rule;
  // A proposal names as its policy the digest of everything that is voted on, which no file has.
  const isOwn = !documents.includes('policy') && (when.key?.some(namesPolicy) ?? false);
  const asked = documents.join(' and ');
  const because = `so this policy could never be replaced; give ${POLICY_CHANGE.key} a rule of its own before it`;
  return [
    ...(documents.length === 0 || isOwn
      ? []
      : [
          {
            pointer: pointer + pointerTo('documents'),
            detail: `asks for ${asked} also when the policy itself is to change, ${because}, and no document of kind policy`,
          },
        ]),
    ...unusable(rule, pointer, roster).map((problem) => ({ ...problem, detail: `${problem.detail}, ${because}` })),
  ];
};
