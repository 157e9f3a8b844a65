import * as z from 'zod';
import { advanceTo } from '../../../domain/feature/due.ts';
import { type Evaluation, mayBeOn, VARIANTS } from '../../../domain/feature/evaluate.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { CHANGE_STATUSES, decidableUntil, type FeatureState, openChanges } from '../../../domain/feature/state.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { Digest, FeatureKey, Instant } from '../../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../../domain/policy/schema.ts';
import { ApprovalJson } from './approvals.ts';

/** Wire format. An open change, as the answer about its feature lists it. */
export const PendingJson = strictObject(() => ({
  change: z.string(),
  revision: z.int().min(1),
  digest: Digest,
  kind: z.enum(KINDS),
  status: z.enum(CHANGE_STATUSES).describe('Where the change stands now.'),
  closesAt: Instant.nullable(),
})).meta({ id: 'PendingChange', description: 'An open change of a feature.' });
export type PendingJson = z.infer<typeof PendingJson>;

/** Wire format. What holds for a key at `asOf`, and why. `title` stands in lists only. */
export const FeatureJson = strictObject(() => ({
  key: FeatureKey,
  title: z
    .string()
    .nullable()
    .exactOptional()
    .describe('The title of the revision approved last, else of the newest notice; in lists only.'),
  enabled: z.boolean().describe('Whether the feature may be used in the context of the question. Anything but true means no.'),
  status: z.enum(VARIANTS).describe('Why it is on or off, in one word.'),
  because: z.string(),
  change: z.string().nullable().describe('The change the answer rests on, KEY/N; null if there is none.'),
  revision: z.int().min(1).nullable(),
  digest: Digest.nullable(),
  version: z.string().nullable().describe('The version the approved notice names; null if it names none.'),
  validUntil: Instant.nullable(),
  audience: z.array(z.string()).readonly().nullable(),
  conditions: z.array(z.string()).readonly().describe('Conditions of every approval in the chain, outermost first.'),
  onFor: z
    .array(z.string())
    .readonly()
    .nullable()
    .describe('The agencies for which it is on: none while it is off, null for every agency.'),
  approvals: z.array(ApprovalJson).readonly().describe('The acts behind the approval the answer rests on.'),
  pending: z.array(PendingJson).readonly().describe('The open changes of this feature.'),
  asOf: Instant,
  checkpoint: z.string().nullable(),
})).meta({ id: 'Feature', description: 'Whether a feature is enabled at an instant, and why.' });
export type FeatureJson = z.infer<typeof FeatureJson>;

/** Returns the open changes of a feature at an instant. */
export const pendingOf = (key: string, state: FeatureState | null, now: string): readonly PendingJson[] =>
  state === null
    ? []
    : openChanges(advanceTo(state, now)).map((change) => ({
        change: changeId(key, change.number),
        revision: change.revision,
        digest: change.digest,
        kind: change.kind,
        status: change.status,
        closesAt: decidableUntil(change),
      }));

/** The parts of an answer about a feature beside its evaluation. */
export interface FeatureFacts {
  readonly title?: string | null;
  readonly state: FeatureState | null;
  readonly approvals: readonly ApprovalJson[];
  readonly asOf: string;
  readonly checkpoint: string | undefined;
}

export const featureJson = (key: string, evaluation: Evaluation, facts: FeatureFacts): FeatureJson => ({
  key,
  ...(facts.title !== undefined && { title: facts.title }),
  enabled: evaluation.enabled,
  status: evaluation.variant,
  because: evaluation.because,
  change: evaluation.change === null ? null : changeId(key, evaluation.change),
  revision: evaluation.revision,
  digest: evaluation.digest,
  version: evaluation.version,
  validUntil: evaluation.validUntil,
  audience: evaluation.audience,
  conditions: evaluation.conditions,
  onFor: mayBeOn(evaluation.variant) ? evaluation.audience : [],
  approvals: facts.approvals,
  pending: pendingOf(key, facts.state, facts.asOf),
  asOf: facts.asOf,
  checkpoint: facts.checkpoint ?? null,
});
