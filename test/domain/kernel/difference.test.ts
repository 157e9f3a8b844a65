import fc from 'fast-check';
import { expect, test } from 'vitest';
import { difference, type TextRun } from '../../../domain/kernel/difference.ts';

const only = (runs: readonly TextRun[], kind: 'gone' | 'new') =>
  runs
    .filter((run) => run.kind === 'same' || run.kind === kind)
    .map(({ text }) => text)
    .join('');

test('word by word', () => {
  expect(difference('It keeps images for 30 days.', 'It keeps images for 21 days.')).toEqual([
    { kind: 'same', text: 'It keeps images for ' },
    { kind: 'gone', text: '30' },
    { kind: 'new', text: '21' },
    { kind: 'same', text: ' days.' },
  ]);
});

test('equal texts are one run, empty ones none', () => {
  expect(difference('a b', 'a b')).toEqual([{ kind: 'same', text: 'a b' }]);
  expect(difference('', '')).toEqual([]);
});

test('both texts can be read back, whatever they are', () => {
  const word = fc.constantFrom('a', 'b', 'c', ' ', '\n', '.', 'é', '😀');
  const text = fc.array(word, { maxLength: 40 }).map((words) => words.join(''));
  fc.assert(
    fc.property(text, text, (before, after) => {
      const runs = difference(before, after);
      expect([only(runs, 'gone'), only(runs, 'new')]).toEqual([before, after]);
    }),
  );
});

test('very long texts are still distinguished, as replaced whole', () => {
  const [before = '', after = ''] = ['x z ', 'y z '].map((words) => words.repeat(2_500));
  expect(difference(before, after)).toEqual([
    { kind: 'gone', text: before.slice(0, -3) },
    { kind: 'new', text: after.slice(0, -3) },
    { kind: 'same', text: ' z ' },
  ]);
});
