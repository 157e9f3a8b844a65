import { staleFrom } from '../../domain/feature/arrival.ts';
import { awaitedActs } from '../../domain/feature/awaited.ts';
import { advanceTo, due } from '../../domain/feature/due.ts';
import {
  type Evaluation,
  type EvaluationContext,
  evaluate,
  type Head,
  headWith,
  mayBeOn,
  stateIn,
  UNREADABLE,
} from '../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../domain/feature/keys.ts';
import {
  type ChangeState,
  counts,
  decidableUntil,
  type FeatureState,
  openChanges,
  requirementsOf,
  shownApproval,
} from '../../domain/feature/state.ts';
import type { RegisterDoc } from './docs.ts';
import { type ChangeLine, linesAt } from './line.ts';
import type { FeatureView } from './read.ts';

/** An open change and the bodies whose turn it is. */
interface WaitingChange {
  readonly change: ChangeState;
  readonly bodies: readonly string[];
  /** The instant until which it can be decided; null without a window. */
  readonly until: string | null;
}

/** Returns the bodies whose turn it is. Advice is requested but never awaited. */
const bodiesOf = (state: FeatureState, change: ChangeState): readonly string[] => {
  const rules = requirementsOf(state, change);
  const statusOf = (id: string) => change.requirements[id]?.status;
  const awaited = new Set(awaitedActs({ ...change, rules, statusOf }).map(({ requirement }) => requirement));
  return [...new Set(rules.filter((rule) => counts(rule) && awaited.has(rule.id)).map(({ body }) => body))];
};

/** Returns the open changes of a feature, each with the bodies it waits for. `state`: at an instant, with what time alone has done. */
export const waitingIn = (state: FeatureState): readonly WaitingChange[] =>
  openChanges(state).map((change) => ({
    change,
    bodies: bodiesOf(state, change),
    until: decidableUntil(change),
  }));

/**
 * One feature of the register at an instant. `evaluation` may lag: a "yes" in it must be confirmed on the heads before it is answered.
 * `stateNow` and `linesNow`: its state and its lines with what time alone has done; `waiting`: its open changes with whom each waits for,
 * none while its stream cannot be read; `lostAncestor`: whether an approval above it was in force and has ended. An index may give the same row again while none of these has
 * changed.
 */
export interface FeatureRow extends FeatureView {
  readonly evaluation: Evaluation;
  readonly stateNow: FeatureState;
  readonly lostAncestor: boolean;
  readonly waiting: readonly WaitingChange[];
  readonly linesNow: readonly ChangeLine[];
}

/** Reports whether a feature is on for every agency or for some, as the register has it. */
export const isOn = ({ evaluation }: FeatureRow): boolean => mayBeOn(evaluation.variant);

/** Returns the head of a feature as its document has it. */
export const headOf = (doc: RegisterDoc | undefined): Head =>
  doc?.unreadable === true ? UNREADABLE : headWith(doc?.state ?? null);

/** Returns the heads of a key by the register, root first. */
export const headsBy = (key: string, documentOf: (key: string) => RegisterDoc | undefined): readonly Head[] =>
  prefixesOf(key).map((each) => headOf(documentOf(each)));

/** Reports whether an approval in a state was in force and has ended. */
const hasLost = (state: FeatureState): boolean => {
  const approval = shownApproval(state);
  return approval !== undefined && (approval.status !== 'approved' || state.removal !== null || staleFrom(state) !== null);
};

/** Returns the row of a feature, of which this is the view, at an instant. `heads`: see `evaluate`. */
export const rowOf = (view: FeatureView, heads: readonly Head[], context: EvaluationContext, now: string): FeatureRow => {
  const stateNow = advanceTo(view.state, now);
  const above = heads.slice(0, -1).flatMap((head) => stateIn(head) ?? []);
  return {
    ...view,
    evaluation: evaluate(view.key, heads, context, now),
    stateNow,
    lostAncestor: above.some((state) => hasLost(advanceTo(state, now))),
    waiting: heads.at(-1) === UNREADABLE ? [] : waitingIn(stateNow),
    linesNow: linesAt(view.lines, view.state, now),
  };
};

/** Reports whether there is something that only a commit can record: what time has done, or the policy for a change from before any. */
export const hasWork = (state: FeatureState, now: string, unpinned: boolean): boolean =>
  due(state, now).length > 0 || (unpinned && openChanges(advanceTo(state, now)).some(({ pin }) => pin === null));
