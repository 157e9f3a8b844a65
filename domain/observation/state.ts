// Storage format: the state stored beside each commit, a cache of the fold. Change it only with OBSERVATION_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
import { VendorId } from '../vendors/keys.ts';
import { Source } from './events.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const OBSERVATION_STATE_VERSION = 3;

/** Stands before the source of an attestation. It is escaped in the name of a source, so no reported source can produce it. */
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

/** `newest`: when the newest report looked, and a fingerprint of what it says. `recent`: fingerprints of whole reports. No values. */
export const ObservationState = strictObject(() => ({
  newest: z.strictObject({ observedAt: Instant, says: z.string() }).nullable(),
  recent: z.array(z.string()),
}));
export type ObservationState = z.infer<typeof ObservationState>;

export const initialObservationState: ObservationState = { newest: null, recent: [] };
