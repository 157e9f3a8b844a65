import { advanceTo } from '../../../domain/feature/due.ts';
import type { Evaluation, Head, Variant } from '../../../domain/feature/evaluate.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { type ChangeStatus, decidableUntil, openChanges } from '../../../domain/feature/state.ts';
import type { ApprovalJson } from './approvals.ts';

/** Wire format. An open change, as the feature it is about names it. */
export interface PendingJson {
  readonly change: string;
  readonly revision: number;
  readonly digest: string;
  readonly kind: string;
  readonly status: ChangeStatus;
  readonly closesAt: string | null;
}

/** Wire format. What holds for a key at `asOf`, and why. */
export interface FeatureJson {
  readonly key: string;
  readonly title?: string | null;
  readonly enabled: boolean;
  readonly status: Variant;
  readonly because: string;
  readonly change: string | null;
  readonly revision: number | null;
  readonly digest: string | null;
  readonly version: string | null;
  readonly validUntil: string | null;
  readonly audience: readonly string[] | null;
  readonly conditions: readonly string[];
  readonly approvals: readonly ApprovalJson[];
  readonly pending: readonly PendingJson[];
  readonly asOf: string;
  readonly checkpoint: string | null;
}

/** The open changes of a feature at an instant. */
export const pendingOf = (key: string, head: Head, now: string): readonly PendingJson[] =>
  head === null || typeof head === 'string'
    ? []
    : openChanges(advanceTo(head, now)).map((change) => ({
        change: changeId(key, change.number),
        revision: change.revision,
        digest: change.digest,
        kind: change.kind,
        status: change.status,
        closesAt: decidableUntil(change),
      }));

/** What is told of a feature beside its evaluation. */
export interface FeatureFacts {
  readonly title?: string | null;
  readonly head: Head;
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
  approvals: facts.approvals,
  pending: pendingOf(key, facts.head, facts.asOf),
  asOf: facts.asOf,
  checkpoint: facts.checkpoint ?? null,
});
