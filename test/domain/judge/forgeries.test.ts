import { expect, test } from 'vitest';
import { JUDGE_CODES } from '../../../domain/judge/verdict.ts';
import { codeOfLast } from '../../support/judged.ts';
import { FORGERIES } from './forgeries/all.ts';

test.each(FORGERIES)('%s is refused: %s', (_, code, make) => {
  expect(codeOfLast(make())).toBe(code);
});

test('every code has a forgery', () => {
  expect([...new Set(FORGERIES.map(([, code]) => code))].sort()).toEqual(Object.keys(JUDGE_CODES).sort());
});
