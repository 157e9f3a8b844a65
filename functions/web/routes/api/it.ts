import * as z from 'zod';
import { DRIFT_KINDS, Task } from '../../../../domain/derived/record.ts';
import { VARIANTS } from '../../../../domain/feature/evaluate.ts';
import { DateOrInstant, Notice } from '../../../../domain/feature/notice.ts';
import { NOTICE_BYTES_MAX } from '../../../../domain/kernel/commit.ts';
import { FeatureKey, Instant, LineText, Sha256Hex, strictObject } from '../../../../domain/kernel/zodTypes.ts';
import { ObservationReport } from '../../../../domain/observation/decide.ts';
import { VendorId } from '../../../../domain/vendors/events.ts';
import { Received } from '../../../gate/intake.ts';
import { FORM_CHANNEL } from '../../../gate/vendors.ts';
import { ChangeJson } from '../../../register/views/changeJson.ts';
import { FAULT, FeatureJson } from '../../../register/views/featureJson.ts';
import { ApprovedJson, CaseJson, SeenJson } from '../../../register/views/observedJson.ts';
import { listing } from '../../http/input.ts';
import type { ApiTable } from '../route.ts';

const PostedObservation = ObservationReport.meta({ id: 'Observation', description: 'What was seen at a vendor.' });

/** In bytes. One report becomes one commit. */
const OBSERVATION_BYTES_MAX = 48 * 1024;

/** Wire format. What was seen on beyond what is approved. */
export const DriftReport = strictObject(() => ({
  drift: z
    .array(
      z.strictObject({
        key: FeatureKey,
        kind: z.enum(DRIFT_KINDS).describe('How it exceeds what is approved.'),
        since: Instant.describe('Since when it has been seen so.'),
        seen: SeenJson.describe('What was seen.'),
        approved: ApprovedJson.describe('What is approved.'),
      }),
    )
    .describe('Features that were seen on beyond what is approved.'),
  closed: z.array(FeatureKey).describe('Features that had been on beyond what is approved, and no longer are by this report.'),
})).meta({ id: 'Drift', description: 'What was seen on beyond what is approved.' });
export type DriftReport = z.infer<typeof DriftReport>;

const PostedNotice = Notice.meta({ id: 'Notice', description: 'A vendor’s notice of one change.' });

/** Wire format. Names the change in the signed bytes, since an address is not signed. */
const Withdrawal = strictObject(() => ({
  withdraw: z.string().max(250, 'is not the name of a change').describe('The change to withdraw, KEY/N.'),
})).meta({ id: 'Withdrawal', description: 'A vendor’s signed withdrawal of an open change.' });

const reports = { body: PostedObservation, bodyBytesMax: OBSERVATION_BYTES_MAX, status: 200, answer: DriftReport } as const;

export const VENDOR_OPERATIONS = {
  '/v1/notices': {
    POST: {
      id: 'postNotice',
      tag: 'vendors',
      summary: 'Posts a vendor’s signed notice of a change',
      auth: 'signature',
      signedBy: 'feature',
      body: PostedNotice,
      bodyBytesMax: NOTICE_BYTES_MAX,
      status: 202,
      answer: Received,
      problems: [409, 429],
    },
  },
  '/v1/attestations': {
    POST: {
      id: 'postAttestation',
      tag: 'vendors',
      summary: 'Posts a vendor’s signed statement of what is on at it, and returns what exceeds what is approved',
      auth: 'signature',
      signedBy: 'vendor',
      ...reports,
      problems: [409, 429],
    },
  },
  '/v1/changes/{key}/{n}/withdraw': {
    POST: {
      id: 'withdrawChange',
      tag: 'vendors',
      summary: 'Withdraws an open change; signed by its vendor',
      auth: 'signature',
      body: Withdrawal,
      bodyBytesMax: NOTICE_BYTES_MAX,
      status: 200,
      answer: ChangeJson,
      problems: [404, 409],
    },
  },
} as const satisfies ApiTable;

const Agency = z.string().min(1, 'is empty').max(200, 'is longer than 200 characters');

const FeatureQuestion = strictObject(() => ({
  at: z
    .string()
    .max(40, 'is not an instant')
    .optional()
    .describe('An instant of the past, or a date for its last moment: the answer is what was known then.'),
  agency: Agency.optional(),
}));

/** Wire format. Flag definitions, flagd.dev/schema/v0/flags.json. */
const FlagdSource = strictObject(() => ({
  $schema: z.literal('https://flagd.dev/schema/v0/flags.json').describe('The schema of flagd.'),
  flags: z
    .record(
      FeatureKey,
      strictObject(() => ({
        state: z.literal('ENABLED').describe('flagd evaluates it.'),
        variants: z
          .strictObject({
            on: z.literal(true).exactOptional().describe('Absent where it is off for all.'),
            off: z.literal(false).describe('The value of everything that is not on.'),
          })
          .describe('The values by their names.'),
        defaultVariant: z.literal('off').describe('Without a rule that says otherwise it is off.'),
        targeting: z.looseObject({}).exactOptional().describe('JsonLogic: the lease, the agencies and the version.'),
      })),
    )
    .describe('Every key of the register.'),
})).meta({ id: 'FlagdSource', description: 'Flag definitions of flagd.' });

