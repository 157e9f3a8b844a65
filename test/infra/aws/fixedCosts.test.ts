import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { stacksOf, templates } from './support/templates.ts';

// The table of fixed costs in docs/costs.md, against the templates that it counts.

const [, section = ''] = readFileSync('docs/costs.md', 'utf8').split('**Fixed costs.**');
const table = section.split('\n\n').find((part) => part.startsWith('|')) ?? '';
const rows = new Map(
  table
    .split('\n')
    .slice(2)
    .map((line) => {
      const [name = '', , ...cells] = line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.replaceAll('*', '').trim());
      return [name, cells] as const;
    }),
);

const SIZES = ['full', 'lean'] as const;
type Size = (typeof SIZES)[number];

/** Returns the count and the dollars of a cell, such as `42: 4.20`. */
const cellOf = (name: string, size: Size): readonly [number, number] => {
  const [count = '', dollars = count] = (rows.get(name)?.[SIZES.indexOf(size)] ?? expect.fail(`no row ${name}`)).split(': ');
  return [Number(count), Number(dollars)];
};

const all = (size: Size, type: string) =>
  [...stacksOf(templates(size === 'full' ? {} : { size })).values()]
    .flatMap(({ Resources: found }) => Object.values(found))
    .filter(({ Type: each }) => each === type)
    .map(({ Properties: properties }) => properties ?? {});

/** AWS asks a price for each metric that an alarm reads. */
const metricsOfAlarms = (size: Size): number =>
  all(size, 'AWS::CloudWatch::Alarm').flatMap(({ Metrics: metrics = [{ MetricStat: {} }] }) =>
    (metrics as readonly { readonly MetricStat?: object }[]).filter(({ MetricStat: stat }) => stat !== undefined),
  ).length;

describe.each(SIZES)('the fixed costs of a stage that is %s', (size) => {
  test.each<[string, () => number, (count: number) => number]>([
    ['Secrets', () => all(size, 'AWS::SecretsManager::Secret').length, (count) => count * 0.4],
    ['KMS, keys', () => all(size, 'AWS::KMS::Key').length + all(size, 'AWS::KMS::ReplicaKey').length, (count) => count],
    [
      'WAF, rules',
      () => all(size, 'AWS::WAFv2::WebACL').flatMap(({ Rules: rules }) => rules as readonly object[]).length,
      (count) => (count === 0 ? 0 : 5 + count),
    ],
    ['Alarms, metrics', () => metricsOfAlarms(size), (count) => count * 0.1],
  ])('%s', (name, counted, price) => {
    const count = counted();
    expect(cellOf(name, size)).toEqual([count, expect.closeTo(price(count), 4)]);
  });

  test('add up', () => {
    const names = [...rows.keys()];
    const sum = names.slice(0, -1).reduce((total, name) => total + cellOf(name, size)[1], 0);
    expect(sum).toBeGreaterThan(5);
    expect(cellOf(names.at(-1) ?? '', size)[1]).toBeCloseTo(sum, 2);
  });
});
