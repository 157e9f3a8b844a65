import { ascending, latest } from '../kernel/order.ts';
import { type OptOutChoice, runsBySilence } from './optOut.ts';
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
 * The position of words in the order of arrival, which decides what is in force: by instant, then by number. Words that cannot be held
 * back count as arrived at the later of arrival and effect.
 */
export interface Position {
  readonly at: string;
  readonly arrival: number;
}

export const isLater = (one: Position, other: Position): boolean =>
  one.at > other.at || (one.at === other.at && one.arrival > other.arrival);

type Placed = Pick<ChangeState, 'forced' | 'effect' | 'since' | 'arrival'>;

/** Returns the position of words at `now`: their arrival until they have taken effect unasked. */
export const positionAt = ({ forced, effect, since, arrival }: Placed, now: string): Position => ({
  at: forced && effect <= now ? effect : since,
  arrival,
});

/** Returns the final position of words. */
export const positionOf = (change: Placed): Position => positionAt(change, change.effect);

/**
 * Returns the removal that also takes these words: it was not over when they arrived, whenever they take effect. Null for none.
 */
export const removalCovering = (
  { removal }: Pick<FeatureState, 'removal'>,
  { since, arrival }: Pick<ChangeState, 'since' | 'arrival'>,
): FeatureState['removal'] =>
  removal !== null && isLater({ at: removal.lasts, arrival: removal.arrival }, { at: since, arrival }) ? removal : null;

/**
 * Reports whether words take effect unasked: the vendor cannot hold them back (or does not state that it can), or does so only on request.
 */
export const isForced = (notice: OptOutChoice): boolean =>
  notice.kind !== 'removal' && (notice.optOut !== 'yes' || runsBySilence(notice));

/** Reports whether words that take effect outdate earlier ones. A contract does not outdate the contract in force. */
export const outdates = (notice: OptOutChoice, key: string): boolean =>
  isForced(notice) && !(notice.kind === 'contract' && !key.includes('.'));

/** A change's words that cannot be held back: their position and classification. */
interface OutdatingWords extends Position {
  readonly change: number;
  readonly as: SeenAs;
}

export const forcedWords = ({ changes, lingering }: FeatureState): readonly OutdatingWords[] =>
  [...changes.map(({ number, words }) => ({ change: number, words })), ...lingering].flatMap(({ change, words }) =>
    words.map(([at, arrival, as]) => ({ change, at, arrival, as })),
  );

/** Reports whether the terms of an approval (by default the one in force) allow maintenance and no contest stands. */
export const toleratesMaintenance = (state: FeatureState, approval = inForceIn(state)): boolean =>
  state.contest === null && approval?.approved?.terms.maintenance === true;

export const positionOfWords = ([at, arrival]: ForcedWords): Position => ({ at, arrival });

/**
 * Reports whether words that cannot be held back outdate those of a change, now or later: they come after its position by then.
 */
export const outdatesWords = (words: Position, change: ChangeState, now: string): boolean =>
  isLater(words, positionAt(change, latest(now, words.at)));

/** Reports whether words come between the arrival of those in force and the effect of those, which is still to come. */
export const arrivesBeforeEffect = (inForce: ChangeState, words: ChangeState, now: string): boolean =>
  isLater(positionOf(inForce), positionOf(words)) && outdatesWords(positionOf(words), inForce, now);

const outdating = (state: FeatureState, change: ChangeState, tolerant: boolean, now: string): readonly OutdatingWords[] =>
  forcedWords(state).filter((words) => outdatesWords(words, change, now) && !(tolerant && words.as === 'maintenance'));

/** Returns the first words that outdate those of a change, and from when; undefined for none. */
const untrueFrom = (
  state: FeatureState,
  words: ChangeState,
  tolerant: boolean,
  now: string,
): Pick<OutdatingWords, 'at' | 'change'> | undefined =>
  outdating(state, words, tolerant, now).toSorted((one, other) => ascending(one.at, other.at))[0];

/**
 * Returns when the words of an approval become untrue, judged at `now`, and the change that makes them so; undefined for never.
 */
