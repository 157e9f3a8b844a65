import { parseDuration } from '../kernel/duration.ts';
import { type Problem, pointerTo } from '../kernel/problems.ts';
import type { Roster } from '../roster/schema.ts';
import { awaited, isZero } from './checkRule.ts';
import type { Instrument, Override, Requirement, Rule, Threshold } from './schema.ts';
import { bodyOf, seatsNeeded } from './seats.ts';

/** The fields that apply only to some instruments. */
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

/** Returns the problems of one requirement of a rule. */
export const requirementProblems = (
  requirement: Requirement,
  pointer: string,
  rule: Rule,
  roster: Roster,
): readonly Problem[] => {
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

const afterProblems = ({ id, after = [] }: Requirement, { require }: Rule): readonly Problem[] =>
  after.flatMap((name, index) => {
    const pointer = pointerTo('after', index);
    const named = require.find((each) => each.id === name);
    if (name === id) return [];
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
  const seats = bodyOf(roster, body)?.seats.length;
  const above = (value: unknown): boolean => typeof value === 'number' && seats !== undefined && value > seats;
  const detail = `is more than the ${seats} ${seats === 1 ? 'seat' : 'seats'} of ${body}`;
  return [
    ...(above(yes) ? [{ pointer: pointerTo('threshold', 'yes'), detail }] : []),
    ...(above(quorum) ? [{ pointer: pointerTo('quorum'), detail }] : []),
    ...(of === 'present' && instrument === 'ballots'
      ? [{ pointer: pointerTo('threshold', 'of'), detail: 'no one is present at ballots: count of seats or filled' }]
      : []),
  ];
};

/**
 * Checks that a person other than the certifying clerk can confirm a certificate: the confirming body must exist, and have a seat
 * beside that of a certifying office that has only one.
 */
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

/** The longest or the shortest that a year and a month can be, in days. */
const LONGEST = { year: 366, month: 31 } as const;
const SHORTEST = { year: 365, month: 28 } as const;

const hoursOf = (duration: string, { year, month }: typeof LONGEST | typeof SHORTEST): number => {
  const { years = 0, months = 0, weeks = 0, days = 0, hours = 0, minutes = 0 } = parseDuration(duration) ?? {};
  return (years * year + months * month + weeks * 7 + days) * 24 + hours + minutes / 60;
};

/** Reports whether one duration is shorter than another from every day of the calendar. */
const isAlwaysShorter = (one: string, other: string): boolean => hoursOf(one, LONGEST) < hoursOf(other, SHORTEST);

/** Checks that there is time for a second vote. */
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

/**
 * Checks that the vote an override repeats comes before the signature: an override is a second vote on what was passed before the
 * veto.
 */
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

/** Returns what is allowed in a requirement but rarely intended. */
export const requirementWarnings = (
  { threshold, quorum, override }: Requirement,
  pointer: string,
  { require }: Rule,
  roster: Roster,
): readonly Problem[] => {
  const shrinks =
    threshold !== undefined &&
    (threshold.of === 'present' || threshold.recused === 'excluded') &&
    typeof threshold.yes === 'string';
  const repeated = require.find((each) => each.id === override?.requirement);
  return [
    ...(shrinks && quorum === undefined
      ? [{ pointer: pointer + pointerTo('threshold'), detail: 'has no quorum: a handful could decide for the whole body' }]
      : []),
    ...(override !== undefined && repeated !== undefined && override.yes < seatsNeeded(repeated, roster)
      ? [{ pointer: pointer + pointerTo('override', 'yes'), detail: `asks for fewer votes than ${repeated.id} itself` }]
      : []),
  ];
};