const GateParameters = strictObject(() => ({
  agency: Agency.optional().describe(
    'Who asks; absent: the agencies of the token. Counts only if nothing follows the key, not even a slash.',
  ),
  version: z.string().max(200).optional().describe('The version in use. Counts only if nothing follows the key.'),
}));

/** Largest context in bytes: it holds a few attributes of the client. */
export const CONTEXT_BYTES_MAX = 64 * 1024;

const Context = z.looseObject({
  targetingKey: z.string().optional().describe('Who asks; not looked at.'),
  agency: z.string().max(200).nullish(),
  version: z.string().max(200).nullish().describe('The version in use; another than the approved one is off.'),
});
const Evaluation = z.looseObject({ context: Context.optional().describe('Who asks; absent: nothing is known of it.') });
const BulkEvaluation = z.looseObject({
  context: Context.extend({
    keys: z.array(z.string()).optional().describe('Keys to answer even if the register does not know them.'),
  })
    .optional()
    .describe('Who asks; absent: nothing is known of it.'),
});

/** Wire format. The answer of OFREP 0.3 to one key. */
const FlagEvaluation = strictObject(() => ({
  key: z.string().describe('The key that was asked for.'),
  value: z.boolean().describe('Whether the feature is enabled; always present.'),
  reason: z.enum(['STATIC', 'TARGETING_MATCH']).describe('`TARGETING_MATCH` if an approval in the chain names agencies.'),
  variant: z.enum(VARIANTS).describe('Why it is on or off, in one word.'),
  metadata: z
    .strictObject({
      change: z.string().exactOptional(),
      revision: z.int().min(1).exactOptional(),
      version: z.string().exactOptional().describe('The version the approved notice names.'),
      asOf: Instant,
      validUntil: Instant.exactOptional(),
      checkpoint: z.string().exactOptional(),
      because: z.string(),
      leaseSeconds: z
        .int()
        .min(1)
        .describe(
          'For how long a client may hold a `true`, from the sending of the question that was last answered 200 or 304; never beyond `validUntil`. On AWS a bulk answer may itself be as old as `bulkMaxAge`, ten seconds by default.',
        ),
      pending: z.int().min(0).describe('The number of open changes of the feature.'),
      fault: z.literal(true).exactOptional().describe(FAULT),
    })
    .describe('What the answer rests on.'),
})).meta({ id: 'FlagEvaluation', description: 'The answer of OFREP to one key.' });

const EventStream = strictObject(() => ({
  type: z.literal('sse').describe('The kind of connection.'),
  url: z.string().describe('The address to listen at. It only listens, and ends with the token.'),
}));

const FlagEvaluations = strictObject(() => ({
  flags: z.array(FlagEvaluation).describe('One answer for each key.'),
  eventStreams: z
    .array(EventStream)
    .exactOptional()
    .describe(
      'To a request with `Aldergate-Streams: 1`, on one machine: where the gate says that something changed (ADR 8 of OFREP).',
    ),
})).meta({
  id: 'FlagEvaluations',
  description: 'The answers of OFREP to every key.',
});

/** Wire format. What the city must do at a vendor. */
const TaskJson = strictObject(() => {
  const of = Task.shape;
  return {
    key: of.key.describe('The feature; null: the task is about a source that is silent.'),
    kind: of.kind.describe('What to do.'),
    vendor: of.vendor.describe('The vendor at which it is done.'),
    source: of.source.describe('The source that is silent.'),
    since: of.since.describe('When the task opened.'),
    by: of.by.describe('By when it must be done; null: at any time.'),
    how: of.how.describe('How to opt out, in the vendor’s words.'),
    because: of.because.describe('Why, in one word.'),
    change: of.change.describe('The change that it is about.'),
    digest: of.digest.describe('The digest of that change’s revision.'),
    agencies: of.agencies.describe('The agencies it is about; null: all, or not known.'),
    below: of.below.describe('How many features beneath are to be switched off with it.'),
    urgent: of.urgent.describe('Whether it is overdue, or something is on without approval.'),
  };
}).meta({ id: 'Task', description: 'What the city must do at a vendor by a day.' });

/** Channels that only the gate may name: a signed webhook, the operator, and a vendor's form. */
const RESERVED_CHANNELS: readonly string[] = ['webhook', 'operator', FORM_CHANNEL];

/** Wire format. A change that the city heard of otherwise than by a signed notice, with the source and the time. */
export const IntakeEntry = strictObject(() => ({
  notice: PostedNotice,
  channel: LineText(100)
    .refine(
      (channel) => !RESERVED_CHANNELS.includes(channel.trim().toLowerCase()),
      'is said only of notices that did not come this way',
    )
    .describe('How the city heard of it, such as letter, telephone or website.'),
  heardAt: DateOrInstant.describe('When the city heard of it: an instant, or a date in the city’s time zone.'),
  evidence: z
    .strictObject({
      sha256: Sha256Hex,
      title: LineText(200).exactOptional(),
      mediaType: z
        .string()
        .regex(/^[a-z0-9.+-]{1,40}\/[a-z0-9.+-]{1,80}$/, 'is not a media type')
        .exactOptional(),
      content: z.base64('is not base64').exactOptional().describe('The document itself in base64, at most 96 KiB.'),
    })
    .exactOptional()
    .describe('What shows that it was heard: a hash, or a small document.'),
})).meta({ id: 'IntakeEntry', description: 'A change the city heard of otherwise than by a signed notice.' });
export type IntakeEntry = z.infer<typeof IntakeEntry>;

