import { advanceTo } from '../../../domain/feature/due.ts';
import { type Evaluation, type EvaluationContext, evaluate, stateIn } from '../../../domain/feature/evaluate.ts';
import { type FeatureState, shownApproval } from '../../../domain/feature/state.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { rosterAggregate } from '../../gate/aggregates.ts';
import { evaluateKeys, headsFor, stateAtInstant } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { readChange, readListed } from '../read.ts';
import type { FeatureRow } from '../rows.ts';
import { type ApprovalJson, approvalsOf } from './approvals.ts';
import { type FeatureJson, featureJson } from './featureJson.ts';

/** A question about a feature. `at`: an instant of the past; absent: now. */
export interface FeatureQuestion {
  readonly context: EvaluationContext;
  readonly at?: string | undefined;
  readonly checkpoint?: string | undefined;
}

/** Returns the roster that names officials: today's, or the one in force at an instant. */
const rosterOf = async (ports: GatePorts, at?: string): Promise<Roster | null> => {
  if (at === undefined) return (await readRules(ports)).roster?.roster ?? null;
  return (await stateAtInstant(ports, rosterAggregate, ROSTER_STREAM, at))?.inForce?.roster ?? null;
};

/** Returns the acts behind the approval that the answer rests on, as they were known then. */
const approvalsBehind = async (
  ports: GatePorts,
  key: string,
  { change }: Evaluation,
  state: FeatureState | null,
  asOf: string,
  roster: Roster | null,
): Promise<readonly ApprovalJson[]> => {
  if (change === null || state === null || shownApproval(advanceTo(state, asOf))?.number !== change) return [];
  const reading = await ifReadable(readChange(ports, key, change));
  if (reading === undefined) return [];
  return approvalsOf(reading.view, roster, asOf);
};

/** Returns what holds for a key now, or as it was known at an instant, from strongly consistent heads. API and pages share it. */
export const readFeatureJson = async (
  ports: GatePorts,
  key: string,
  { context, at, checkpoint }: FeatureQuestion,
): Promise<FeatureJson> => {
  const { heads, at: asOf } = await headsFor(ports, key, at);
  const evaluation = evaluate(key, heads, context, asOf);
  const state = stateIn(heads.at(-1));
  const approvals = await approvalsBehind(ports, key, evaluation, state, asOf, await rosterOf(ports, at));
  return featureJson(key, evaluation, { state, approvals, asOf, checkpoint });
};

/** The same for a feature of a list, whose documents are at hand. They may lag, unlike the answer. */
const approvalsListed = async (
  ports: GatePorts,
  row: FeatureRow,
  { change, digest }: Evaluation,
  asOf: string,
  roster: Roster | null,
): Promise<readonly ApprovalJson[]> => {
  const standing = shownApproval(advanceTo(row.state, asOf));
  if (change === null || standing?.number !== change) return [];
  const view =
    standing.digest === digest
      ? await readListed(ports, row, change)
      : (await ifReadable(readChange(ports, row.key, change)))?.view;
  return view === undefined ? [] : approvalsOf(view, roster, asOf);
};

/**
 * Returns features of the register with each answer evaluated from strongly consistent heads: lists may lag, a "yes" never does. Reads a
 * head for each and for each above, once, and for what is on the document of its change.
 */
export const confirmedRows = async (
  ports: GatePorts,
  rows: readonly FeatureRow[],
  { context, checkpoint }: FeatureQuestion,
): Promise<readonly FeatureJson[]> => {
  const keys = rows.map(({ key }) => key);
  const asOf = ports.clock();
  const [evaluations, roster] = await Promise.all([evaluateKeys(ports, keys, context), rosterOf(ports)]);
  return Promise.all(
    rows.flatMap((row) => {
      const evaluation = evaluations.get(row.key);
      if (evaluation === undefined) return [];
      const { key, title, state } = row;
      return approvalsListed(ports, row, evaluation, asOf, roster).then((approvals) =>
        featureJson(key, evaluation, { title, state, approvals, asOf, checkpoint }),
      );
    }),
  );
};

/** Returns features of a past register, each as {@link readFeatureJson} answers it for that instant. `rows`: computed for it. */
export const pastRows = async (
  ports: GatePorts,
  rows: readonly FeatureRow[],
  { at, checkpoint }: { readonly at: string; readonly checkpoint?: string | undefined },
): Promise<readonly FeatureJson[]> => {
  const roster = await rosterOf(ports, at);
  return Promise.all(
    rows.map(async ({ key, title, evaluation, state }) => {
      const approvals = await approvalsBehind(ports, key, evaluation, state, at, roster);
      return featureJson(key, evaluation, { title, state, approvals, asOf: at, checkpoint });
    }),
  );
};
