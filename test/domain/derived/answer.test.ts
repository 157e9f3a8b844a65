import { expect, test } from 'vitest';
import { isSameAnswer } from '../../../domain/derived/answer.ts';
import { allowedAfter } from '../../../domain/derived/cases.ts';
import type { KeyAnswer } from '../../../domain/derived/record.ts';
import { on } from './known.ts';

type OnFor = KeyAnswer['onFor'];

test.each<[OnFor, OnFor]>([
  [['Fire, Rescue'], ['Fire', ' Rescue']],
  [['all'], 'all'],
  [[''], []],
])('%j and %j are not for the same agencies', (one, other) => {
  expect(isSameAnswer(on({ onFor: one }), on({ onFor: other }))).toBe(false);
  const allowed = allowedAfter(allowedAfter([], on({ onFor: one })), on({ onFor: other }));
  expect(allowed.map(({ onFor }) => onFor)).toEqual([one, other]);
});

test('the same agencies are the same answer, whichever change gives it', () => {
  const of = (change: number): KeyAnswer => on({ onFor: ['Fire, Rescue', 'Police'], change });
  expect(isSameAnswer(of(1), of(2))).toBe(true);
});
