// Storage format: the public log and every change pinned to a policy hold it. Widen with care, never change a meaning.
import * as z from 'zod';
import { DurationText, Id, LineText, SafeUrl, Sha256Hex, SourceName, strictObject } from '../kernel/zodTypes.ts';

export const KINDS = ['contract', 'new-feature', 'update', 'data-sharing', 'terms', 'removal'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * The possible impacts of a change: the triggers of a new approval in the surveillance ordinances of Oakland, San Diego, Seattle
 * and others.
 */
export const IMPACTS = [
  'purpose',
  'manner',
  'location',
  'dataTypes',
  'sharing',
  'retention',
  'integration',
  'cost',
  'oversight',
] as const;
export type Impact = (typeof IMPACTS)[number];
export type ImpactValue = 'changed' | 'unchanged' | 'unknown';

export const INSTRUMENTS = ['certification', 'signature', 'ballots', 'advice'] as const;
export type Instrument = (typeof INSTRUMENTS)[number];

const Size = z.int('must be a whole number').min(1, 'must be at least 1').max(1000, 'must be at most 1000');

/**
 * `of` names the denominator (see `denominatorOf`); recused seats stay in it unless `recused` is `excluded`. A number is absolute.
 */
export const Threshold = strictObject(() => ({
  yes: z.union([z.enum(['majority', 'two-thirds', 'unanimous']), Size], {
    error: 'must be majority, two-thirds, unanimous or a number of seats from 1',
  }),
  of: z.enum(['seats', 'filled', 'present']),
  recused: z.literal('excluded').exactOptional(),
}));
export type Threshold = z.infer<typeof Threshold>;

const ConfirmedBy = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}(?:\/[a-z0-9][a-z0-9._-]{0,63})?$/, 'must be a body, or body/seat');

/** The time for a second vote, as durations after the veto: held from the day of `notBefore`, certified by `notAfter`. */
const OverrideTime = strictObject(() => ({
  notBefore: DurationText.exactOptional(),
  notAfter: DurationText,
}));

/** A second certified vote of `yes` seats on the same digest, in time. `checkPolicy` rejects one without `confirmedBy`. */
export const Override = strictObject(() => ({
  requirement: Id,
  yes: Size,
  within: z.union([DurationText, OverrideTime], {
    error: 'must be a duration such as P30D, or an object of notBefore and notAfter',
  }),
  confirmedBy: ConfirmedBy.exactOptional(),
})).meta({ id: 'Override', description: 'How a refusal can be overturned.' });
export type Override = z.infer<typeof Override>;

/** `checkPolicy` checks which fields go with which instrument, so that it can give the reason. */
export const Requirement = strictObject(() => ({
  id: Id,
  body: Id,
  instrument: z.enum(INSTRUMENTS),
  threshold: Threshold.exactOptional(),
  quorum: Size.exactOptional(),
  after: z.array(Id).max(10).exactOptional(),
  deadline: DurationText.exactOptional(),
  override: Override.exactOptional(),
  confirmedBy: ConfirmedBy.exactOptional(),
}));
export type Requirement = z.infer<typeof Requirement>;

/**
 * A requirement as pinned to a change. `seats`: of its body under the policy then in force, if its threshold is a share of the seats:
 * seats that a later policy removes stay in the denominator.
 */
export const PinnedRequirement = Requirement.extend({ seats: z.int().min(1).max(200).exactOptional() });
export type PinnedRequirement = z.infer<typeof PinnedRequirement>;

/** The changes that a rule applies to: all given parts must match; an empty one matches everything. */
export const When = strictObject(() => ({
  kind: z.array(z.enum(KINDS)).min(1).max(KINDS.length).exactOptional(),
  key: z.array(z.string().min(1).max(250)).min(1).max(50).exactOptional(),
  impact: z.array(z.enum(IMPACTS)).min(1).max(IMPACTS.length).exactOptional(),
}));
export type When = z.infer<typeof When>;

const DocumentKind = z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a short word of a-z, 0-9 and hyphens');

/** Clocks are calendar arithmetic in the city's time zone. */
export const Rule = strictObject(() => ({
  id: Id,
  when: When,
  require: z.array(Requirement).min(1, 'names no one: a change under this rule would need no approval').max(10),
  documents: z.array(DocumentKind).max(20).exactOptional(),
  notice: DurationText.exactOptional(),
  window: DurationText.exactOptional(),
  term: DurationText.exactOptional(),
}));
export type Rule = z.infer<typeof Rule>;

/** The legal act that the policy rests on; shown in public, never required. */
const Authority = strictObject(() => ({
  kind: z.enum(['contract-clause', 'resolution', 'ordinance']),
  number: LineText(100).exactOptional(),
  url: SafeUrl.exactOptional(),
  sha256: Sha256Hex.exactOptional(),
}));

/** Absent: never. */
export const PasskeyRule = z.enum(['off', 'when-enrolled', 'required']);
export type PasskeyRule = z.infer<typeof PasskeyRule>;

/** Who reports what is on: the vendor, the city, or an independent audit. */
export const SOURCE_KINDS = ['city', 'vendor', 'audit'] as const;
export type SourceKind = (typeof SOURCE_KINDS)[number];

const SOURCES_MAX = 20;

/** `every`: a source without a report for longer is silent, and what it saw is no longer known. */
const ObservingSource = strictObject(() => ({ kind: z.enum(SOURCE_KINDS), every: DurationText }));

/**
 * The sources that observe what is on at the vendors, by name. `membersAfter`: how long something is on without permission before the
 * approvers are notified, default P1D; `grace`: how long after the end of an approval the first mail waits, default P0D.
 */
export const Observing = strictObject(() => ({
  sources: z
    .record(SourceName, ObservingSource)
    .refine((sources) => Object.keys(sources).length > 0, 'names no source')
    .refine((sources) => Object.keys(sources).length <= SOURCES_MAX, `names more than ${SOURCES_MAX} sources`),
  membersAfter: DurationText.exactOptional(),
  grace: DurationText.exactOptional(),
})).meta({ id: 'Observing', description: 'Who looks at what is on at the vendors.' });
export type Observing = z.infer<typeof Observing>;

/** The defaults of {@link Observing}. */
export const MEMBERS_AFTER = 'P1D';
export const GRACE = 'P0D';

/** A city's rules. First match wins; the last rule must match everything. */
export const Policy = strictObject(() => ({
  name: LineText(200),
  version: LineText(100),
  authority: Authority.exactOptional(),
  rules: z.array(Rule).min(1, 'has no rule').max(50),
  passkeys: PasskeyRule.exactOptional(),
  webhooks: z
    .array(z.enum(['v1a', 'v1']))
    .min(1)
    .max(2)
    .exactOptional(),
  observe: Observing.exactOptional(),
}));
export type Policy = z.infer<typeof Policy>;
