import * as z from 'zod';
import { CITY, vendorOf } from '../feature/keys.ts';
import { canonical, digestOf } from '../kernel/canonical.ts';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { pointerOf } from '../kernel/json.ts';
import { FeatureKey, Instant, strictObject } from '../kernel/zodTypes.ts';
import { isDate, plusDuration, toInstant } from '../kernel/zone.ts';
import { VendorId } from '../vendors/events.ts';
import { Evidence, type ObservationEvent, ObservationNote, ObservedValue, Source } from './events.ts';

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const OBSERVATION_STATE_VERSION = 3;

/**
 * The mark before the source of an attestation. A percent-encoded source name never contains it, so no reported source can collide with an
 * attested one.
 */
const ATTESTED = '@';

/** A source at a vendor. `attested`: the vendor signs what it reports. */
export interface ObservationPlace {
  readonly vendor: string;
  readonly source: string;
  readonly attested: boolean;
}

/** Returns `observation/<vendor>/<source>`, for attestations `observation/<vendor>/@<source>`; the source is percent-encoded UTF-8. */
export const observationStream = (vendor: string, source: string, attested: boolean): string =>
  `observation/${vendor}/${attested ? ATTESTED : ''}${encodeURIComponent(source.toWellFormed())}`;

const STREAM = /^observation\/(?<vendor>[^/]+)\/(?<attested>@?)(?<source>[^/]+)$/;

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/** Returns whose stream a name is; undefined for any name that `observationStream` does not return. */
export const placeOfObservation = (stream: string): ObservationPlace | undefined => {
  const { vendor, attested, source: encoded } = STREAM.exec(stream)?.groups ?? {};
  const source = encoded === undefined ? undefined : decoded(encoded);
  if (!VendorId.safeParse(vendor).success || !Source.safeParse(source).success) return undefined;
  const place = { vendor: vendor ?? '', source: source ?? '', attested: attested === ATTESTED };
  return observationStream(place.vendor, place.source, place.attested) === stream ? place : undefined;
};

/**
 * `newest`: when the newest report looked, and a fingerprint of its content. `recent`: fingerprints of whole reports. No values.
 */
export const ObservationState = strictObject(() => ({
  newest: z.strictObject({ observedAt: Instant, says: z.string() }).nullable(),
  recent: z.array(z.string()),
}));
export type ObservationState = z.infer<typeof ObservationState>;

const initialObservationState: ObservationState = { newest: null, recent: [] };

const RECENT_MAX = 32;
const FINGERPRINT_CHARS = 16;

const fingerprint = (text: string): string => digestOf(text).slice('sha256:'.length, 'sha256:'.length + FINGERPRINT_CHARS);

type Said = Pick<ObservationEvent, 'features' | 'person' | 'evidence' | 'note'>;

/** A second person with the same observation, and evidence for it, count as news. */
const says = ({ features, person, evidence, note }: Said): string => fingerprint(canonical({ features, person, evidence, note }));

const wholeOf = (report: Said & Pick<ObservationEvent, 'observedAt'>): string =>
  fingerprint(`${report.observedAt} ${says(report)}`);

const evolveObservation = ({ newest, recent }: ObservationState, event: ObservationEvent): ObservationState => {
  const isNewest = newest === null || newest.observedAt <= event.observedAt;
  return {
    newest: isNewest ? { observedAt: event.observedAt, says: says(event) } : newest,
    recent: [...recent, wholeOf(event)].slice(-RECENT_MAX),
  };
};

export type ObservationRejection = 'other-vendor' | 'observed-in-future';

const SKEW = 'PT5M';
/** After this a report without news is recorded, as a sign of life. */
const HEARTBEAT = 'PT1H';

export type RecordObservation = Omit<ObservationEvent, 'type' | 'v'> & {
  readonly type: 'recordObservation';
  readonly vendor: string;
  /** Something waits for this report, so it is recorded even without news. */
  readonly awaited?: boolean;
};

type Decided = Decision<ObservationEvent, ObservationRejection>;

const decide = (command: RecordObservation, state: ObservationState): Decided => {
  const { type: _type, vendor, awaited = false, ...report } = command;
  const { at, observedAt, features } = report;
  if (vendor === CITY) return reject('other-vendor', `${vendor} is the city’s own, and no vendor.`, '/vendor');
  const strange = Object.keys(features).find((key) => vendorOf(key) !== vendor);
  if (strange !== undefined)
    return reject('other-vendor', `${strange} is not a feature of ${vendor}.`, pointerOf(['features', strange]));
  // A time ahead of this clock would outrank every later report until it has passed.
  if (observedAt > plusDuration(at, SKEW, 'UTC'))
    return reject('observed-in-future', 'Nothing can have been observed yet at this time.', '/observedAt');
  if (state.recent.includes(wholeOf(report)) || !(awaited || isNews(report, state))) return nothing;
  return accept<ObservationEvent>({ type: 'ObservationRecorded', v: 1, ...report });
};

const isNews = (report: Omit<RecordObservation, 'type' | 'vendor' | 'awaited'>, { newest }: ObservationState): boolean => {
  if (newest === null || newest.says !== says(report)) return true;
  return report.observedAt < newest.observedAt || report.observedAt >= plusDuration(newest.observedAt, HEARTBEAT, 'UTC');
};

export const observationDecider: Decider<RecordObservation, ObservationState, ObservationEvent, ObservationRejection> = {
  initialState: initialObservationState,
  decide,
  evolve: evolveObservation,
};

// Wire format: what is seen at a vendor, as it is posted and as a vendor signs it.

const instantOf = (text: string): string | undefined => (isDate(text) ? undefined : toInstant(text, 'UTC'));

/** A report of what was seen at a vendor. A key that is not named was not looked at. */
export const ObservationReport = strictObject(() => ({
  vendor: VendorId.describe('The vendor whose settings were looked at.'),
  source: Source.describe('Who or what looked.'),
  observedAt: z
    .string()
    .max(40)
    .refine((text) => instantOf(text) !== undefined, 'is not an instant such as 2026-04-01T00:00:00Z')
    .describe('The instant at which it was seen, in any offset.'),
  features: z
    .record(FeatureKey, ObservedValue)
    .describe(
      'What was seen of each key that was looked at, at most 1,000: true or false, or an object that also names the agencies it is on for, or the version. What is left out is not known.',
    ),
  evidence: Evidence.exactOptional().describe('The document the observation was read from.'),
  note: ObservationNote.exactOptional().describe('A remark in one line, shown beside what was seen.'),
}));
export type ObservationReport = z.infer<typeof ObservationReport>;

export type ReportedFacts = Pick<ObservationEvent, 'source' | 'observedAt' | 'features' | 'evidence' | 'note'>;

/** Returns what a report states in an event. */
export const factsOfReport = ({ source, observedAt, features, evidence, note }: ObservationReport): ReportedFacts => {
  const at = instantOf(observedAt) ?? observedAt;
  return { source, observedAt: at, features, evidence: evidence ?? null, note: note ?? null };
};
