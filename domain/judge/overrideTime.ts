import { parseDuration } from '../kernel/duration.ts';
import { localDateOf, plusDuration } from '../kernel/zone.ts';
import type { Override } from '../policy/schema.ts';
import type { ChangeCase, VetoCase } from './case.ts';
import { must } from './verdict.ts';

type Within = Pick<Override, 'within'>;

const spans = ({ within }: Within): Exclude<Override['within'], string> =>
  typeof within === 'string' ? { notAfter: within } : within;

/** Returns when a veto given at an instant is final unless a meeting is named. */
export const vetoEnd = (override: Within, at: string, zone: string): string => plusDuration(at, spans(override).notAfter, zone);

/** Returns the local date of the instant that lies a duration after the veto. */
const dateAfter = ({ at }: VetoCase, duration: string, zone: string): string =>
  localDateOf(plusDuration(at, duration, zone), zone);

/** Checks that a second vote is not held before the rule lets it be held. */
export const mustNotBeEarly = (override: Within, veto: VetoCase, date: string, zone: string): void => {
  must(date >= localDateOf(veto.at, zone), 'meeting', 'the second vote came before the veto');
  const { notBefore } = spans(override);
  const first = notBefore === undefined ? date : dateAfter(veto, notBefore, zone);
  must(date >= first, 'meeting', `a second vote counts from ${first}`);
};

/**
 * Checks the day of a second vote: from the day of `notBefore`, and by the day of the end that the rule gave, at the named meeting, or
 * while the veto's clock stood still for a certificate.
 */
export const mustBeTimely = (override: Within, { veto, waiting }: ChangeCase, date: string, zone: string): void => {
  if (veto === null) return;
  mustNotBeEarly(override, veto, date, zone);
  const stoodStill = waiting !== null && localDateOf(waiting.at, zone) <= date;
  const late = date > localDateOf(veto.given, zone) && date !== veto.meeting && !stoodStill;
  must(!late, 'meeting', `the second vote of ${date} came too late`);
};

/** Checks the day of a meeting that is named: ahead, not before a vote counts, and within the time that the rule gives for it. */
export const mustBeNameable = (override: Within, veto: VetoCase, date: string, at: string, zone: string): void => {
  const { orMeetingOn } = spans(override);
  must(orMeetingOn !== undefined, 'meeting', 'the rule lets no meeting be named');
  must(date >= localDateOf(at, zone), 'meeting', `the meeting of ${date} is over`);
  mustNotBeEarly(override, veto, date, zone);
  const last = dateAfter(veto, orMeetingOn, zone);
  must(date <= last, 'meeting', `a meeting can be named up to ${last}`);
};

type Bound = 'least' | 'most';
const DAYS: Readonly<Record<Bound, Readonly<Record<'year' | 'month', number>>>> = {
  least: { year: 365, month: 28 },
  most: { year: 366, month: 31 },
};

/** Returns the least or the most minutes that a duration can have by the calendar. */
const minutesOf = (text: string, bound: Bound): number => {
  const parts = parseDuration(text);
  must(parts !== undefined, 'policy-invalid', `${text} is no duration`);
  const { year, month } = DAYS[bound];
  const days = parts.years * year + parts.months * month + parts.weeks * 7 + parts.days;
  return (days * 24 + parts.hours) * 60 + parts.minutes;
};

/** Reports whether the times of a second vote come in their order, whatever the veto's day: first, last, last with a meeting. */
export const isInOrder = (override: Within): boolean => {
  const { within } = override;
  if (typeof within === 'string') return minutesOf(within, 'least') > 0;
  const { notBefore, notAfter, orMeetingOn } = within;
  const after = notBefore === undefined || minutesOf(notBefore, 'most') < minutesOf(notAfter, 'least');
  return (
    after &&
    minutesOf(notAfter, 'least') > 0 &&
    (orMeetingOn === undefined || minutesOf(notAfter, 'most') < minutesOf(orMeetingOn, 'least'))
  );
};
