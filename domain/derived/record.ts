import * as z from 'zod';
import { VARIANTS } from '../feature/evaluate.ts';
import { CHANGE_STATUSES } from '../feature/state.ts';
import { Digest, Instant, strictObject } from '../kernel/zodTypes.ts';
import { Evidence } from '../observation/events.ts';
import { KINDS, SOURCE_KINDS } from '../policy/schema.ts';
import { RevocationState } from '../revocation/decide.ts';

/** Most pressing first. */
export const TASK_KINDS = ['switch-off', 'opt-out', 'look', 'switch-on'] as const;
export type TaskKind = (typeof TASK_KINDS)[number];

/** The cause of a task; pages and mails have a sentence for each. */
const TASK_CAUSES = [
  'announced',
  'not-stated',
  'cannot-opt-out',
  'takes-effect',
  'took-effect',
  'slow-roll-out',
  'opted-out',
  'withdrawn-late',
  'ends',
  'ended',
  'revoked',
  'outdated',
  'removed',
  'seen-on',
  'never-announced',
  'seen-on-for-others',
  'seen-other-version',
  'for-fewer',
  'approved',
  'silent',
] as const;
export type TaskCause = (typeof TASK_CAUSES)[number];

/**
 * Wire format. What the city must do at a vendor by a day. `since`: when it opened; `by`: when it must be done; null: no day.
 * `because`: why; `how`: the vendor's words; `change`: `KEY/N`, and `digest` of its wording; both null where it is about none.
 * `key` null: it is about a source that is silent. `below`: how many keys beneath follow the same limit; `agencies`: for whom to
 * switch on or off; null: for all, but those of `except`. `urgent`: overdue, or seen on without approval.
 */
export const Task = strictObject(() => ({
  key: z.string().nullable(),
  kind: z.enum(TASK_KINDS),
  vendor: z.string(),
  source: z.string().exactOptional(),
  since: Instant,
  by: Instant.nullable(),
  how: z.string().nullable(),
  because: z.enum(TASK_CAUSES),
  change: z.string().nullable(),
  digest: Digest.nullable(),
  agencies: z.array(z.string()).nullable(),
  except: z.array(z.string()).exactOptional(),
  below: z.int(),
  urgent: z.boolean(),
}));
export type Task = z.infer<typeof Task>;

/**
 * Returns what makes two tasks the same one, whatever its day, its reason and its urgency became: a key is to be switched off or on once, a
 * wording opted out of once; a look is at a wording, or a source, and from an instant on.
 */
export const taskIdentity = ({ key, kind, vendor, source = '', change, digest, since }: Task): string => {
  const place = key ?? `~${vendor}/${encodeURIComponent(source)}`;
  const wording = [change ?? '', digest ?? ''];
  const about = kind === 'opt-out' ? wording : kind === 'look' ? [...wording, since] : [];
  return [place, TASK_KINDS.indexOf(kind), ...about].join('/');
};

// Storage format of what is derived of one key, in the side store. It follows from the log alone and may be thrown away.

/** Raise whenever a shape below or what the fold makes of an entry changes: the records are then folded anew from the log. */
export const DERIVED_VERSION = 20;

/** What is seen of a key at the vendor. `agencies`, `version` null: unknown. */
export const Seen = strictObject(() => ({
  on: z.boolean(),
  agencies: z.array(z.string()).nullable(),
  version: z.string().nullable(),
}));
export type Seen = z.infer<typeof Seen>;

/**
 * The answer for a key at an instant. `version`: the approved one; `change`: the one that the answer is about; `fault`: a record that it
 * depends on cannot be read.
 */
export const KeyAnswer = strictObject(() => ({
  onFor: z.union([z.enum(['all', 'none']), z.array(z.string())]),
  variant: z.enum(VARIANTS),
  because: z.string(),
  change: z.int().nullable(),
  version: z.string().nullable(),
  since: Instant,
  fault: z.literal(true).exactOptional(),
}));
export type KeyAnswer = z.infer<typeof KeyAnswer>;

/**
 * A source's statement about a key, which can close what others reported. `evidence`: whether it came with any; `until`: when the source
 * took it back.
 */
export const SourceStatement = strictObject(() => ({
  kind: z.enum(SOURCE_KINDS),
  named: z.boolean(),
  person: z.string().nullable(),
  evidence: z.boolean(),
  observedAt: Instant,
  sequence: z.int(),
  until: Instant.nullable(),
}));
export type SourceStatement = z.infer<typeof SourceStatement>;

/**
 * The newest report of one source about a key. `attested`: signed by the vendor, so another source than a reported one of the same name;
 * `named`: the policy named the source then; `person`: whose token reported it; `sequence`: of the commit in the log;
 * `seen`: with what the source said before of agencies and version, while it stays on; `saidAgencies`, `saidVersion`: when it said just
 * that, the last times; `denials`: when it said off, the last times. `exceeds`: since when it exceeds what is approved; null if it does
 * not, or a later report that may do so closed it, and then `closed`.
 */
export const Report = strictObject(() => ({
  source: z.string(),
  attested: z.boolean(),
  kind: z.enum(SOURCE_KINDS),
  named: z.boolean(),
  person: z.string().nullable(),
  observedAt: Instant,
  sequence: z.int(),
  seen: Seen,
  evidence: Evidence.nullable(),
  note: z.string().nullable(),
  exceeds: Instant.nullable(),
  closed: z.boolean(),
  saidAgencies: z.array(SourceStatement),
  saidVersion: z.array(SourceStatement),
  denials: z.array(SourceStatement),
}));
export type Report = z.infer<typeof Report>;

export const DRIFT_KINDS = ['removed', 'never-announced', 'not-approved', 'audience', 'version'] as const;
export type DriftKind = (typeof DRIFT_KINDS)[number];

