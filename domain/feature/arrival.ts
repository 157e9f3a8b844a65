import { earliest } from '../kernel/order.ts';
import type { NoticeFacts } from './notice.ts';
import {
  type ChangeState,
  type FeatureState,
  type ForcedWords,
  findChange,
  inForceIn,
  isOpen,
  type Lingering,
  openChanges,
  type SeenAs,
  waitingApproval,
} from './state.ts';

/**
 * Where words stand in the order of arrival, which decides what is in force: by instant, and of one instant by number. Words that cannot
 * be held back count as arrived at the later of arrival and effect.
 */
export interface Position {
  readonly at: string;
  readonly arrival: number;
}

export const isLater = (one: Position, other: Position): boolean =>
  one.at > other.at || (one.at === other.at && one.arrival > other.arrival);

export const positionOf = ({ forced, effect, since, arrival }: ChangeState): Position => ({
  at: forced ? effect : since,
  arrival,
});

/** Returns the position that the arrival of words must be later than, to be on again after a removal. */
export const removalPosition = ({ lasts, arrival }: NonNullable<FeatureState['removal']>): Position => ({ at: lasts, arrival });

/** Reports whether a vendor cannot hold words back for this city; an unknown answer counts as no. */
export const isForced = ({ kind, optOut }: Pick<NoticeFacts, 'kind' | 'optOut'>): boolean =>
  kind !== 'removal' && optOut !== 'yes';

/** Reports whether words that take effect make earlier ones untrue. A contract does not outdate the contract in force. */
export const outdates = (notice: Pick<NoticeFacts, 'kind' | 'optOut'>, key: string): boolean =>
  isForced(notice) && !(notice.kind === 'contract' && !key.includes('.'));

/** Words that cannot be held back. `from`: their effect; `since`: the earlier effect of words of the change that they stand for as well. */
export interface OutdatingWords {
  readonly change: number;
  readonly from: string;
  readonly arrival: number;
  readonly as: SeenAs;
  readonly since: string;
}

const readWords = (change: number, [from, arrival, as, since = from]: ForcedWords): OutdatingWords => ({
  change,
  from,
  arrival,
  as,
  since,
});

export const forcedWords = ({ changes, lingering }: FeatureState): readonly OutdatingWords[] => [
  ...changes.flatMap(({ number, words }) => words.map((each) => readWords(number, each))),
  ...lingering.flatMap(({ change, words }) => words.map((each) => readWords(change, each))),
];

/** Reports whether the terms in force allow maintenance, and no contest stands. */
export const toleratesMaintenance = (state: FeatureState): boolean =>
  state.contest === null && inForceIn(state)?.approved?.terms.maintenance === true;

export const positionOfWords = ([at, arrival]: ForcedWords): Position => ({ at, arrival });

const outdating = (state: FeatureState, position: Position, tolerant: boolean): readonly OutdatingWords[] =>
  forcedWords(state).filter(
    (words) => isLater({ at: words.from, arrival: words.arrival }, position) && !(tolerant && words.as === 'maintenance'),
  );

/** Returns from when words that arrived at `position` are untrue under the terms in force; null for never. */
export const untrueFrom = (state: FeatureState, position: Position, tolerant = toleratesMaintenance(state)): string | null =>
  earliest(...outdating(state, position, tolerant).map(({ since, from }) => (since > position.at ? since : from)));

/** As {@link untrueFrom} for the words in force, or else those that wait to begin; null without an approval. */
export const staleFrom = (state: FeatureState): string | null => {
  const inForce = inForceIn(state);
  const shown = inForce ?? waitingApproval(state);
  if (shown === undefined) return null;
  const tolerant = state.contest === null && shown.approved?.terms.maintenance === true;
  return untrueFrom(state, positionOf(shown), tolerant);
};

/** Returns the numbers of the changes whose words make those in force untrue at `now`. */
export const outdatedBy = (state: FeatureState, now: string): readonly number[] => {
  const inForce = inForceIn(state);
  if (inForce === undefined) return [];
  const found = outdating(state, positionOf(inForce), toleratesMaintenance(state)).filter(({ from }) => from <= now);
  return [...new Set(found.map(({ change }) => change))];
};

/** Returns the approval in force with exactly these words, unless it is outdated at `now`: who sends them again announces nothing new. */
export const approvedWith = (state: FeatureState, digest: string, now: string): ChangeState | undefined => {
  const inForce = inForceIn(state);
  return inForce?.digest === digest && outdatedBy(state, now).length === 0 ? inForce : undefined;
};

/**
 * Reports whether words are overtaken: those in force or those that wait arrived later, or words that did took effect, so that their
 * approval would switch nothing on.
 */
export const isOvertaken = (state: FeatureState, change: ChangeState, now: string): boolean => {
  const position = positionOf(change);
  const approvals = [inForceIn(state), waitingApproval(state)];
  if (approvals.some((each) => each !== undefined && isLater(positionOf(each), position))) return true;
  const untrue = untrueFrom(state, position);
  return untrue !== null && untrue <= now;
};

export const lingeringOf = (state: FeatureState, n: number): Lingering | undefined =>
  state.lingering.find(({ change }) => change === n);

export const tookEffect = (words: readonly ForcedWords[], now: string): boolean => words.some(([from]) => from <= now);

/**
 * Reports whether a change can be contested: it arrived as maintenance, the terms in force allow it and no contest stands; it is open, or
 * its words took effect or will, later than those in force arrived.
 */
export const countsAsMaintenance = (state: FeatureState, n: number): boolean => {
  const inForce = inForceIn(state);
  if (inForce === undefined || !toleratesMaintenance(state)) return false;
  const change = findChange(state, n);
  if (change !== undefined && isOpen(change)) return change.maintenance;
  const words = lingeringOf(state, n)?.words ?? [];
  return words.some((each) => each[2] === 'maintenance' && isLater(positionOfWords(each), positionOf(inForce)));
};

export const liveIn = (state: FeatureState): readonly ChangeState[] => [
  ...openChanges(state),
  ...[inForceIn(state), waitingApproval(state)].filter((each) => each !== undefined),
];

/** Each as a person's fingerprint and a body. */
export const rollbackConfirmations = (state: FeatureState, n: number): readonly string[] =>
  lingeringOf(state, n)?.confirmed ?? findChange(state, n)?.confirmed ?? [];

export const rollbackWords = (
  state: FeatureState,
  n: number,
): { readonly revision: number; readonly digest: string } | undefined => lingeringOf(state, n) ?? findChange(state, n);
