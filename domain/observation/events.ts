import * as z from 'zod';
import { Digest, FeatureKey, Instant, LineText, Sha256Hex, SignedMessage, SourceName, strictObject } from '../kernel/zodTypes.ts';
import { HolderId } from '../roster/schema.ts';

// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.

export const FEATURES_MAX = 1_000;
export const AGENCIES_MAX = 40;

export const ObservedAgency = LineText(80);
export const ObservedVersion = LineText(100);

/**
 * What was seen of one key. `true` and `false` alone state nothing of agencies and version, nor does an omitted field of an object. A
 * feature that is off is off for every agency, so it names none.
 */
export const ObservedValue = z
  .union([
    z.boolean(),
    z.strictObject({
      on: z.boolean().describe('Whether it was seen on.'),
      agencies: z.array(ObservedAgency).min(1).max(AGENCIES_MAX).exactOptional().describe('The agencies it is on for.'),
      version: ObservedVersion.exactOptional().describe('The version that runs.'),
    }),
  ])
  .refine((value) => typeof value === 'boolean' || value.on || value.agencies === undefined, {
    error: 'names agencies of what is off',
  });
export type ObservedValue = z.infer<typeof ObservedValue>;

/** A missing key was not looked at, which does not mean "off". */
export const Observed = z.record(FeatureKey, ObservedValue).refine((features) => Object.keys(features).length <= FEATURES_MAX, {
  error: `has more than ${FEATURES_MAX} features`,
});
export type Observed = z.infer<typeof Observed>;

export const Evidence = strictObject(() => ({ sha256: Sha256Hex, title: LineText(200) }));
export type Evidence = z.infer<typeof Evidence>;

export const Source = SourceName;

export const ObservationNote = LineText(500);

/** A vendor's signature of an attestation. `digest`: of the exact bytes that were signed, which are kept beside the commit. */
export const SignedReport = strictObject(() => ({
  digest: Digest,
  key: z.string(),
  scheme: z.enum(['v1a', 'v1']),
  message: SignedMessage,
}));
export type SignedReport = z.infer<typeof SignedReport>;

/** `attested`: the vendor signed it, and `signed` is there; `person`: whose token reported it, null for a token without a person. */
const ObservationRecorded = strictObject(() => ({
  type: z.literal('ObservationRecorded'),
  v: z.literal(1),
  at: Instant,
  source: Source,
  observedAt: Instant,
  attested: z.boolean(),
  person: HolderId.nullable(),
  features: Observed,
  evidence: Evidence.nullable(),
  note: ObservationNote.nullable(),
  signed: SignedReport.exactOptional(),
}));

export const ObservationEvent = z.discriminatedUnion('type', [ObservationRecorded]);
export type ObservationEvent = z.infer<typeof ObservationEvent>;
