import { isLater, liveIn, outdates, type Position, positionOf, positionOfWords, removalPosition } from '../arrival.ts';
import type { EventOf } from '../events.ts';
import { isClaimed, optOutOf } from '../optOut.ts';
import {
  type ChangeState,
  type FeatureState,
  type ForcedWords,
  findChange,
  inForceIn,
  isOpen,
  type Lingering,
  SEEN_AS,
  type SeenAs,
  waitingApproval,
} from '../state.ts';
import { update } from './edit.ts';

/** Closed changes whose words are kept apart; beyond it the two oldest count as one, which no rollback ends. */
const LINGERING_MAX = 12;

const byPosition = (one: ForcedWords, other: ForcedWords): number =>
  isLater(positionOfWords(one), positionOfWords(other)) ? 1 : -1;

const seenAs = ([from, arrival, , ...since]: ForcedWords, as: SeenAs): ForcedWords => [from, arrival, as, ...since];

/** Returns words in which the earlier of two stands for both: the later effect decides, the earlier one is since when. */
const merged = (words: readonly ForcedWords[]): readonly ForcedWords[] => {
  const [first, last] = [words[0], words.at(-1)];
  if (first === undefined || last === undefined) return [];
  const [[from, , , since = from], [effect, arrival, as]] = [first, last];
  return [since === effect ? [effect, arrival, as] : [effect, arrival, as, since]];
};

const compacted = (words: readonly ForcedWords[], at: string): ForcedWords[] => {
  const came = words.filter(([from]) => from <= at).sort(byPosition);
  const coming = words.filter(([from]) => from > at).sort(byPosition);
  const seen = SEEN_AS.flatMap((as) => merged(came.filter((each) => each[2] === as)));
  return [...seen, ...coming];
};

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

/** What earlier words made untrue stays so, what they only announced is revoked. */
export const wordsAfter = (
  { notice, at }: Worded,
  before: readonly ForcedWords[],
  { arrival, effect, maintenance }: Pick<ChangeState, 'arrival' | 'effect' | 'maintenance'>,
  key: string,
): ForcedWords[] => {
  const came = before.filter(([from]) => from <= at);
  const own: ForcedWords = [effect, arrival, maintenance ? 'maintenance' : 'change'];
  // Apart from what came before it: an opt-out takes out these alone.
  return outdates(notice, key) ? [...compacted(came, at), own] : compacted(came, at);
};

const contestedWords = (words: readonly ForcedWords[]): ForcedWords[] =>
  words.map((each) => (each[2] === 'maintenance' ? seenAs(each, 'contested') : each));

/** Neither the change nor any update is maintenance until later words are in force. */
export const contestOf = (state: FeatureState, n: number, act: string | null): FeatureState => {
  const change = findChange(state, n);
  const lingers = state.lingering.find((each) => each.change === n);
  const arrival = change?.arrival ?? lingers?.words.at(-1)?.[1] ?? 0;
  const noted = update(state, n, (known) => ({ ...known, maintenance: false, words: contestedWords(known.words) }));
  const lingering = noted.lingering.map((each) => (each === lingers ? { ...each, words: contestedWords(each.words) } : each));
  return { ...noted, lingering, contest: { change: n, arrival, act } };
};

/** Ends a contest of words that arrived before those now in force, and a removal of what had arrived by its effect. */
export const settled = (state: FeatureState, change: ChangeState): FeatureState => {
  const position = positionOf(change);
  const { contest, removal } = state;
  const contested = contest === null ? undefined : lastOf(state, contest.change);
  const overruled =
    contest !== null &&
    change.arrival >= contest.arrival &&
    (contested === undefined || !isLater(positionOfWords(contested), position));
  const returns = removal !== null && isLater(position, removalPosition(removal));
  return { ...state, contest: overruled ? null : contest, removal: returns ? null : removal };
};

const lastOf = ({ changes, lingering }: FeatureState, n: number): ForcedWords | undefined =>
  [
    ...changes.flatMap((each) => (each.number === n ? each.words : [])),
    ...lingering.flatMap((each) => (each.change === n ? each.words : [])),
  ]
    .sort(byPosition)
    .at(-1);

const vendorAt = (status: ChangeState['status'], entered: boolean): Lingering['vendor'] =>
  status === 'approved' ? 'none' : status === 'withdrawn' ? 'withdrew' : entered ? 'unneeded' : 'owes';

/** Keeps the words of a change that closes: all, or if the vendor withdraws it those that took effect. */
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
  const words = compacted([...first.words, ...second.words], at);
  const { optOut: _optOut, ...kept } = second;
  return [{ ...kept, vendor: 'none', confirmed: [], words }, ...rest];
};

/**
 * Returns the closed changes whose words take effect later, can make words untrue that are or could be approved, or precede no approved
 * words.
 */
export const stillLingering = (state: FeatureState, at: string): Lingering[] => {
  const live = liveIn(state).map(positionOf);
  const approved = [inForceIn(state), waitingApproval(state)].flatMap((each) => (each === undefined ? [] : [positionOf(each)]));
  const matters = (words: Position): boolean =>
    words.at > at || live.some((each) => isLater(words, each)) || approved.every((each) => isLater(words, each));
  return state.lingering.filter(({ words }) => words.some((each) => matters(positionOfWords(each))));
};

export const lingeringAt = (state: FeatureState, n: number, at: string): Lingering | undefined =>
  stillLingering(state, at).find(({ change }) => change === n);

/** What had taken effect counts until two persons confirm its rollback. */
export const withdrawnLate = (state: FeatureState, n: number, at: string): FeatureState => ({
  ...update(state, n, (change) => ({ ...change, status: 'withdrawn' })),
  lingering: state.lingering.map((each) => {
    if (each.change !== n) return each;
    const { optOut: _optOut, ...kept } = each;
    return { ...kept, vendor: 'withdrew', words: each.words.filter(([from]) => from <= at) };
  }),
});

/** What two persons can confirm of words that keep an approval from being true: that they were undone, or opted out of in time. */
export type Confirmable = EventOf<'RollbackConfirmed'>['of'];

/** Who confirmed it, each as a person's fingerprint and a body. */
export const confirmationsOf = (
  { confirmed = [], ...change }: Pick<ChangeState, 'confirmed' | 'optOut'>,
  of: Confirmable,
): readonly string[] => (of === 'opt-out' ? (optOutOf(change)?.confirmed ?? []) : confirmed);

/**
 * Returns what waits for two persons: the late record of an opt-out, else the rollback of words that took effect and that the vendor
 * withdrew, or need not; undefined for nothing. Each only while the words make an approval untrue, or will.
 */
export const awaitsConfirmation = (state: FeatureState, n: number, at: string): Confirmable | undefined => {
  const approved = [inForceIn(state), waitingApproval(state)];
  const outdating = (words: ForcedWords): boolean =>
    approved.some((other) => other && isLater(positionOfWords(words), positionOf(other)));
  const change = findChange(state, n);
  const open = change !== undefined && isOpen(change) ? change : undefined;
  const lingers = open === undefined ? lingeringAt(state, n, at) : undefined;
  const { words = [] } = open ?? lingers ?? {};
  const own = words.at(-1);
  if (isClaimed(open ?? lingers ?? {}) && own !== undefined && outdating(own)) return 'opt-out';
  const isUndone = open?.entered ?? ['withdrew', 'unneeded'].includes(lingers?.vendor ?? 'none');
  return isUndone && words.some((each) => each[0] <= at && outdating(each)) ? 'rollback' : undefined;
};
