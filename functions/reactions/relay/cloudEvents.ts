import type { CloudEvent } from '../../platform/bus/port.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { eventTypeOf, familyOf, SOURCE } from './catalogue.ts';

/**
 * Returns the subject of an event: the key of its feature, the id of its vendor, the commitment of a redacted text; for the
 * city's own rules the name of the stream.
 */
const subjectOf = (stream: string): string => stream.slice(stream.indexOf('/') + 1);

/** Checks for a type and a version, without which an event cannot be named on a bus: storage returns arbitrary JSON. */
const named = (event: { readonly type?: unknown; readonly v?: unknown }) => {
  const { type, v } = event;
  if (typeof type !== 'string' || typeof v !== 'number') throw new Error('an event without type or version');
  return { type, v };
};

/** Returns the events of a commit as published, in their order; empty for a stream that is not published. */
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

/** Families of one stream each, which has the family's name. */
const SINGLE = new Set(['policy', 'roster', 'revocation']);

/**
 * Returns the stream that an event on the bus came from, for consumers that use the event only as a trigger; undefined for an
 * event without a stream.
 */
export const streamOf = ({ type, subject }: { readonly type: string; readonly subject: string }): string | undefined => {
  const [source, family = ''] = type.split('.', 2);
  if (source !== SOURCE || familyOf(family) === undefined) return undefined;
  return SINGLE.has(family) ? family : `${family}/${subject}`;
};
