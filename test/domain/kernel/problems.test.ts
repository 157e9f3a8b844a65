import { expect, test } from 'vitest';
import * as z from 'zod';
import { problemsOf, repeats, summaryOf } from '../../../domain/kernel/problems.ts';

const problems = (schema: z.ZodType, value: unknown): readonly string[] => {
  const { error } = schema.safeParse(value);
  return error === undefined ? [] : problemsOf(error).map(({ pointer, detail }) => `${pointer} ${detail}`.trim());
};

test.each<[z.ZodType, unknown, string]>([
  [z.string(), 1, 'is not a text'],
  [z.bigint(), 1, 'is not bigint'],
  [z.strictObject({ name: z.string() }), {}, '/name is missing'],
  [z.literal('a'), 'b', 'is not a'],
  [z.enum(['a', 'b']), 'c', 'is none of a, b'],
  [z.record(z.string().regex(/^a/, 'begins with another letter'), z.int()), { b: 1 }, '/b begins with another letter'],
  [z.string().min(1), '', 'is empty'],
  [z.array(z.int()).min(1), [], 'is empty'],
  [z.string().min(2), 'a', 'is below 2 characters'],
  [z.int().min(1), 0, 'is below 1'],
  [z.int().max(5), 6, 'is above 5'],
  [z.array(z.int()).max(1), [1, 2], 'is above 1 entries'],
  [z.union([z.enum(['a', 'b']), z.strictObject({})]), 'c', 'is missing, or none of a, b'],
  [z.union([z.boolean(), z.strictObject({})]), 'yes', 'is missing, or neither true or false nor an object'],
  [z.string().regex(/^a/), 'b', 'is missing, or not of the form that it must have'],
  [z.email(), 'clerk', 'is not a mail address'],
  [z.url(), 'city.example', 'is not an address such as https://city.example'],
  [z.url({ protocol: /^https?$/ }), 'ftp://city.example', 'is not an address such as https://city.example'],
  [z.string().regex(/^a/, 'begins with another letter'), 'b', 'begins with another letter'],
  [z.strictObject({}), { more: 1 }, '/more is not a field of this'],
])('a fault is said in plain words: %#', (schema, value, said) => expect(problems(schema, value)).toStrictEqual([said]));

test('of a value that can have several shapes, the faults inside the shape that it has', () => {
  const duration = z.string();
  const limits = z.strictObject({ from: z.strictObject({ day: z.int() }), to: z.int() });
  const either = z.strictObject({ within: z.union([duration, limits], { error: 'must be a text or an object' }) });
  expect(problems(either, { within: { from: { day: 'x' }, to: 'y' } })).toStrictEqual([
    '/within/from/day is not a number',
    '/within/to is not a number',
  ]);
  expect(problems(either, { within: { from: { day: 1 }, to: 2, more: 3 } })).toStrictEqual([
    '/within/more is not a field of this',
  ]);
  expect(problems(either, { within: 7 })).toStrictEqual(['/within must be a text or an object']);
  const lists = z.union([z.array(z.string().max(1)).min(3), z.array(z.string().regex(/^y/, 'begins with another letter'))]);
  expect(problems(lists, ['xx'])).toStrictEqual(['/0 begins with another letter']);
});

test('what is repeated is named where it is repeated', () => {
  expect(repeats(['a', 'b', 'a', 'a', 'b'])).toStrictEqual([2, 3, 4]);
  expect(repeats(['a', 'b'])).toStrictEqual([]);
});

test('a summary names five faults and counts the others', () => {
  const of = (count: number) => Array.from({ length: count }, (_, index) => ({ pointer: `/${index}`, detail: 'is missing' }));
  expect(summaryOf(of(5))).toBe('/0 is missing; /1 is missing; /2 is missing; /3 is missing; /4 is missing');
  expect(summaryOf(of(7))).toBe(`${summaryOf(of(5))}; and 2 more`);
  expect(summaryOf([{ pointer: '', detail: 'is no roster' }])).toBe('is no roster');
});
