import { expect, test } from 'vitest';
import { changeId, changeNamed, featureStream, POLICY_KEY, prefixesOf, vendorOf } from '../../../domain/feature/keys.ts';

test('a key stands beneath each of its prefixes, and the city’s policy beneath nothing', () => {
  expect(prefixesOf('flock.lpr.search')).toStrictEqual(['flock', 'flock.lpr', 'flock.lpr.search']);
  expect(prefixesOf('flock')).toStrictEqual(['flock']);
  expect(prefixesOf(POLICY_KEY)).toStrictEqual([POLICY_KEY]);
  expect(['flock.lpr.search', 'flock', ''].map(vendorOf)).toStrictEqual(['flock', 'flock', '']);
  expect(featureStream('flock.lpr')).toBe('feature/flock.lpr');
});

test('a change is named by its key and number, and by nothing else', () => {
  expect(changeNamed(changeId('flock.lpr', 12))).toStrictEqual({ key: 'flock.lpr', number: 12 });
  for (const text of ['flock', 'flock/0', 'flock/01', 'flock/1/2', '/1', 'Flock/1', 'flock/1\n'])
    expect(changeNamed(text)).toBeUndefined();
});
