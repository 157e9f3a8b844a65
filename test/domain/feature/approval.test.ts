import { expect, test } from 'vitest';
import { approvalEnd, commonAudience } from '../../../domain/feature/approval.ts';

const given = { at: '2026-03-02T06:00:00.000Z', zone: 'America/Denver' };
const [SOON, FAR] = ['2026-04-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z'];

test('an approval ends at the first of its ends, the policy’s term by the calendar of the city', () => {
  expect(approvalEnd({ endsAt: null, until: null, term: null }, given)).toBeNull();
  expect(approvalEnd({ endsAt: SOON, until: FAR, term: 'P1Y' }, given)).toBe(SOON);
  expect(approvalEnd({ endsAt: FAR, until: SOON, term: 'P1Y' }, given)).toBe(SOON);
  // A month from March 1, 23:00 in Denver: its clocks have gone forward in between.
  expect(approvalEnd({ endsAt: FAR, until: null, term: 'P1M' }, given)).toBe('2026-04-02T05:00:00.000Z');
});

test('an audience is what both have in common; none named is everybody', () => {
  expect(commonAudience(null, null)).toBeNull();
  expect(commonAudience(null, ['police'])).toStrictEqual(['police']);
  expect(commonAudience(['police'], null)).toStrictEqual(['police']);
  expect(commonAudience(['fire', 'police'], ['police', 'sheriff'])).toStrictEqual(['police']);
  expect(commonAudience(['fire'], ['police'])).toStrictEqual([]);
});
