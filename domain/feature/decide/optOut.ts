import { accept, nothing, reject } from '../../kernel/decider.ts';
import { lingeringOf, standingWords } from '../arrival.ts';
import type { RecordOptOut } from '../commands.ts';
import type { FeatureEvent } from '../events.ts';
import { optOutOf } from '../optOut.ts';
import { type ChangeStatus, type FeatureState, findChange, isApprovalOf, isOpen } from '../state.ts';
import { actOf, checkWords, type Decided } from './guard.ts';

const UNDECIDED_AT_THE_END: readonly (ChangeStatus | undefined)[] = ['refused', 'lapsed'];

/** Reports whether an opt-out of a change can be recorded, since it still matters: the change is open, was approved or refused, or its words count. */
export const canBeRecorded = (state: FeatureState, n: number): boolean => {
  const change = findChange(state, n);
  if (lingeringOf(state, n)?.optOut !== undefined || isApprovalOf(state, n)) return true;
  return change !== undefined && (isOpen(change) || UNDECIDED_AT_THE_END.includes(change.status));
};

/**
 * Records that the city opted out of a revision at the vendor. In time it keeps words from running by silence; late it can be confirmed, see
 * `confirmRollback`. One record is enough: a second must bring the evidence that the first lacks.
 */
export const decideOptOut = (command: RecordOptOut, state: FeatureState): Decided => {
  const { type, at, change: n, revision, digest, note, evidence, person } = command;
  if (n > state.count || n < 1) return reject('unknown-change', `change ${n} does not exist`);
  const known = standingWords(state, n);
  if (known === undefined || (known.optOut !== undefined && !canBeRecorded(state, n)))
    return reject('closed', `change ${n} is closed: there is nothing left to opt out of`);
  const words = checkWords(command, known);
  if (!words.ok) return words;
  const optOut = optOutOf(known);
  if (optOut === undefined) return reject('no-opt-out', `change ${n} cannot be opted out of`);
  const act = actOf({ type, change: n, revision, digest, note, evidence: evidence && { ...evidence }, person });
  if (findChange(state, n)?.acts.includes(act)) return nothing;
  if (optOut.stands !== null && (optOut.evidence || evidence === null))
    return reject('already-decided', 'this opt-out is on record; a second record can only bring evidence that it lacks');
  return accept<FeatureEvent>({ type: 'OptOutRecorded', v: 1, at, change: n, revision, digest, note, evidence, person, act });
};