/**
 * A time during which a key was seen on beyond what is approved. `since`: when it began, as seen; `byEnd`: an approval that ended
 * opened it, and no report; `openedAt`, `sequence`: the instant and the index of the entry, or boundary of time, that opened it;
 * `until` null: open. `approved`: what was approved when it opened; `sources`: who reported it; `confirmed`: by a second source or
 * person; `closedBy`: the source of the report, or the change approved.
 */
export const DriftCase = strictObject(() => ({
  kind: z.enum(DRIFT_KINDS),
  since: Instant,
  until: Instant.nullable(),
  openedAt: Instant,
  byEnd: z.boolean(),
  sequence: z.int(),
  closedAt: Instant.nullable(),
  seen: Seen,
  approved: KeyAnswer,
  sources: z.array(strictObject(() => ({ source: z.string(), kind: z.enum(SOURCE_KINDS), person: z.string().nullable() }))),
  confirmed: z.boolean(),
  evidence: z.array(Evidence),
  closedBy: z.union([strictObject(() => ({ source: z.string() })), strictObject(() => ({ change: z.int() }))]).nullable(),
}));
export type DriftCase = z.infer<typeof DriftCase>;

/** A recorded opt-out of the wording that stands. `counts`: it was in time, or two persons confirmed it. */
export const KnownOptOut = strictObject(() => ({
  at: Instant,
  person: z.string(),
  evidence: Evidence.nullable(),
  counts: z.boolean(),
}));
export type KnownOptOut = z.infer<typeof KnownOptOut>;

/**
 * What tasks need of one change, in its newest wording. `at`: when the wording arrived; `from`: when its approval begins or began;
 * `until`: when that ends by its dates; `ended`: when it was closed or its approval ended; `maintenance`: it counts as such;
 * `withdrawn`: when the vendor withdrew it; `rolledBack`: two persons confirmed it; `announced`: false for an entry of the
 * inventory; `contested`: when what came as maintenance was contested; `recordable`: an opt-out of it can be recorded.
 */
export const ChangeRecord = strictObject(() => ({
  n: z.int(),
  revision: z.int(),
  digest: Digest,
  title: z.string(),
  kind: z.enum(KINDS),
  version: z.string().nullable(),
  optOut: z.enum(['yes', 'no', 'unknown']),
  optOutBy: Instant.nullable(),
  optOutHow: z.string().nullable(),
  withoutAction: z.enum(['on', 'off', 'unknown']),
  effectiveAt: Instant.nullable(),
  at: Instant,
  status: z.enum(CHANGE_STATUSES),
  from: Instant.nullable(),
  until: Instant.nullable(),
  ended: Instant.nullable(),
  maintenance: z.boolean(),
  announced: z.boolean(),
  optedOut: KnownOptOut.nullable(),
  withdrawn: Instant.nullable(),
  rolledBack: z.boolean(),
  contested: Instant.nullable(),
  recordable: z.boolean(),
}));
export type ChangeRecord = z.infer<typeof ChangeRecord>;

/** What a key passes to those beneath it, regardless of those above. `audience` null: every agency. */
export const OwnAnswer = strictObject(() => ({ variant: z.enum(VARIANTS), audience: z.array(z.string()).nullable() }));
export type OwnAnswer = z.infer<typeof OwnAnswer>;

export const CASES_MAX = 50;

/**
 * One key as the log up to `sequence` and the time up to `at` give it. `version`: of its stream; 0: it has none. `allowed`: what was
 * answered lately, each answer with other limits than the one before, the newest at the end. `offSince`: when it last went from on, if
 * only for some, to off for all; null while it is on, or if it never was. `cases`: the newest at the end, at most {@link CASES_MAX};
 * `countsFor`: the key above whose task stands for this one's; `below`: how many keys beneath count for this one; `tasks`: those open
 * at `at`; `next`: the next instant at which time alone can change any of it, but by a key above, which leads to those beneath;
 * `recorded`: revocations beside its stream.
 */
export const KeyRecord = strictObject(() => ({
  derivedVersion: z.literal(DERIVED_VERSION),
  key: z.string(),
  sequence: z.int(),
  at: Instant,
  version: z.int(),
  answer: KeyAnswer.nullable(),
  own: OwnAnswer,
  allowed: z.array(KeyAnswer),
  offSince: Instant.nullable(),
  changes: z.array(ChangeRecord),
  reports: z.array(Report),
  cases: z.array(DriftCase),
  below: z.int(),
  countsFor: z.string().nullable(),
  tasks: z.array(Task),
  next: Instant.nullable(),
  recorded: RevocationState.exactOptional(),
}));
export type KeyRecord = z.infer<typeof KeyRecord>;

/**
 * When a source last looked at a vendor, as the log up to `sequence` and the time up to `at` give it. `attested`: as in a report;
 * `every`: how often the policy in force wants it; null for a source that it does not name. `silentFrom`: when it is silent unless
 * it looks again. A source that the policy names and that never reported has a record for each vendor with features: `lookedAt` is
 * null there, and `expectedFrom` is since when it is to look.
 */
export const SourceRecord = strictObject(() => ({
  derivedVersion: z.literal(DERIVED_VERSION),
  vendor: z.string(),
  source: z.string(),
  attested: z.boolean(),
  sequence: z.int(),
  at: Instant,
  kind: z.enum(SOURCE_KINDS),
  lookedAt: Instant.nullable(),
  expectedFrom: Instant.nullable(),
  every: z.string().nullable(),
  silentFrom: Instant.nullable(),
  tasks: z.array(Task),
  next: Instant.nullable(),
}));
export type SourceRecord = z.infer<typeof SourceRecord>;
