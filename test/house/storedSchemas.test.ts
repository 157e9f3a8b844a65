import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { canonical } from '../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import { object, strictObject } from '../../domain/kernel/zodTypes.ts';
import { RegisterDoc } from '../../functions/register/documents.ts';
import { STORIES } from '../domain/judge/stories.ts';
import { ROOT, sourceFiles } from '../support/projectFiles.ts';

// Code relies on parsing that changes nothing: `parseRegister` returns what JSON.parse made, and what follows a commit in the process
// that decided it takes the decided events, where every other process parses the stored bytes.

/** Schemas that return what they are given, or refuse it. Whatever is not named here, a transform or a default, may change it. */
const UNCHANGING = new Set(['string', 'number', 'int', 'boolean', 'null', 'literal', 'enum', 'never', 'unknown']);
const INNER = new Set(['optional', 'nullable', 'readonly', 'nonoptional']);

interface Definition {
  readonly type: string;
  readonly coerce?: boolean;
  readonly normalize?: boolean;
  readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string } } }[];
  readonly catchall?: z.core.$ZodType;
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly options?: readonly z.core.$ZodType[];
  readonly items?: readonly z.core.$ZodType[];
  readonly rest?: z.core.$ZodType | null;
  readonly element?: z.core.$ZodType;
  readonly innerType?: z.core.$ZodType;
  readonly keyType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly left?: z.core.$ZodType;
  readonly right?: z.core.$ZodType;
  readonly getter?: () => z.core.$ZodType;
}

const definitionOf = (schema: z.core.$ZodType): Definition => schema._zod.def;

const partsOf = (definition: Definition): Readonly<Record<string, z.core.$ZodType>> | undefined => {
  const { type, catchall, shape, options, items, rest, element, innerType, keyType, valueType, left, right, getter } = definition;
  if (definition.coerce === true || definition.normalize === true) return undefined;
  if (definition.checks?.some((check) => check._zod.def.check === 'overwrite')) return undefined;
  if (UNCHANGING.has(type)) return {};
  if (INNER.has(type)) return innerType && { inner: innerType };
  if (type === 'object') return catchall && { ...shape, catchall };
  if (type === 'array') return element && { element };
  if (type === 'union') return options && Object.fromEntries(options.entries());
  if (type === 'tuple') return items && { ...Object.fromEntries(items.entries()), ...(rest && { rest }) };
  if (type === 'record') return keyType && valueType && { key: keyType, value: valueType };
  if (type === 'intersection') return left && right && { left, right };
  return type === 'lazy' && getter ? { lazy: getter() } : undefined;
};

const changing = (schema: z.core.$ZodType, path = '', seen = new Set<z.core.$ZodType>()): readonly string[] => {
  if (seen.has(schema)) return [];
  seen.add(schema);
  const definition = definitionOf(schema);
  const parts = partsOf(definition);
  if (parts === undefined) return [`${path}: ${definition.type}`];
  return Object.entries(parts).flatMap(([name, part]) => changing(part, `${path}/${name}`, seen));
};

const files = sourceFiles().filter((path) => /^domain\/(?!derived\/)\w+\/events\.ts$/.test(path));
const exported = await Promise.all(
  files.map(async (path) => {
    const module = (await import(pathToFileURL(join(ROOT, path)).href)) as Readonly<Record<string, unknown>>;
    return Object.entries(module).flatMap(([name, value]) => (value instanceof z.ZodType ? [{ path, name, schema: value }] : []));
  }),
);
const schemas = exported.flat();

const eventsIn = (schema: z.core.$ZodType): readonly (readonly [string, z.core.$ZodType])[] => {
  const { options, shape } = definitionOf(schema);
  if (options) return options.flatMap(eventsIn);
  const of = (name: string) => (shape?.[name]?._zod.def as { readonly values?: readonly unknown[] } | undefined)?.values?.[0];
  return of('type') === undefined || of('v') === undefined ? [] : [[`${of('type')}.v${of('v')}`, schema]];
};

test('a schema that may change a value is found', () => {
  const fine = strictObject(() => ({ a: z.string().nullable(), b: z.array(z.union([z.int(), z.literal('x')])) }));
  expect(changing(fine)).toEqual([]);
  for (const part of [
    z.string().transform(Number),
    z.string().default('x'),
    z.string().prefault('x'),
    z.string().catch('x'),
    z.string().trim(),
    z.coerce.number(),
    z.url({ normalize: true }),
    z.preprocess(String, z.string()),
    z.date(),
    object(() => ({})),
    z.array(z.string().toLowerCase()),
  ])
    expect(changing(strictObject(() => ({ part })))).toHaveLength(1);
});

test('the register’s documents are what JSON.parse makes of them', () => expect(changing(RegisterDoc)).toEqual([]));

describe('events', () => {
  test('there are schemas to judge', () => expect(schemas.length).toBeGreaterThan(files.length));

  test('each schema changes nothing that it takes', () =>
    expect(schemas.flatMap(({ path, name, schema }) => changing(schema, `${path} ${name}`))).toEqual([]));

  test('an event of each type, as it was decided, is the one that its stored bytes are parsed to', () => {
    const byType = new Map(schemas.flatMap(({ schema }) => eventsIn(schema)));
    const left = new Set(byType.keys());
    for (const story of Object.values(STORIES))
      for (const event of story().commits.flatMap(({ events }) => events)) {
        const name = `${event['type'] as string}.v${event['v'] as number}`;
        const schema = byType.get(name);
        if (schema === undefined) throw new Error(`no schema for ${name}`);
        expect(z.parse(schema, JSON.parse(canonical(event)) as JsonObject)).toStrictEqual(event);
        left.delete(name);
      }
    // The log's own commit, which stands in no log: `logAggregate` alone reads it.
    expect([...left]).toEqual(['CheckpointSigned.v1']);
  });
});
