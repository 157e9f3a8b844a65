import { canonical, digestOf } from '../../kernel/canonical.ts';
import { personOf } from '../../roster/holders.ts';
import { isForced, isLater, outdates, positionOf, positionOfWords, removalCovering } from '../arrival.ts';
import type { EventOf, Opening, Pinned } from '../events.ts';
import { isEntered, isMaintenance, packImpact } from '../notice.ts';
import { canOptOut, runsBySilence } from '../optOut.ts';
import {
  ACTS_MAX,
  type ChangeState,
  CLERKS_MAX,
  DOCUMENT_MARK_CHARS,
  type FeatureState,
  type ForcedWords,
  findChange,
  type Pin,
  type RequirementState,
  SEEN_AS,
  splitPersons,
} from '../state.ts';

const opened = ({ deadlineAt, overrideUntil }: Opening): RequirementState => ({
  status: 'open',
  deadlineAt,
  ...(overrideUntil !== null && { overrideUntil }),
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

/** Returns the clerks of a requirement with this one moved to the end. */
export const withClerk = (clerks: string | undefined, clerk: string): string =>
  [...splitPersons(clerks).filter((known) => known !== clerk), clerk].slice(-CLERKS_MAX).join('');

export const documentMark = (sha256: string): string => sha256.slice('sha256:'.length, 'sha256:'.length + DOCUMENT_MARK_CHARS);

/** Keeps attached documents; drops those that only other rules asked for. */
export const documentsAsked = (pinned: Pinned | null, documents: ChangeState['documents']): ChangeState['documents'] => ({
  ...Object.fromEntries(Object.entries(documents).filter(([, mark]) => mark !== '')),
  ...Object.fromEntries((pinned?.missing ?? []).map((kind) => [kind, ''])),
});

/** Identifies the documents that are attached and those still missing. */
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

const byPosition = (one: ForcedWords, other: ForcedWords): number =>
  isLater(positionOfWords(one), positionOfWords(other)) ? 1 : -1;

/** Merges words that took effect and have the same classification into the last of them. */
export const compactWords = (words: readonly ForcedWords[], at: string): ForcedWords[] => {
  const came = words.filter(([from]) => from <= at).sort(byPosition);
  const coming = words.filter(([from]) => from > at).sort(byPosition);
  return [...SEEN_AS.flatMap((as) => came.filter((each) => each[2] === as).slice(-1)), ...coming];
};

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

/** What earlier words outdated stays outdated; words only announced are revoked. */
const wordsAfter = (
  { notice, at }: Worded,
  before: readonly ForcedWords[],
  { arrival, effect, maintenance }: Pick<ChangeState, 'arrival' | 'effect' | 'maintenance'>,
  key: string,
): ForcedWords[] => {
  const came = before.filter(([from]) => from <= at);
  const own: ForcedWords = [effect, arrival, maintenance ? 'maintenance' : 'change'];
  // Kept separate from earlier words: an opt-out removes these alone.
  return outdates(notice, key) ? [...compactWords(came, at), own] : compactWords(came, at);
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

/** Ends a contest of words that arrived before those now in force, and a removal that was over when those arrived. */
export const settled = (state: FeatureState, change: ChangeState): FeatureState => {
  const position = positionOf(change);
  const { contest } = state;
  const contested = contest === null ? undefined : lastOf(state, contest.change);
  const overruled =
    contest !== null &&
    change.arrival >= contest.arrival &&
    (contested === undefined || !isLater(positionOfWords(contested), position));
  return { ...state, contest: overruled ? null : contest, removal: removalCovering(state, change) };
};

const lastOf = ({ changes, lingering }: FeatureState, n: number): ForcedWords | undefined =>
  [
    ...changes.flatMap((each) => (each.number === n ? each.words : [])),
    ...lingering.flatMap((each) => (each.change === n ? each.words : [])),
  ]
    .sort(byPosition)
    .at(-1);

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

/** Returns the opt-out of a notice, with nothing recorded yet. */
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
export const changeFromNotice = (
  event: Worded,
  before: ChangeState | undefined,
  arrival: number,
  state: FeatureState,
): ChangeState => ({
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
