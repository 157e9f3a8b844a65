import type * as z from 'zod';
import { commitmentNamed } from '../../domain/feature/eventFacts.ts';
import { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import type { NoticeFacts } from '../../domain/feature/notice.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import { safeParseOnce } from '../../domain/kernel/parseOnce.ts';
import type { Redaction } from '../../domain/redaction/state.ts';
import { REVOCATION_STREAM, RevocationRecorded } from '../../domain/revocation/events.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { ROSTER_STREAM } from '../../domain/roster/state.ts';

/** Something that an event names by its digest and that an order can hide, and its place. `revision`: null for what belongs to none. */
export type Named = Pick<Redaction, 'what' | 'key' | 'change' | 'revision' | 'commitment'>;

/** The events that can name something an order can hide. */
export type NamingEvent = FeatureEvent | RosterEvent | RevocationRecorded;

const FEATURES = featureStream('');

const documentIn = ({ sha256 }: NoticeFacts['documents'][number]): readonly Pick<Named, 'what' | 'commitment'>[] =>
  sha256 === undefined ? [] : [{ what: 'document', commitment: `sha256:${sha256}` }];

const digestsOf = (event: FeatureEvent): readonly Pick<Named, 'what' | 'commitment'>[] => {
  switch (event.type) {
    case 'ChangeNotified':
    case 'ChangeRevised':
      // Also documents: the bytes of one are kept although its change was closed before it could be attached.
      return [{ what: 'notice', commitment: event.digest }, ...event.notice.documents.flatMap(documentIn)];
    case 'ChangeWithdrawn':
      return [{ what: 'notice', commitment: event.digest }];
    case 'DocumentAttached':
      return [{ what: 'document', commitment: event.sha256 }];
    default: {
      const commitment = commitmentNamed(event);
      return commitment === null ? [] : [{ what: 'text', commitment }];
    }
  }
};

/** Returns the revision that an event is about; null if it is about a change as a whole, as a contest is, which outlives a revision. */
const revisionOf = (event: FeatureEvent): number | null => {
  if (event.type === 'ChangeNotified') return 1;
  return 'revision' in event && event.type !== 'MaintenanceContested' ? event.revision : null;
};

/** Returns what an event of a stream names: the texts of officials, the raw notices and the documents, attached or named in a notice by hash. */
export const namedBy = (stream: string, event: NamingEvent): readonly Named[] => {
  if (event.type === 'RosterRefused')
    return event.reason === null ? [] : [{ what: 'text', key: null, change: null, revision: null, commitment: event.reason }];
  if (event.type === 'RevocationRecorded') {
    const { key, change, reason } = event;
    return reason === null ? [] : [{ what: 'text', key, change, revision: null, commitment: reason }];
  }
  if (!('change' in event)) return [];
  const place = { key: stream.slice(FEATURES.length), change: event.change, revision: revisionOf(event) };
  return digestsOf(event).map((named) => ({ ...named, ...place }));
};

const schemaOf = (stream: string): z.ZodType<NamingEvent> | undefined => {
  if (stream.startsWith(FEATURES)) return FeatureEvent;
  if (stream === ROSTER_STREAM) return RosterEvent;
  return stream === REVOCATION_STREAM ? RevocationRecorded : undefined;
};

/** Parses the events of a commit that can name something; none of other streams. Leaves out malformed ones, which the judge refuses. */
export const namingEvents = (stream: string, events: readonly JsonObject[]): readonly NamingEvent[] => {
  const schema = schemaOf(stream);
  return schema === undefined ? [] : events.flatMap((event) => safeParseOnce(schema, event).data ?? []);
};
