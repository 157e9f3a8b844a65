import { canonical, digestOf } from '../../kernel/canonical.ts';
import {
  isForced,
  isLater,
  liveIn,
  makesUntrue,
  outdates,
  type Position,
  positionAt,
  positionOf,
  positionOfWords,
  removalTaking,
  toleratesMaintenance,
} from '../arrival.ts';
import type { EventOf, Opening, Pinned } from '../events.ts';
import { isEntered, isMaintenance, packImpact } from '../notice.ts';
import { canOptOut, isClaimed, runsBySilence } from '../optOut.ts';
import {
  ACTS_MAX,
  type ChangeState,
  CLERKS_MAX,
  DOCUMENT_MARK_CHARS,
  type FeatureState,
  type ForcedWords,
  findChange,
  inForceIn,
  isOpen,
  type Lingering,
  type Pin,
  personOf,
  type RequirementState,
  SEEN_AS,
  splitPersons,
  waitingApproval,
} from '../state.ts';

const opened = ({ deadlineAt, overrideUntil }: Opening): RequirementState => ({
  status: 'open',
  deadlineAt,
  overrideUntil,
  persons: '',
});

export const openAll = (requirements: ChangeState['requirements'], opens: readonly Opening[]): ChangeState['requirements'] => ({
  ...requirements,
  ...Object.fromEntries(opens.map((opening) => [opening.requirement, opened(opening)])),
});

export const update = (state: FeatureState, n: number, change: (change: ChangeState) => ChangeState): FeatureState => ({
  ...state,
  changes: state.changes.map((known) => (known.number === n ? change(known) : known)),
});

export const updateRequirement = (
  state: FeatureState,
  n: number,
  id: string,
  edit: (requirement: RequirementState) => RequirementState,
): FeatureState =>
  update(state, n, (change) => {
    const requirement = change.requirements[id];
    if (requirement === undefined) throw new Error(`broken invariant: requirement ${id} of change ${n} was never opened`);
    return { ...change, requirements: { ...change.requirements, [id]: edit(requirement) } };
  });

export const rememberAct = (change: ChangeState, act: string): ChangeState => ({
  ...change,
  acts: [...change.acts, act].slice(-ACTS_MAX),
});

/** Returns the clerks of a requirement with this one last. */
export const withClerk = (clerks: string | undefined, clerk: string): string =>
  [...splitPersons(clerks).filter((known) => known !== clerk), clerk].slice(-CLERKS_MAX).join('');

export const documentMark = (sha256: string): string => sha256.slice('sha256:'.length, 'sha256:'.length + DOCUMENT_MARK_CHARS);

/** Of `documents` what is attached stays; what other rules asked for, and is not attached, does not. */
export const documentsAsked = (pinned: Pinned | null, documents: ChangeState['documents']): ChangeState['documents'] => ({
  ...Object.fromEntries(Object.entries(documents).filter(([, mark]) => mark !== '')),
  ...Object.fromEntries((pinned?.missing ?? []).map((kind) => [kind, ''])),
});

/** Names the documents that are attached, and those that are asked for and are not. */
export const documentsDigest = ({ documents }: Pick<ChangeState, 'documents'>): string => digestOf(canonical(documents));

export const kindsAttached = ({ documents }: Pick<ChangeState, 'documents'>): readonly string[] =>
  Object.entries(documents).flatMap(([kind, mark]) => (mark === '' ? [] : [kind]));

export const kindsMissing = ({ documents }: Pick<ChangeState, 'documents'>): readonly string[] =>
  Object.entries(documents).flatMap(([kind, mark]) => (mark === '' ? [kind] : []));

export const attached = (state: FeatureState, { change: n, kind, sha256, at }: EventOf<'DocumentAttached'>): FeatureState =>
  update(state, n, (change) => ({
    ...change,
    documents: { ...change.documents, [kind]: documentMark(sha256) },
    documented: at,
  }));

