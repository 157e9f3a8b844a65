import * as z from 'zod';
import { eventTypeOf, FAMILIES, type Family, SOURCE } from '../../../../functions/reactions/relay/catalogue.ts';
import { STORE_TAMPERED, StoreTampered } from '../../../../functions/reactions/relay/tampered.ts';

/** One type of event, with the JSON Schema of its data. */
export interface CatalogueEntry {
  readonly type: string;
  readonly family: Family;
  readonly schema: unknown;
}

const literal = (schema: z.ZodType): unknown => (schema instanceof z.ZodLiteral ? schema.value : undefined);

const memberEntries = (family: Family, member: z.ZodObject): CatalogueEntry => {
  const { type, v } = member.shape;
  return {
    type: eventTypeOf(family, { type: String(literal(type as z.ZodType)), v: Number(literal(v as z.ZodType)) }),
    family,
    schema: z.toJSONSchema(member, { target: 'draft-2020-12', unrepresentable: 'any' }),
  };
};

const membersOf = (schema: z.ZodType): readonly z.ZodObject[] => {
  if (schema instanceof z.ZodObject) return [schema];
  if (schema instanceof z.ZodDiscriminatedUnion) return (schema.options as z.ZodType[]).flatMap(membersOf);
  throw new Error('an event is described by something that is neither an object nor a union of objects');
};

/** Returns every type of event that can appear on the bus, derived from the schemas that parse events. */
export const catalogue = (): readonly CatalogueEntry[] =>
  (Object.keys(FAMILIES) as Family[]).flatMap((family) =>
    membersOf(FAMILIES[family]).map((member) => memberEntries(family, member)),
  );

const FENCE = '```';

/**
 * Returns the catalogue entry of an event that no stream holds: a commit was overwritten or deleted behind the gate. `subject` is
 * its stream, `sequence` its version.
 */
const incident = (): Pick<CatalogueEntry, 'type' | 'schema'> => ({
  type: STORE_TAMPERED,
  schema: z.toJSONSchema(StoreTampered, { target: 'draft-2020-12' }),
});

/**
 * Renders the catalogue of events as a page for people, `docs/events.md`: generated, never edited; a test fails when it is stale.
 */
export const eventsDocument = (): string => {
  const entries = [...catalogue(), incident()];
  const contents = entries.map(({ type }) => `- [${type}](#${type.toLowerCase().replaceAll('.', '')})`);
  const chapters = entries.map(({ type, schema }) =>
    [`## ${type}`, '', `${FENCE}json`, JSON.stringify(schema, null, 2), FENCE].join('\n'),
  );
  return `${[
    '# Events on the bus',
    '',
    'Made from the schemas in the code: `npx vitest run -u test/functions/reactions/relay/document.test.ts` writes it anew.',
    '',
    `Every event is a CloudEvents 1.0 object; on EventBridge it is the detail, with source \`${SOURCE}\` and its type as detail-type.`,
    'Events come at least once, and in order within a subject. Drop what you have seen: `id` is the id of the commit and the index in',
    'it, the same each time. `subject` is the key of the feature (else the stream), `sequence` the version of its stream, `time` the',
    'instant of the commit. An event is published once its commit was judged and is in the public log. The schemas below are those of',
    '`data`.',
    '',
    ...contents,
    '',
    chapters.join('\n\n'),
  ].join('\n')}\n`;
};
