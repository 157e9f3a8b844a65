import * as z from 'zod';
import { DerivedEvent } from '../../../domain/derived/events.ts';
import { DERIVED_FAMILY, eventTypeOf, FAMILIES, type Family, SOURCE, STORE_TAMPERED, StoreTampered } from './cloudEvents.ts';

type Json = Readonly<Record<string, unknown>>;

const literal = (schema: unknown): unknown => (schema instanceof z.ZodLiteral ? schema.value : undefined);

const membersOf = (schema: z.ZodType): readonly z.ZodObject[] => {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodDiscriminatedUnion) return (schema.options as z.ZodType[]).flatMap(membersOf);
  throw new Error('an event is described by something that is neither an object nor a union of objects');
};

/** Under its name, and beside it the definitions that it refers to. */
const entriesOf = (type: string, schema: z.ZodType): Json => {
  const { $schema: _, $defs: shared, ...own } = z.toJSONSchema(schema, { target: 'draft-2020-12', unrepresentable: 'any' });
  return { ...shared, [type]: own };
};

const typeOf = (family: Family | typeof DERIVED_FAMILY, { shape: { type, v } }: z.ZodObject): string =>
  eventTypeOf(family, { type: String(literal(type)), v: Number(literal(v)) });

/**
 * The JSON Schema (draft 2020-12) of every event on the bus, made from the schemas that parse events. Takes some milliseconds: ask
 * once.
 */
export const eventSchemas = (): Json => {
  const families = Object.entries({ ...FAMILIES, [DERIVED_FAMILY]: DerivedEvent }) as [
    Family | typeof DERIVED_FAMILY,
    z.ZodType,
  ][];
  const types = new Map<string, z.ZodType>([
    ...families.flatMap(([family, schema]) => membersOf(schema).map((member) => [typeOf(family, member), member] as const)),
    [STORE_TAMPERED, StoreTampered],
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Events of Aldergate',
    type: 'object',
    required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'datacontenttype', 'sequence', 'data'],
    properties: {
      specversion: { const: '1.0' },
      id: {
        type: 'string',
        description:
          'The id of the commit and the index in it, or the cause of a derived event and its key; the same each time it is sent.',
      },
      source: { const: SOURCE },
      type: { enum: [...types.keys()] },
      subject: { type: 'string', description: 'The key of the feature, else the stream.' },
      time: {
        type: 'string',
        format: 'date-time',
        description: 'The instant of the commit, or from which a derived event is so.',
      },
      datacontenttype: { const: 'application/json' },
      sequence: {
        type: 'integer',
        minimum: 0,
        description: 'The version of the stream; of a derived event the index in the public log of the entry that caused it.',
      },
    },
    oneOf: [...types.keys()].map((type) => ({
      properties: { type: { const: type }, data: { $ref: `#/$defs/${type}` } },
    })),
    $defs: Object.assign({}, ...[...types].map(([type, schema]) => entriesOf(type, schema))) as Json,
  };
};