export const outdatedFrom = (state: FeatureState, approval: ChangeState, now: string): ReturnType<typeof untrueFrom> =>
  untrueFrom(state, approval, toleratesMaintenance(state, approval), now);

/** Reports whether words are untrue at `now` and remain so once they take effect. */
const isUntrueForGood = (state: FeatureState, words: ChangeState, tolerant: boolean, now: string): boolean => {
  const untrue = untrueFrom(state, words, tolerant, words.effect);
  return untrue !== undefined && untrue.at <= now;
};

/** Returns the numbers of the changes whose words outdate those in force at `now`. */
export const outdatedBy = (state: FeatureState, now: string): readonly number[] => {
  const inForce = inForceIn(state);
  if (inForce === undefined) return [];
  const found = outdating(state, inForce, toleratesMaintenance(state), now).filter(({ at }) => at <= now);
  return [...new Set(found.map(({ change }) => change))];
};

/**
 * Returns the approval, in force or waiting, with exactly these words, unless it is outdated for good. Sending them again announces
 * nothing new.
 */
export const approvedWith = (state: FeatureState, digest: string, now: string): ChangeState | undefined => {
  const approved = [inForceIn(state), waitingApproval(state)].filter((each) => each !== undefined);
  return approved.find((each) => each.digest === digest && !isUntrueForGood(state, each, toleratesMaintenance(state, each), now));
};

/**
 * Reports whether words are overtaken, so that approving them would switch nothing on: the approval in force or waiting arrived later, or
 * later words or a removal took effect. Words that come before those in force have taken effect are not overtaken.
 */
export const isOvertaken = (state: FeatureState, change: ChangeState, now: string): boolean => {
  const position = positionOf(change);
  const removal = removalCovering(state, change);
  if (removal !== null && removal.lasts <= now) return true;
  const inForce = inForceIn(state);
  const isBehind = [inForce, waitingApproval(state)].some((each) => each !== undefined && isLater(positionOf(each), position));
  if (isBehind && !(inForce !== undefined && arrivesBeforeEffect(inForce, change, now))) return true;
  return isUntrueForGood(state, change, toleratesMaintenance(state), now);
};

/**
 * Returns the waiting approval if later words are in force, so that it never replaces them: the city opted out of its words, which until
 * then counted as arrived at their effect. It ends with those in force.
 */
export const approvalNeverBeginning = (state: FeatureState): ChangeState | undefined => {
  const [inForce, waiting] = [inForceIn(state), waitingApproval(state)];
  if (inForce === undefined || waiting === undefined) return undefined;
  return isLater(positionOf(inForce), positionOf(waiting)) ? waiting : undefined;
};

export const lingeringOf = (state: FeatureState, n: number): Lingering | undefined =>
  state.lingering.find(({ change }) => change === n);

export const tookEffect = (words: readonly ForcedWords[], now: string): boolean => words.some(([from]) => from <= now);

/**
 * Reports whether a change can be contested: it arrived as maintenance, the terms in force allow maintenance and no contest stands; it is
 * open, or its words have a later position than those in force.
 */
export const countsAsMaintenance = (state: FeatureState, n: number): boolean => {
  const inForce = inForceIn(state);
  if (inForce === undefined || !toleratesMaintenance(state)) return false;
  const change = findChange(state, n);
  if (change !== undefined && isOpen(change)) return change.maintenance;
  const words = lingeringOf(state, n)?.words ?? [];
  return words.some((each) => each[2] === 'maintenance' && isLater(positionOfWords(each), positionOf(inForce)));
};

export const liveChanges = (state: FeatureState): readonly ChangeState[] => [
  ...openChanges(state),
  ...[inForceIn(state), waitingApproval(state)].filter((each) => each !== undefined),
];

/** Returns the newest revision of a change that is open, closed recently, or has words that still count. */
export const standingWords = (
  state: FeatureState,
  n: number,
): Pick<ChangeState, 'revision' | 'digest' | 'confirmed' | 'optOut'> | undefined => {
  const [lingers, change] = [lingeringOf(state, n), findChange(state, n)];
  return lingers === undefined ? change : { ...(change?.optOut !== undefined && { optOut: change.optOut }), ...lingers };
};
