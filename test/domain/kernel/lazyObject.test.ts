import { expect, test, vi } from 'vitest';
import * as z from 'zod';
import { object, strictObject } from '../../../domain/kernel/zodTypes.ts';

const fields = () => ({ id: z.string().min(1), seats: z.int().optional() });

test('the fields are made once, at the first use, whatever was derived before', () => {
  const made = vi.fn(fields);
  const schema = strictObject(made);
  const described = schema.meta({ description: 'a body' }).nullable();
  const list = z.array(schema);
  expect(made).not.toHaveBeenCalled();
  expect(described.parse(null)).toBeNull();
  expect(made).not.toHaveBeenCalled();
  expect(list.parse([{ id: 'council' }])).toEqual([{ id: 'council' }]);
  expect(described.parse({ id: 'council', seats: 13 })).toEqual({ id: 'council', seats: 13 });
  expect(schema.pick({ id: true }).safeParse({ id: '' }).success).toBe(false);
  expect(made).toHaveBeenCalledTimes(1);
});

const INPUTS = [{ id: 'a' }, { id: 'a', seats: 1 }, { id: 'a', more: 1 }, { id: '' }, { seats: 1 }, {}, [], 'a', null, undefined];

test.each([
  { name: 'strict', ours: strictObject(fields), zods: z.strictObject(fields()) },
  { name: 'lax', ours: object(fields), zods: z.object(fields()) },
])('a $name object reads and describes what the schema of Zod does', ({ ours, zods }) => {
  for (const input of INPUTS) {
    const [mine, theirs] = [ours.safeParse(input), zods.safeParse(input)];
    expect(mine.data).toEqual(theirs.data);
    expect(mine.error?.issues).toEqual(theirs.error?.issues);
  }
  expect(z.toJSONSchema(ours)).toEqual(z.toJSONSchema(zods));
  expect(z.toJSONSchema(ours.extend({ name: z.string() }))).toEqual(z.toJSONSchema(zods.extend({ name: z.string() })));
  expect(Object.keys(ours.shape)).toEqual(['id', 'seats']);
});
