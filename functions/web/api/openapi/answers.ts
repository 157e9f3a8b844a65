// Wire format: what the API answers, as the description of the API tells it. A test holds real answers against these.
import * as z from 'zod';
import { VARIANTS } from '../../../../domain/feature/evaluate.ts';
import { Provenance } from '../../../../domain/feature/events.ts';
import { NoticeFacts } from '../../../../domain/feature/notice.ts';
import { CHANGE_STATUSES } from '../../../../domain/feature/state.ts';
import { Terms } from '../../../../domain/feature/terms.ts';
import { Digest, FeatureKey, Instant } from '../../../../domain/kernel/zodTypes.ts';
import { INSTRUMENTS } from '../../../../domain/policy/schema.ts';
import { HealthProblem } from '../../../platform/health.ts';

const ChangeId = z.string().meta({ examples: ['flock.lpr/3'] });
const Number1 = z.int().min(1);
const Status = z.enum(CHANGE_STATUSES);

const FirstRequirement = z.strictObject({
  id: z.string(),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  status: z.enum(['waiting', 'open']),
});

export const Received = z.strictObject({
  change: ChangeId,
  revision: Number1,
  digest: Digest,
  status: z.enum(['pending', 'removed']),
  requirements: z.array(FirstRequirement),
  missingAncestors: z.array(FeatureKey),
  url: z.string(),
});

const Requirement = z.strictObject({
  id: z.string(),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  status: z.enum(['waiting', 'open', 'met', 'refused', 'overridden']),
  yes: z.int().min(0).optional().describe('Absent while ballots are open.'),
  needed: z.int().min(0),
  of: z.int().min(0),
  deadlineAt: Instant.nullable(),
  override: z
    .strictObject({ yes: z.int().min(0), needed: z.int().min(0), of: z.int().min(0) })
    .optional()
    .describe('The second vote of the body, on a veto.'),
});

export const Change = z.strictObject({
  change: ChangeId,
  revision: Number1,
  digest: Digest,
  status: Status,
  notice: NoticeFacts.extend({ feature: FeatureKey, description: z.string().optional() }),
  provenance: Provenance,
  terms: Terms.nullable(),
  requirements: z.array(Requirement),
  revisions: z.array(z.strictObject({ revision: Number1, digest: Digest, at: Instant, title: z.string() })),
  closesAt: Instant.nullable(),
  decidableFrom: Instant.nullable(),
  veto: z.strictObject({ requirement: z.string(), by: z.enum(['holder', 'deadline']), at: Instant, until: Instant }).nullable(),
  approved: z.strictObject({ at: Instant, validUntil: Instant.nullable() }).nullable(),
  ended: z.strictObject({ at: Instant, because: z.string() }).nullable(),
  checkpoint: z.string().nullable(),
});

const Approval = z.strictObject({
  requirement: z.string(),
  body: z.string().nullable(),
  instrument: z.enum(['certification', 'signature', 'ballots']),
  holder: z.string(),
  name: z.string().nullable(),
  seat: z.string(),
  at: Instant,
  purpose: z.enum(['adopt', 'override', 'correct']).optional(),
  fileNumber: z.string().optional(),
  meetingDate: z.string().optional(),
  yes: z.int().optional(),
  needed: z.int().optional(),
  of: z.int().optional(),
});

const Pending = z.strictObject({
  change: ChangeId,
  revision: Number1,
  digest: Digest,
  kind: z.string(),
  status: Status,
  closesAt: Instant.nullable(),
});

export const Feature = z.strictObject({
  key: FeatureKey,
  title: z.string().nullable().optional().describe('In lists only.'),
  enabled: z.boolean(),
  status: z.enum(VARIANTS),
  because: z.string(),
  change: ChangeId.nullable(),
  revision: Number1.nullable(),
  digest: Digest.nullable(),
  version: z.string().nullable(),
  validUntil: Instant.nullable(),
  audience: z.array(z.string()).nullable(),
  conditions: z.array(z.string()),
  approvals: z.array(Approval),
  pending: z.array(Pending),
  asOf: Instant,
  checkpoint: z.string().nullable(),
});

export const HistoryEntry = z.looseObject({
  version: Number1,
  at: Instant,
  type: z.string(),
  actor: z.string(),
  change: ChangeId,
});

export const pageOf = (item: z.ZodType) => z.strictObject({ items: z.array(item), next: z.string().nullable() });

export const Drift = z.strictObject({
  drift: z.array(
    z.strictObject({
      key: FeatureKey,
      since: Instant,
      observed: z.literal(true),
      enabled: z.literal(false),
      status: z.enum(VARIANTS),
    }),
  ),
});

export const Flag = z.strictObject({
  key: z.string(),
  value: z.boolean(),
  reason: z.enum(['STATIC', 'TARGETING_MATCH']),
  variant: z.enum(VARIANTS),
  metadata: z.strictObject({
    change: ChangeId.optional(),
    revision: Number1.optional(),
    version: z.string().optional(),
    asOf: Instant,
    validUntil: Instant.optional(),
    checkpoint: z.string().optional(),
    because: z.string(),
    pending: z.int().min(0),
  }),
});

export const Flags = z.strictObject({ flags: z.array(Flag) });

export const Problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
});

export const Health = z.strictObject({ status: z.enum(['ok', 'ready']) });

/** What `/readyz` answers with 503. */
export const NotReady = z.strictObject({ status: z.literal('not-ready'), problems: z.array(HealthProblem) });

/** What an operator's routes answer; the command line prints it. */
export const Operated = z.looseObject({});