/** Closed changes whose words are kept apart; beyond it the two oldest count as one, which no rollback ends. */
const LINGERING_MAX = 12;

const byPosition = (one: ForcedWords, other: ForcedWords): number =>
  isLater(positionOfWords(one), positionOfWords(other)) ? 1 : -1;

/** Of words that came and are seen alike the last stand for all. */
const compacted = (words: readonly ForcedWords[], at: string): ForcedWords[] => {
  const came = words.filter(([from]) => from <= at).sort(byPosition);
  const coming = words.filter(([from]) => from > at).sort(byPosition);
  return [...SEEN_AS.flatMap((as) => came.filter((each) => each[2] === as).slice(-1)), ...coming];
};

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

/** What earlier words made untrue stays so, what they only announced is revoked. */
const wordsAfter = (
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
  words.map(([from, arrival, as]) => [from, arrival, as === 'maintenance' ? 'contested' : as]);

/** Neither the change nor any update is maintenance until later words are in force. */
export const contestOf = (state: FeatureState, n: number, act: string | null): FeatureState => {
  const change = findChange(state, n);
  const lingers = state.lingering.find((each) => each.change === n);
  const arrival = change?.arrival ?? lingers?.words.at(-1)?.[1] ?? 0;
  const noted = update(state, n, (known) => ({ ...known, maintenance: false, words: contestedWords(known.words) }));
  const lingering = noted.lingering.map((each) => (each === lingers ? { ...each, words: contestedWords(each.words) } : each));
  return { ...noted, lingering, contest: { change: n, arrival, act } };
};

/** Ends a contest of words that arrived before those now in force, and a removal that was over when these arrived. */
export const settled = (state: FeatureState, change: ChangeState): FeatureState => {
  const position = positionOf(change);
  const { contest } = state;
  const contested = contest === null ? undefined : lastOf(state, contest.change);
  const overruled =
    contest !== null &&
    change.arrival >= contest.arrival &&
    (contested === undefined || !isLater(positionOfWords(contested), position));
  return { ...state, contest: overruled ? null : contest, removal: removalTaking(state, change) };
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

/** Where the words of a change can still come to stand: of those that run by silence, once the city opts out, where they arrived. */
const earliestPositionOf = (change: ChangeState, at: string): Position =>
  positionAt(isOpen(change) && change.optOut?.runs === 'by-silence' ? { ...change, forced: false } : change, at);

/**
 * Returns the closed changes whose words take effect later, can make words untrue that are or could be approved, or precede no approved
 * words.
 */
export const stillLingering = (state: FeatureState, at: string): Lingering[] => {
  const live = liveIn(state).map((each) => earliestPositionOf(each, at));
  const approved = [inForceIn(state), waitingApproval(state)].flatMap((each) => (each === undefined ? [] : [positionOf(each)]));
  const matters = (words: Position): boolean =>
    words.at > at || live.some((each) => isLater(words, each)) || approved.every((each) => isLater(words, each));
  return state.lingering.filter(({ words }) => words.some((each) => matters(positionOfWords(each))));
};

export const lingeringAt = (state: FeatureState, n: number, at: string): Lingering | undefined =>
  stillLingering(state, at).find(({ change }) => change === n);

/** What had taken effect counts until two persons confirm its rollback. Words that count together with those of another change stay. */
export const withdrawnLate = (state: FeatureState, n: number, at: string): FeatureState => ({
  ...update(state, n, (change) => ({ ...change, status: 'withdrawn' })),
  lingering: state.lingering.map((each) => {
    if (each.change !== n || each.vendor === 'none') return each;
    const { optOut: _optOut, ...kept } = each;
    return { ...kept, vendor: 'withdrew', words: each.words.filter(([from]) => from <= at) };
  }),
});

/** What two persons can confirm of words that keep an approval from being true: that they were undone, or opted out of in time. */
export type Confirmable = EventOf<'RollbackConfirmed'>['of'];

/** Who confirmed it, each as a person's fingerprint and a body. */
export const confirmationsOf = (
  { confirmed = [], optOut }: Pick<ChangeState, 'confirmed' | 'optOut'>,
  of: Confirmable,
): readonly string[] => (of === 'opt-out' ? (optOut?.confirmed ?? []) : confirmed);

/**
 * Returns what waits for two persons: the late record of an opt-out, else the rollback of words that took effect and that the vendor
 * withdrew, or need not; undefined for nothing. Each only while the words make an approval untrue, or will.
 */
export const awaitsConfirmation = (state: FeatureState, n: number, at: string): Confirmable | undefined => {
  const approved = [inForceIn(state), waitingApproval(state)];
  const outdating = (words: ForcedWords): boolean =>
    approved.some((other) => {
      if (other === undefined || (words[2] === 'maintenance' && toleratesMaintenance(state, other))) return false;
      return makesUntrue(positionOfWords(words), other, at);
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

export const withPin = (state: FeatureState, pinned: Pinned | null): FeatureState =>
  pinned === null ? state : { ...state, pins: { ...state.pins, [pinName(pinned)]: pinOf(pinned) } };

const pinOf = ({ require, term, passkeys }: Pinned): Pin => ({ require, term, ...(passkeys !== undefined && { passkeys }) });

export const pinName = (pinned: Pinned): string => `${pinned.policy}/${pinned.rule}`;

/** `documents`: those attached to the revision already. */
export const pinFields = (pinned: Pinned | null, documents: ChangeState['documents']) => ({
  pin: pinned === null ? null : pinName(pinned),
  documents: documentsAsked(pinned, documents),
  from: pinned?.from ?? null,
  closesAt: pinned?.closesAt ?? null,
  requirements: openAll({}, pinned?.opens ?? []),
});

const claimsMaintenance = ({ notice, provenance }: Worded, { contest }: FeatureState): boolean =>
  provenance.scheme !== null && isMaintenance(notice) && contest === null;

const effectOfWording = ({ notice, at }: Worded): string =>
  notice.effectiveAt === null || notice.effectiveAt < at ? at : notice.effectiveAt;

/** Of a notice, while nothing is recorded. */
export const optOutIn = (key: string, notice: Worded['notice']): Pick<ChangeState, 'optOut'> => {
  if (!canOptOut(key, notice)) return {};
  const { optOutBy: by, effectiveAt } = notice;
  const runs = runsBySilence(notice) ? 'by-silence' : effectiveAt === null ? 'undated' : 'dated';
  return { optOut: { runs, ...(by !== null && { by }) } };
};

const timing = (event: Worded, before: ChangeState | undefined, arrival: number, state: FeatureState) => {
  const { notice } = event;
  const [effect, maintenance] = [effectOfWording(event), claimsMaintenance(event, state)];
  const key = event.type === 'ChangeNotified' ? event.key : (state.key ?? '');
  const words = wordsAfter(event, before?.words ?? [], { arrival, effect, maintenance }, key);
  return { forced: isForced(notice), effect, maintenance, words, ...optOutIn(key, notice) };
};

/** Nothing is decided yet, and no opt-out recorded. Earlier notices are still recognised when repeated. */
export const worded = (event: Worded, before: ChangeState | undefined, arrival: number, state: FeatureState): ChangeState => ({
  number: event.change,
  revision: event.revision,
  arrival,
  digest: event.digest,
  status: 'pending',
  kind: event.notice.kind,
  version: event.notice.version,
  endsAt: event.notice.endsAt,
  since: event.at,
  by: event.provenance.person === null ? '' : personOf(event.provenance.person),
  entered: isEntered(event.provenance),
  impact: packImpact(event.notice.impact),
  ...pinFields(event.pinned, {}),
  terms: null,
  ...timing(event, before, arrival, state),
  veto: null,
  confirmation: null,
  acts: [...(before?.acts ?? []), event.command].slice(-ACTS_MAX),
  approved: null,
});
