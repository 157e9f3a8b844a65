import * as z from 'zod';
import { AccessEvent } from '../../../domain/access/events.ts';
import { DerivedEvent } from '../../../domain/derived/events.ts';
import { FeatureEvent } from '../../../domain/feature/events.ts';
import { strictObject } from '../../../domain/kernel/zodTypes.ts';
import { ObservationEvent } from '../../../domain/observation/events.ts';
import { PolicyEvent } from '../../../domain/policy/events.ts';
import { RedactionEvent } from '../../../domain/redaction/events.ts';
import { RevocationRecorded } from '../../../domain/revocation/events.ts';
import { RosterEvent } from '../../../domain/roster/events.ts';
import { VendorEvent } from '../../../domain/vendors/events.ts';
import type { CloudEvent, Pattern } from '../../platform/bus/port.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';

// Wire format: the types of published events. A type is permanent; a different shape is a new version.

export const SOURCE = 'aldergate';

/** Receipts and the log's own commits are internal. */
const FAMILIES = {
  feature: FeatureEvent,
  policy: PolicyEvent,
  roster: RosterEvent,
  vendor: VendorEvent,
  observation: ObservationEvent,
  redaction: RedactionEvent,
  revocation: RevocationRecorded,
  access: AccessEvent,
} as const;
type Family = keyof typeof FAMILIES;

/** Returns a stream's family; undefined if its events are not published. */
export const familyOf = (stream: string): Family | undefined => {
  const [first = ''] = stream.split('/', 1);
  return Object.hasOwn(FAMILIES, first) ? (first as Family) : undefined;
};

/** The family of events that follow from the log by rule or time and are not commits. */
export const DERIVED_FAMILY = 'derived';

export const eventTypeOf = (
  family: Family | typeof DERIVED_FAMILY,
  event: { readonly type: string; readonly v: number },
): string => `${SOURCE}.${family}.${event.type}.v${event.v}`;

/** Wire format: a commit was overwritten or deleted. */
const STORE_TAMPERED = `${SOURCE}.StoreTampered.v1`;

/** Commits are only ever inserted. */
const StoreTampered = strictObject(() => ({ stream: z.string(), version: z.int(), change: z.enum(['MODIFY', 'REMOVE']) }));
type StoreTampered = z.infer<typeof StoreTampered>;

/** `id`: that of the stream record, which distinguishes a repeat from a second incident. */
export const storeTampered = (id: string, at: string, { stream, version, change }: StoreTampered): CloudEvent => ({
  specversion: '1.0',
  id: `tampered-${id}`,
  source: SOURCE,
  type: STORE_TAMPERED,
  subject: stream,
  time: at,
  datacontenttype: 'application/json',
  sequence: version,
  data: { stream, version, change },
});

export const TAMPERED_RULE = { source: [SOURCE], 'detail-type': [STORE_TAMPERED] } as const satisfies Pattern;

/** The key of its feature, the id of its vendor, the commitment of a redacted text; for the city's own rules the name of the stream. */
const subjectOf = (stream: string): string => stream.slice(stream.indexOf('/') + 1);

const named = (event: { readonly type?: unknown; readonly v?: unknown }) => {
  const { type, v } = event;
  if (typeof type !== 'string' || typeof v !== 'number') throw new Error('an event without type or version');
  return { type, v };
};

/** Returns the events of a commit; empty for a stream that is not published. */
export const cloudEventsOf = (record: StoredCommit): readonly CloudEvent[] => {
  const family = familyOf(record.stream);
  if (family === undefined) return [];
  const { id, at, events } = commitOf(record);
  return events.map((event, index) => ({
    specversion: '1.0',
    id: `${id}-${index}`,
    source: SOURCE,
    type: eventTypeOf(family, named(event)),
    subject: subjectOf(record.stream),
    time: at,
    datacontenttype: 'application/json',
    sequence: record.version,
    data: event,
  }));
};

const subjectOfDerived = (event: DerivedEvent): string => ('key' in event ? event.key : (event.task.key ?? event.task.vendor));

/** The same event has the same id and bytes each time. */
export const derivedCloudEvent = ({ id, event }: { readonly id: string; readonly event: DerivedEvent }): CloudEvent => ({
  specversion: '1.0',
  id,
  source: SOURCE,
  type: eventTypeOf(DERIVED_FAMILY, event),
  subject: subjectOfDerived(event),
  time: event.at,
  datacontenttype: 'application/json',
  sequence: event.sequence,
  data: event,
});

export const isDerivedType = (type: string): boolean => type.startsWith(`${SOURCE}.${DERIVED_FAMILY}.`);

/** Families of a single stream, which has the family's name. */
const SINGLE = new Set(['policy', 'roster', 'revocation']);

/** Returns an event's stream; undefined for an event without one. */
export const streamOf = ({ type, subject }: { readonly type: string; readonly subject: string }): string | undefined => {
  const [, family = ''] = type.split('.', 2);
  if (familyOf(family) === undefined) return undefined;
  return SINGLE.has(family) ? family : `${family}/${subject}`;
};

type Json = Readonly<Record<string, unknown>>;

const literal = (schema: unknown): unknown => (schema instanceof z.ZodLiteral ? schema.value : undefined);

/** An event is described by an object, or by a union of them. */
const membersOf = (schema: z.ZodType): readonly z.ZodObject[] =>
  schema instanceof z.ZodObject ? [schema] : ((schema as z.ZodDiscriminatedUnion).options as z.ZodType[]).flatMap(membersOf);

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