const read = { tag: 'it', auth: 'state:read', status: 200 } as const;

/** An answer with an ETag. */
const cached = {
  headers: { 'If-None-Match': 'The ETag of an earlier answer.' },
  also: { 304: 'Nothing changed since the ETag of If-None-Match' },
} as const;

export const IT_OPERATIONS = {
  '/v1/flagd.json': {
    GET: {
      ...read,
      id: 'getFlagd',
      summary: 'Lists every key as flag definitions of flagd; what may be on has a lease',
      ...cached,
      answer: FlagdSource,
    },
  },
  '/v1/gate/{key+}': {
    GET: {
      ...read,
      id: 'askGate',
      summary: 'Says by the status alone whether a feature is enabled, to a proxy; any method',
      anyMethod: true,
      query: GateParameters,
      answer: z.string(),
      statuses: {
        200: 'Yes, and the body is `yes`. Headers `Aldergate-Key`, `-Variant`, `-Change` and `-Checkpoint` say what it rests on, as they do of a no.',
        401: 'No token that counts.',
        403: 'No, for whatever reason; `Aldergate-Fault: true` where the gate itself is ill.',
      },
    },
  },
  '/ofrep/v1/evaluate/flags/{key+}': {
    POST: {
      ...read,
      id: 'evaluateFlag',
      summary: 'Answers whether a feature is enabled (OFREP 0.3); an unknown key is false',
      body: Evaluation,
      bodyBytesMax: CONTEXT_BYTES_MAX,
      bodyOptional: true,
      answer: FlagEvaluation,
    },
  },
  '/ofrep/v1/evaluate/flags': {
    POST: {
      ...read,
      id: 'evaluateFlags',
      summary: 'Answers for every feature of the register (OFREP 0.3), with an ETag',
      also: cached.also,
      headers: {
        ...cached.headers,
        'Aldergate-Streams': '`1` asks for `eventStreams`, by which a client hears that it must ask again.',
      },
      body: BulkEvaluation,
      bodyBytesMax: CONTEXT_BYTES_MAX,
      bodyOptional: true,
      answer: FlagEvaluations,
    },
  },
  '/v1/features': {
    GET: {
      ...read,
      id: 'listFeatures',
      summary: 'Lists the register',
      ...listing(FeatureJson, {
        prefix: FeatureKey.optional().describe('A key; only it and the keys beneath it are listed.'),
        status: z.enum(VARIANTS).optional().describe('Only features of this status are listed.'),
        agency: Agency.optional(),
      }),
    },
  },
  '/v1/features/{key}': {
    GET: {
      ...read,
      id: 'getFeature',
      summary: 'Returns what holds for a key, now or as it was known at an instant',
      query: FeatureQuestion,
      answer: FeatureJson,
    },
  },
  '/v1/observations': {
    POST: {
      id: 'postObservation',
      tag: 'observations',
      summary: 'Records what is seen at a vendor and returns what exceeds what is approved',
      auth: 'observe',
      ...reports,
      problems: [409],
    },
  },
  '/v1/tasks': {
    GET: {
      ...read,
      tag: 'observations',
      orScope: 'observe',
      id: 'listTasks',
      summary: 'Lists what the city must do at its vendors: urgent first, then by day, what may be switched on last',
      ...listing(TaskJson, {
        vendor: VendorId.optional().describe('Only tasks at this vendor are listed.'),
        open: z
          .literal('true', { error: 'is only true: tasks that are done are not listed' })
          .optional()
          .describe('Always so: tasks that are done are not listed.'),
      }),
    },
  },
  '/v1/drift': {
    GET: {
      ...read,
      tag: 'observations',
      orScope: 'observe',
      id: 'listDrift',
      summary: 'Lists what was seen on beyond what is approved, what is open first',
      ...listing(CaseJson, {
        open: z.enum(['true', 'false']).optional().describe('`true`: only what is open now; `false`: only what is over.'),
      }),
    },
  },
  '/v1/intake': {
    POST: {
      id: 'postIntake',
      tag: 'it',
      summary: 'Enters a change the city heard of otherwise than by a signed notice',
      auth: 'notice',
      headers: {
        'Idempotency-Key':
          'The sender’s id of the entry, 1 to 200 visible ASCII characters; absent: the body itself. The same again gives the same answer, another body under it 409.',
      },
      body: IntakeEntry,
      bodyBytesMax: 192 * 1024,
      status: 202,
      answer: Received,
      problems: [409, 429],
    },
  },
} as const satisfies ApiTable;
