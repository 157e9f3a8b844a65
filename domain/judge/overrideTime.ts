import { parseDuration } from '../kernel/duration.ts';
import { localDateOf, plusDuration } from '../kernel/zone.ts';
import type { Override } from '../policy/schema.ts';
import type { ChangeCase } from './case.ts';
import { must } from './verdict.ts';

type Within = Pick<Override, 'within'>;

const spans = ({ within }: Within): Exclude<Override['within'], string> =>
  typeof within === 'string' ? { notAfter: within } : within;

export const vetoEnd = (override: Within, at: string, zone: string): string => plusDuration(at, spans(override).notAfter, zone);

export const mustBeTimely = (override: Within, { veto }: ChangeCase, date: string, zone: string): void => {
  if (veto === null) return;
  must(date >= localDateOf(veto.at, zone), 'meeting', 'the second vote came before the veto');
  const { notBefore } = spans(override);
  const first = notBefore === undefined ? date : localDateOf(plusDuration(veto.at, notBefore, zone), zone);
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

/** Reports whether the first time of a second vote comes before the last, whatever the veto's day. */
export const isInOrder = (override: Within): boolean => {
  const { within } = override;
  if (typeof within === 'string') return minutesOf(within, 'least') > 0;
  const { notBefore, notAfter } = within;
  const inOrder = notBefore === undefined || minutesOf(notBefore, 'most') < minutesOf(notAfter, 'least');
  return inOrder && minutesOf(notAfter, 'least') > 0;
};
