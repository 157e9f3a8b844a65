import { expect, test } from 'vitest';
import * as z from 'zod';
import { fieldsOf, type Schema, sharedIn, typeInWords } from '../../../../functions/web/docs/description.ts';

const NONE: ReadonlySet<string> = new Set();
const of = (schema: z.ZodType) => z.toJSONSchema(schema, { io: 'input' }) as Schema;

test.each([
  [z.string(), 'string'],
  [z.string().min(1).max(200), 'string ≤ 200'],
  [z.string().min(3), 'string ≥ 3'],
  [z.int().min(1).max(16), 'integer ≥ 1, ≤ 16'],
  [z.int().min(0), 'integer'],
  [z.boolean(), 'boolean'],
  [z.enum(['yes', 'no']), 'yes | no'],
  [z.literal('x'), 'x'],
  [z.string().nullable(), 'string | null'],
  [z.array(z.string()).max(3), 'list of string, ≤ 3'],
  [z.unknown(), 'any'],
])('%# is said in a few words', (schema, words) => expect(typeInWords(of(schema), {})).toBe(words));

test('fields inside others are named by their place', () => {
  const schema = z.strictObject({
    key: z.string().describe('A key.'),
    terms: z.strictObject({ until: z.string().optional() }).nullable(),
    lists: z.array(z.array(z.strictObject({ deep: z.int() }))).optional(),
  });
  expect(fieldsOf(of(schema), {}, NONE)).toStrictEqual([
    { name: 'key', type: 'string', required: true, description: 'A key.', shape: undefined },
    { name: 'terms', type: 'object | null', required: true, description: undefined, shape: undefined },
    { name: 'terms.until', type: 'string', required: false, description: undefined, shape: undefined },
    { name: 'lists', type: 'list of list of object', required: false, description: undefined, shape: undefined },
    { name: 'lists[][].deep', type: 'integer', required: true, description: undefined, shape: undefined },
  ]);
});

test('a component that occurs more than once is named, not followed', () => {
  const schemas = { Item: of(z.strictObject({ id: z.string() })) };
  const item: Schema = { $ref: '#/components/schemas/Item' };
  const one: Schema = { type: 'object', properties: { item } };
  expect(sharedIn([one], schemas)).toStrictEqual(NONE);
  const shared = sharedIn([one, { type: 'array', items: item }], schemas);
  expect(shared).toStrictEqual(new Set(['Item']));
  expect(fieldsOf(one, schemas, shared)).toStrictEqual([
    { name: 'item', type: 'object', required: false, description: undefined, shape: 'Item' },
  ]);
});
