import { advanceTo, due } from '../../domain/feature/due.ts';
import {
  ENDED,
  type Evaluation,
  type EvaluationContext,
  evaluate,
  type Head,
  headWith,
  mayBeOn,
  UNREADABLE,
} from '../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../domain/feature/keys.ts';
import { type FeatureState, openChanges } from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { RegisterDoc } from './docs.ts';
import { type ChangeLine, linesAt } from './line.ts';
import type { FeatureView } from './read.ts';
import { type WaitingChange, waitingIn } from './waiting.ts';

/**
 * One feature of the register at an instant. `evaluation` may lag: a "yes" in it must be confirmed on the heads before it is answered.
 * `waiting`: its open changes with whom each waits for; `linesNow`: its lines with what time alone has done. An index may give the same
 * row again while none of these has changed.
 */
export interface FeatureRow extends FeatureView {
  readonly evaluation: Evaluation;
  readonly waiting: readonly WaitingChange[];
  readonly linesNow: readonly ChangeLine[];
}

/** Reports whether a feature is on for every agency or for some, as the register has it. */
export const isOn = ({ evaluation }: FeatureRow): boolean => mayBeOn(evaluation.variant);

/** Returns the head of a feature as its document has it. */
export const headOf = (doc: RegisterDoc | undefined): Head =>
  doc?.unreadable === true ? UNREADABLE : headWith(doc?.state ?? null);

/** Returns the heads of a key by the register, root first. */
export const headsBy = (key: string, documentOf: (key: string) => RegisterDoc | undefined, hasEnded: boolean): readonly Head[] =>
  prefixesOf(key).map((each) => (hasEnded ? ENDED : headOf(documentOf(each))));

/** Returns the row of a feature, of which this is the view, at an instant. `heads`: see `evaluate`. */
export const rowOf = (view: FeatureView, heads: readonly Head[], context: EvaluationContext, now: string): FeatureRow => ({
  ...view,
  evaluation: evaluate(view.key, heads, context, now),
  waiting: waitingIn(view.state, now),
  linesNow: linesAt(view.lines, view.state, now),
});

/** Reports whether there is something that only a commit can record: what time has done, or the policy for a change from before any. */
export const hasWork = (state: FeatureState, now: string, unpinned: boolean): boolean =>
  due(state, now).length > 0 || (unpinned && openChanges(advanceTo(state, now)).some(({ pin }) => pin === null));

// Keyed by the list, which an index gives again while nothing in it has changed.
const sorted = new WeakMap<readonly FeatureRow[], readonly FeatureRow[]>();

/** Returns features by their newest commits, newest first. */
export const newestFirst = (rows: readonly FeatureRow[]): readonly FeatureRow[] => {
  const known = sorted.get(rows) ?? rows.toSorted((a, b) => ascending(b.at ?? '', a.at ?? ''));
  sorted.set(rows, known);
  return known;
};
