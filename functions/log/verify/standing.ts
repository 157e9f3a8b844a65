import { advanceTo } from '../../../domain/feature/due.ts';
import { type Evaluation, evaluate, type Head } from '../../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../../domain/feature/keys.ts';
import { shownApproval } from '../../../domain/feature/state.ts';
import { headUnder } from '../../../domain/revocation/decide.ts';
import { type ApprovalJson, approvalsOf } from '../../register/views/featureJson.ts';
import type { Replay } from './replay.ts';

/** The facts that a log proves about one feature at an instant. */
export interface FeatureStanding {
  readonly key: string;
  readonly title: string | null;
  readonly evaluation: Evaluation;
  readonly audience: readonly string[] | null;
  readonly isOn: boolean;
  /** Since when the key and all its prefixes are approved; null if it is not on. */
  readonly since: string | null;
  readonly approvals: readonly ApprovalJson[];
}

const standingView = (replay: Replay, key: string, now: string) => {
  const state = replay.feature(key);
  const n = state === null ? undefined : shownApproval(advanceTo(state, now))?.number;
  return n === undefined ? undefined : replay.change(key, n);
};

const headsIn = (replay: Replay, key: string): readonly Head[] =>
  prefixesOf(key).map((prefix) => headUnder(replay.revocations, replay.feature(prefix)));

/** Returns what the log gives to anyone who asks for a key without a context. */
export const answerAt = (replay: Replay, key: string, now: string): Evaluation => evaluate(key, headsIn(replay, key), {}, now);

/** Evaluates a feature on the replayed log, with the same `evaluate` that answers IT. */
export const standingAt = (replay: Replay, key: string, now: string): FeatureStanding => {
  const prefixes = prefixesOf(key);
  const heads = headsIn(replay, key);
  const forAll = evaluate(key, heads, {}, now);
  const [agency] = forAll.audience ?? [];
  const evaluation = agency === undefined ? forAll : evaluate(key, heads, { agencies: [agency] }, now);
  const view = standingView(replay, key, now);
  const begins = prefixes.flatMap((prefix) => standingView(replay, prefix, now)?.approved?.began ?? []);
  return {
    key,
    title: view?.revisions.at(-1)?.notice.title ?? null,
    evaluation,
    audience: evaluation.audience,
    isOn: evaluation.enabled,
    since: evaluation.enabled ? (begins.toSorted().at(-1) ?? null) : null,
    approvals: evaluation.enabled && view !== undefined ? approvalsOf(view, replay.roster, now) : [],
  };
};
