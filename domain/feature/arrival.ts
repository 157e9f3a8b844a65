import { type OptOutChoice, runsBySilence } from './optOut.ts';
import {
  type ChangeState,
  currentApproval,
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

/** Reports whether words run unasked: the vendor cannot hold them back, an unknown answer included, or does so only if it is asked to. */
export const isForced = (notice: OptOutChoice): boolean =>
  notice.kind !== 'removal' && (notice.optOut !== 'yes' || runsBySilence(notice));

/** Reports whether words that take effect make earlier ones untrue. A contract does not outdate the contract in force. */
export const outdates = (notice: OptOutChoice, key: string): boolean =>
  isForced(notice) && !(notice.kind === 'contract' && !key.includes('.'));

/** Words that cannot be held back. `from`: their effect; `since`: the earlier effect of words of the change that they stand for as well. */
interface OutdatingWords {
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
const toleratesMaintenance = (state: FeatureState): boolean =>
  state.contest === null && inForceIn(state)?.approved?.terms.maintenance === true;

export const positionOfWords = ([at, arrival]: ForcedWords): Position => ({ at, arrival });

const outdating = (state: FeatureState, position: Position, tolerant: boolean): readonly OutdatingWords[] =>
  forcedWords(state).filter(
    (words) => isLater({ at: words.from, arrival: words.arrival }, position) && !(tolerant && words.as === 'maintenance'),
  );

interface Untrue {
  readonly at: string;
  readonly change: number;
}

/** Returns from when words that arrived at `position` are untrue, and which change makes them so; undefined for never. */
const untrueFrom = (state: FeatureState, position: Position, tolerant: boolean): Untrue | undefined => {
  const ends = outdating(state, position, tolerant).map(({ since, from, change }) => ({
    at: since > position.at ? since : from,
    change,
  }));
  return ends.reduce<Untrue | undefined>((first, each) => (first === undefined || each.at < first.at ? each : first), undefined);
};

/** Returns from when the words in force, or else those that wait to begin, are untrue; null for never, or without an approval. */
export const staleFrom = (state: FeatureState): string | null => {
  const shown = currentApproval(state);
  return shown === undefined ? null : (outdatedFrom(state, shown)?.at ?? null);
};

const toleratedWith = ({ contest }: FeatureState, { approved }: Pick<ChangeState, 'approved'>): boolean =>
  contest === null && approved?.terms.maintenance === true;

/** Returns from when an approval's words are untrue, and which change makes them so; undefined for never. */
export const outdatedFrom = (state: FeatureState, approval: ChangeState): Untrue | undefined =>
  untrueFrom(state, positionOf(approval), toleratedWith(state, approval));

/** Returns the numbers of the changes whose words make those in force untrue at `now`. */
export const outdatedBy = (state: FeatureState, now: string): readonly number[] => {
  const inForce = inForceIn(state);
  if (inForce === undefined) return [];
  const found = outdating(state, positionOf(inForce), toleratesMaintenance(state)).filter(({ from }) => from <= now);
  return [...new Set(found.map(({ change }) => change))];
};

/**
 * Returns the approval with exactly these words, in force or waiting to begin, unless it is outdated at `now`: who sends them again announces
 * nothing new.
 */
export const approvedWith = (state: FeatureState, digest: string, now: string): ChangeState | undefined => {
  const [inForce, waiting] = [inForceIn(state), waitingApproval(state)];
  if (inForce?.digest === digest && outdatedBy(state, now).length === 0) return inForce;
  const outdated = waiting && outdatedFrom(state, waiting);
  return waiting?.digest === digest && (outdated === undefined || outdated.at > now) ? waiting : undefined;
};

/**
 * Reports whether words are overtaken: those in force or those that wait arrived later, or words that did took effect, so that their
 * approval would switch nothing on.
 */
export const isOvertaken = (state: FeatureState, change: ChangeState, now: string): boolean => {
  const position = positionOf(change);
  const approvals = [inForceIn(state), waitingApproval(state)];
  if (approvals.some((each) => each !== undefined && isLater(positionOf(each), position))) return true;
  const untrue = untrueFrom(state, position, toleratesMaintenance(state));
  return untrue !== undefined && untrue.at <= now;
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

/** Returns the newest revision of a change that is open or whose words still count, or that closed lately. */
export const standingWords = (
  state: FeatureState,
  n: number,
): Pick<ChangeState, 'revision' | 'digest' | 'confirmed' | 'optOut'> | undefined => {
  const [lingers, change] = [lingeringOf(state, n), findChange(state, n)];
  return lingers === undefined ? change : { ...(change?.optOut !== undefined && { optOut: change.optOut }), ...lingers };
};
