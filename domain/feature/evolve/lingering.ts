import {
  isLater,
  liveChanges,
  outdatesWords,
  type Position,
  positionAt,
  positionOf,
  positionOfWords,
  toleratesMaintenance,
} from '../arrival.ts';
import type { EventOf } from '../events.ts';
import { isClaimed } from '../optOut.ts';
import {
  type ChangeState,
  type FeatureState,
  type ForcedWords,
  findChange,
  inForceIn,
  isOpen,
  type Lingering,
  waitingApproval,
} from '../state.ts';
import { compactWords, update } from './words.ts';

/**
 * The number of closed changes whose words are kept separately; beyond it the two oldest merge into one, which no rollback ends.
 */
const LINGERING_MAX = 12;

const vendorAt = (status: ChangeState['status'], entered: boolean): Lingering['vendor'] =>
  status === 'approved' ? 'none' : status === 'withdrawn' ? 'withdrew' : entered ? 'unneeded' : 'owes';

/** Keeps the words of a change that closes: all, or those that took effect if the vendor withdraws it. */
export const lingeringAfter = (
  state: FeatureState,
  change: ChangeState,
  status: ChangeState['status'],
  at: string,
): Lingering[] => {
  const { number, revision, arrival, digest, pin, entered, confirmed = [], optOut } = change;
  const words = status === 'withdrawn' ? change.words.filter(([from]) => from <= at) : change.words;
  if (words.length === 0) return state.lingering;
  const own = optOut !== undefined && status !== 'withdrawn' && words.at(-1)?.[1] === arrival ? { optOut } : {};
  const kept = { change: number, revision, digest, pin, vendor: vendorAt(status, entered), confirmed, words, ...own };
  return bounded([...state.lingering, kept], at);
};

const bounded = (all: Lingering[], at: string): Lingering[] => {
  const [first, second, ...rest] = all;
  if (all.length <= LINGERING_MAX || first === undefined || second === undefined) return all;
  const words = compactWords([...first.words, ...second.words], at);
  const { optOut: _optOut, ...kept } = second;
  return [{ ...kept, vendor: 'none', confirmed: [], words }, ...rest];
};

/**
 * Returns the earliest position that the words of a change can still take: their arrival, if they run by silence and the city opts out.
 */
const earliestPositionOf = (change: ChangeState, at: string): Position =>
  positionAt(isOpen(change) && change.optOut?.runs === 'by-silence' ? { ...change, forced: false } : change, at);

/**
 * Returns the closed changes whose words take effect later, can outdate words that are or could be approved, or come after all approved
 * words.
 */
export const stillLingering = (state: FeatureState, at: string): Lingering[] => {
  const live = liveChanges(state).map((each) => earliestPositionOf(each, at));
  const approved = [inForceIn(state), waitingApproval(state)].flatMap((each) => (each === undefined ? [] : [positionOf(each)]));
  const matters = (words: Position): boolean =>
    words.at > at || live.some((each) => isLater(words, each)) || approved.every((each) => isLater(words, each));
  return state.lingering.filter(({ words }) => words.some((each) => matters(positionOfWords(each))));
};

export const lingeringAt = (state: FeatureState, n: number, at: string): Lingering | undefined =>
  stillLingering(state, at).find(({ change }) => change === n);

/** Words that had taken effect count until two persons confirm their rollback. Words merged with those of another change stay. */
export const withdrawnAfterEffect = (state: FeatureState, n: number, at: string): FeatureState => ({
  ...update(state, n, (change) => ({ ...change, status: 'withdrawn' })),
  lingering: state.lingering.map((each) => {
    if (each.change !== n || each.vendor === 'none') return each;
    const { optOut: _optOut, ...kept } = each;
    return { ...kept, vendor: 'withdrew', words: each.words.filter(([from]) => from <= at) };
  }),
});

/** What two persons can confirm about words that outdate an approval: that they were undone, or opted out of in time. */
export type Confirmable = EventOf<'RollbackConfirmed'>['of'];

/** Returns who confirmed it, each as a person's fingerprint and a body. */
export const confirmationsOf = (
  { confirmed = [], optOut }: Pick<ChangeState, 'confirmed' | 'optOut'>,
  of: Confirmable,
): readonly string[] => (of === 'opt-out' ? (optOut?.confirmed ?? []) : confirmed);

/**
 * Returns what two persons must confirm: a late record of an opt-out, else the rollback of words that took effect and that the vendor
 * withdrew or need not withdraw. Undefined for nothing. Each applies only while the words outdate an approval, now or later.
 */
export const awaitsConfirmation = (state: FeatureState, n: number, at: string): Confirmable | undefined => {
  const approved = [inForceIn(state), waitingApproval(state)];
  const outdating = (words: ForcedWords): boolean =>
    approved.some((other) => {
      if (other === undefined || (words[2] === 'maintenance' && toleratesMaintenance(state, other))) return false;
      return outdatesWords(positionOfWords(words), other, at);
    });
  const change = findChange(state, n);
  const open = change !== undefined && isOpen(change) ? change : undefined;
  const lingers = open === undefined ? lingeringAt(state, n, at) : undefined;
  const { words = [] } = open ?? lingers ?? {};
  const own = words.at(-1);
  if (isClaimed(open ?? lingers ?? {}) && own !== undefined && outdating(own)) return 'opt-out';
  const isUndone = open?.entered ?? ['withdrew', 'unneeded'].includes(lingers?.vendor ?? 'none');
  return isUndone && words.some((each) => each[0] <= at && outdating(each)) ? 'rollback' : undefined;
};
