import { expect, test } from 'vitest';
import { type Duration, parseDuration } from '../../../domain/kernel/zone.ts';

const zero: Duration = { years: 0, months: 0, weeks: 0, days: 0, hours: 0, minutes: 0 };

test.each<[string, Partial<Duration>]>([
  ['P1Y', { years: 1 }],
  ['P2M', { months: 2 }],
  ['P3W', { weeks: 3 }],
  ['P5D', { days: 5 }],
  ['PT12H', { hours: 12 }],
  ['PT90M', { minutes: 90 }],
  ['P1Y2M3W4DT5H6M', { years: 1, months: 2, weeks: 3, days: 4, hours: 5, minutes: 6 }],
  ['P1MT1M', { months: 1, minutes: 1 }],
  ['P0D', {}],
  ['PT0M', {}],
  ['P090D', { days: 90 }],
  ['P100Y', { years: 100 }],
  ['P1200M', { months: 1200 }],
  ['P36600D', { days: 36_600 }],
  ['PT878400H', { hours: 878_400 }],
])('%s', (text, parts) => {
  expect(parseDuration(text)).toStrictEqual({ ...zero, ...parts });
});

test.each([
  '',
  'P',
  'PT',
  'P1YT',
  '1Y',
  'P1',
  'PY',
  'p1y',
  'P1y',
  'P1D2M',
  'P1DT1D',
  'PT1Y',
  'P1H',
  'PT30S',
  'P1.5D',
  'P1,5D',
  'PT0.5H',
  '-P1D',
  '+P1D',
  'P-1D',
  ' P1D',
  'P1D ',
  'P1D\n',
  'P1D1D',
  'P١D',
  'P101Y',
  'P100Y1M',
  'P36601D',
  'PT878400H1M',
  'P9999999Y',
])('%j is refused', (text) => {
  expect(parseDuration(text)).toBeUndefined();
});
