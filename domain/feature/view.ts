// Storage format of a read model: derived from events, thrown away and rebuilt at will. Raise VIEW_VERSION when a shape changes.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { latest } from '../kernel/order.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { INSTRUMENTS, PinnedRequirement, type Requirement } from '../policy/schema.ts';
import type { DecisionEvent } from './decisionToSign.ts';
import {
  AdviceGiven,
  ApprovalRevoked,
  BallotCast,
  ConfirmationGiven,
  DocumentAttached,
  type EventOf,
  type FeatureEvent,
  MaintenanceContested,
  type Opening,
  OptOutRecorded,
  Pinned,
  Provenance,
  RollbackConfirmed,
  SignatureGiven,
  VoteCertified,
} from './events.ts';
import { ENDED_AS, extended } from './evolve/endings.ts';
import { isMaintenance, NoticeFacts } from './notice.ts';
import { betterStanding, limitsOfOptOut, OPT_OUT_STANDINGS, standingOfOptOut } from './optOut.ts';
import { CHANGE_STATUSES, type ChangeStatus, isOpen, statesTermsAlone } from './state.ts';
import { Terms } from './terms.ts';

/** Raise when a view below changes shape, so that older views are folded again. */
export const VIEW_VERSION = 18;

export const PasskeyView = strictObject(() => Assertion.pick({ credential: true, enrolled: true }).shape);
export type PasskeyView = z.infer<typeof PasskeyView>;

const version = z.int().min(1);
const decided = { version, passkey: PasskeyView.exactOptional() };

/** `version`: of the stream that holds the act. */
export const ActView = z.lazy(() =>
  z.discriminatedUnion('type', [
    VoteCertified.omit({ assertion: true }).extend(decided),
    SignatureGiven.omit({ assertion: true, together: true }).extend(decided),
    BallotCast.omit({ assertion: true }).extend(decided),
    AdviceGiven.omit({ assertion: true }).extend(decided),
    ConfirmationGiven.omit({ assertion: true }).extend(decided),
    ApprovalRevoked.extend({ version }),
  ]),
);
export type ActView = z.infer<typeof ActView>;

/**
 * `tally`: of the deciding vote, or of closed ballots. `override`: the body's second vote, on a veto, which decides another requirement.
 */
export const RequirementView = strictObject(() => ({
  id: z.string(),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  rule: PinnedRequirement,
  status: z.enum(['waiting', 'open', 'met', 'refused', 'overridden']),
  deadlineAt: Instant.nullable(),
  tally: VoteCertified.shape.tally.nullable(),
  override: VoteCertified.shape.tally.nullable(),
  ballots: z.record(z.string(), BallotCast.shape.decision),
  denominator: z.strictObject({ seats: z.int(), filled: z.int() }).nullable(),
}));
export type RequirementView = z.infer<typeof RequirementView>;

/** `words`: the stream version whose attachment is the notice as it was sent. */
export const RevisionView = strictObject(() => ({
  revision: z.int().min(1),
  digest: z.string(),
  at: Instant,
  words: z.int().min(1),
  notice: NoticeFacts,
  provenance: Provenance,
}));
export type RevisionView = z.infer<typeof RevisionView>;

export const AttachedDocument = strictObject(
  () => DocumentAttached.pick({ kind: true, title: true, sha256: true, mediaType: true, bytes: true, at: true, by: true }).shape,
);
export type AttachedDocument = z.infer<typeof AttachedDocument>;

const Confirmations = z.lazy(() =>
  z.array(RollbackConfirmed.pick({ at: true, holder: true, body: true, seat: true, roster: true, comment: true })).readonly(),
);

/** The opt-out of the newest revision. `records`: a second brought the evidence that the first lacked. */
const OptOutView = strictObject(() => ({
  standing: z.enum(OPT_OUT_STANDINGS),
  records: z
    .array(OptOutRecorded.pick({ at: true, person: true, note: true, evidence: true, act: true }).extend({ version }))
    .readonly(),
  confirmations: Confirmations,
  completedAt: Instant.nullable(),
}));

/**
 * `termsBy`: the decision that set the current terms. `contested.wrong`: see `foundWrong`. `documents`: of the last revision, oldest
 * first. `approved.began`: since when it is in force, null while it waits. `rebound`: the version that bound the newest words to other
 * rules, voiding earlier decisions on them.
 */
export const ChangeView = strictObject(() => ({
  key: z.string(),
  number: z.int().min(1),
  status: z.enum(CHANGE_STATUSES),
  revisions: z.array(RevisionView).readonly(),
  pinned: Pinned.nullable(),
  rebound: version.nullable(),
  requirements: z.array(RequirementView).readonly(),
  terms: Terms.nullable(),
  termsBy: z.strictObject({ requirement: z.string(), holder: z.string(), at: Instant }).nullable(),
  acts: z.array(ActView).readonly(),
  veto: z
    .strictObject({
      requirement: z.string(),
      by: z.enum(['holder', 'deadline']),
      at: Instant,
      until: Instant,
    })
    .nullable(),
  confirmation: z
    .strictObject({
      requirement: z.string(),
      certificate: z.string(),
      at: Instant,
      until: Instant,
      disputed: z.boolean(),
    })
    .nullable(),
  documents: z.array(AttachedDocument).readonly(),
  closesAt: Instant.nullable(),
  approved: z
    .strictObject({ at: Instant, version, validUntil: Instant.nullable(), terms: Terms, began: Instant.nullable() })
    .nullable(),
  contested: MaintenanceContested.pick({ at: true, by: true, reason: true }).extend({ wrong: Instant.nullable() }).nullable(),
  optOut: OptOutView.nullable(),
  rollback: z.strictObject({ confirmations: Confirmations, completedAt: Instant.nullable() }).nullable(),
  ended: z.strictObject({ at: Instant, because: z.string() }).nullable(),
}));
export type ChangeView = Readonly<z.infer<typeof ChangeView>>;

/** Reports whether an act decides on words or under rules that the change no longer has. */
export const isVoid = ({ revisions, rebound }: Pick<ChangeView, 'revisions' | 'rebound'>, act: ActView): boolean =>
  'revision' in act && (act.revision !== revisions.at(-1)?.revision || act.version < (rebound ?? 0));

/** Returns a decision as an act, without the signature: an act of a two-hundred-seat body must fit with all its passkeys. */
const actView = <E extends DecisionEvent>({ assertion, ...event }: E, version: number) => ({
  ...event,
  version,
  ...(assertion !== undefined && { passkey: { credential: assertion.credential, enrolled: assertion.enrolled } }),
});

const requirementView = (rule: Requirement): RequirementView => ({
  id: rule.id,
  body: rule.body,
  instrument: rule.instrument,
  rule,
  status: 'waiting',
  deadlineAt: null,
  tally: null,
  override: null,
  ballots: {},
  denominator: null,
});

const pinnedTo = (view: ChangeView, pinned: Pinned | null): ChangeView => ({
  ...view,
  status: 'pending',
  pinned,
  requirements: openRequirements((pinned?.require ?? []).map(requirementView), pinned?.opens ?? []),
  terms: null,
  termsBy: null,
  veto: null,
  confirmation: null,
  closesAt: pinned?.closesAt ?? null,
});

type Worded = EventOf<'ChangeNotified'> | EventOf<'ChangeRevised'>;

const revisionOf = ({ revision, digest, at, notice, provenance }: Worded, words: number): RevisionView => ({
  revision,
  digest,
  at,
  words,
  notice,
  provenance,
});

const blank = (key: string, n: number): ChangeView => ({
  key,
  number: n,
  status: 'pending',
  revisions: [],
  pinned: null,
  rebound: null,
  requirements: [],
  terms: null,
  termsBy: null,
  acts: [],
  veto: null,
  confirmation: null,
  documents: [],
  closesAt: null,
  approved: null,
  contested: null,
  optOut: null,
  rollback: null,
  ended: null,
});

/** A body whose second vote waited is still decided by its first. */
const nothingWaits = (view: ChangeView): ChangeView => ({
  ...(view.veto === null || view.confirmation === null
    ? view
    : editRequirement(view, view.confirmation.requirement, { status: 'met' })),
  confirmation: null,
});

const ended = (view: ChangeView, status: ChangeStatus, at: string, because: string): ChangeView => ({
  ...nothingWaits(view),
  status,
  veto: null,
  ended: { at, because },
});

const viewVetoed = (view: ChangeView, { requirement, by, at, until }: EventOf<'ChangeVetoed'>): ChangeView => ({
  ...editRequirement(view, requirement, { status: 'refused' }),
  status: 'vetoed',
  veto: { requirement, by, at, until },
});

const takenBack = (view: ChangeView, { requirement, at }: EventOf<'SignatureGiven'>): ChangeView => {
  const requirements = resumed(view.requirements, view.veto?.at ?? at, at);
  return editRequirement({ ...view, requirements, status: 'pending', veto: null }, requirement, { status: 'open' });
};

const viewOverridden = (view: ChangeView, event: EventOf<'VetoOverridden'>): ChangeView => {
  const { at } = view.veto ?? event;
  const requirements = resumed(view.requirements, at, event.at);
  const edited = editRequirement({ ...view, requirements }, event.requirement, { status: 'overridden' });
  return {
    ...edited,
    status: 'pending',
    veto: null,
    confirmation: null,
    closesAt: event.closesAt,
    requirements: openRequirements(edited.requirements, event.opens),
  };
};

const openRequirements = (requirements: readonly RequirementView[], opens: readonly Opening[]): readonly RequirementView[] =>
  requirements.map((requirement) => {
    const opening = opens.find((candidate) => candidate.requirement === requirement.id);
    return opening === undefined ? requirement : { ...requirement, status: 'open', deadlineAt: opening.deadlineAt };
  });

const editRequirement = (view: ChangeView, id: string, edit: Partial<RequirementView>): ChangeView => ({
  ...view,
  requirements: view.requirements.map((requirement) => (requirement.id === id ? { ...requirement, ...edit } : requirement)),
});

/** Adds an act; `terms`: its terms, null if it sets none. The first act with terms sets them. */
const withAct = (view: ChangeView, act: ActView, terms: Terms | null): ChangeView => {
  const { requirement, holder, at } = act;
  const sets = terms !== null && view.terms === null;
  return { ...view, acts: [...view.acts, act], ...(sets && { terms, termsBy: { requirement, holder, at } }) };
};

const resumed = (requirements: readonly RequirementView[], from: string, to: string): readonly RequirementView[] =>
  requirements.map((requirement) =>
    requirement.status === 'open' ? { ...requirement, deadlineAt: extended(requirement.deadlineAt, from, to) } : requirement,
  );

const balloted = (view: ChangeView, event: EventOf<'BallotCast'>, version: number): ChangeView => {
  const requirement = view.requirements.find(({ id }) => id === event.requirement);
  const ballots = { ...requirement?.ballots, [event.seat]: event.decision };
  const open = isOpen(view);
  const noted = withAct(view, actView(event, version), event.decision === 'approve' && open ? event.terms : null);
  return editRequirement(noted, event.requirement, { ballots, denominator: { seats: event.seats, filled: event.filled } });
};

const confirmationAfter = (
  { confirmation }: ChangeView,
  { requirement, act, at, confirmBy }: EventOf<'VoteCertified'>,
): ChangeView['confirmation'] =>
  confirmBy === undefined
    ? confirmation
    : { requirement, certificate: act, at: confirmation?.at ?? at, until: confirmBy, disputed: false };

/** `isOfSecondVote` for a view. */
export const isSecondVote = (
  { acts }: ChangeView,
  { requirement, purpose }: Pick<EventOf<'VoteCertified'>, 'requirement' | 'purpose'>,
): boolean => {
  if (purpose !== 'correct') return purpose === 'override';
  const votes = acts.filter((act) => act.type === 'VoteCertified').filter((act) => act.requirement === requirement);
  return votes.findLast((vote) => vote.purpose !== 'correct')?.purpose === 'override';
};

/** A second vote, or a correction of its record, is kept apart: the first decision of the body is not its decision on the veto. */
const certified = (view: ChangeView, event: EventOf<'VoteCertified'>, version: number): ChangeView => {
  const { requirement, tally } = event;
  const vote = isSecondVote(view, event) ? { override: tally } : { tally };
  const edit: Partial<RequirementView> = { ...vote, ...(event.confirmBy !== undefined && { status: 'open' }) };
  const alone = statesTermsAlone(view, view.requirements, requirement);
  const noted = withAct(alone ? { ...view, terms: null } : view, actView(event, version), event.terms);
  return editRequirement({ ...noted, confirmation: confirmationAfter(view, event) }, requirement, edit);
};

const confirmed = (view: ChangeView, event: EventOf<'ConfirmationGiven'>, version: number): ChangeView => {
  const noted = withAct(view, actView(event, version), null);
  const waiting = view.confirmation;
  if (waiting === null) return noted;
  if (event.decision === 'dispute') return { ...noted, confirmation: { ...waiting, disputed: true } };
  if (view.veto !== null) return nothingWaits(noted);
  return {
    ...noted,
    confirmation: null,
    closesAt: extended(view.closesAt, waiting.at, event.at),
    requirements: resumed(noted.requirements, waiting.at, event.at),
  };
};

/** Returns from when a removal removes its feature; null for any other change. */
export const removalEffectiveFrom = ({ revisions }: Pick<ChangeView, 'revisions'>): string | null => {
  const [first] = revisions;
  return first?.notice.kind === 'removal' ? latest(first.at, first.notice.effectiveAt ?? undefined) : null;
};

/** Returns the view of a change after one event of its feature at stream version `version`. Undefined: the change is not known yet. */
export const foldChange = (known: ChangeView | undefined, event: FeatureEvent, version: number): ChangeView | undefined => {
  if (event.type === 'ChangeNotified') {
    return { ...pinnedTo(blank(event.key, event.change), event.pinned), revisions: [revisionOf(event, version)] };
  }
  return known === undefined ? undefined : foldKnown(known, event, version);
};

/**
 * Records when a contested update was found not to be maintenance: a body refused it, or the vendor revised it to words that no longer
 * claim to be. An expired time finds nothing.
 */
const foundWrong = (view: ChangeView, event: EventOf<'ChangeRefused'> | EventOf<'ChangeRevised'>): ChangeView => {
  const { contested, veto } = view;
  if (contested === null || contested.wrong !== null) return view;
  const wrong =
    event.type === 'ChangeRevised'
      ? !isMaintenance(event.notice)
      : ['vote', 'holder', 'override-failed'].includes(event.because) ||
        (event.because === 'veto-stands' && veto?.by === 'holder');
  return wrong ? { ...view, contested: { ...contested, wrong: event.at } } : view;
};

const revised = (view: ChangeView, event: EventOf<'ChangeRevised'>, version: number): ChangeView => {
  const revisions = [...view.revisions, revisionOf(event, version)];
  const bound = pinnedTo(foundWrong(view, event), event.pinned);
  return { ...bound, rebound: null, documents: [], optOut: null, rollback: null, revisions };
};

const refused = (view: ChangeView, event: EventOf<'ChangeRefused'>): ChangeView => {
  // Last: the body named can be the one whose second vote waited, and whose corrected record falls short.
  const over = ended(foundWrong(view, event), 'refused', event.at, event.because);
  return editRequirement(over, event.requirement, { status: 'refused' });
};

const optedOut = (view: ChangeView, event: EventOf<'OptOutRecorded'>, version: number): ChangeView => {
  const { at, person, note, evidence, act } = event;
  const wording = view.revisions.at(-1);
  if (wording === undefined) throw new Error(`broken invariant: change ${view.number} has no words`);
  const { standing: before, records = [], confirmations = [], completedAt = null } = view.optOut ?? {};
  const standing = betterStanding(before, standingOfOptOut(limitsOfOptOut(wording.notice, wording.at), event));
  const record = { at, version, person, note, evidence, act };
  return { ...view, optOut: { standing, records: [...records, record], confirmations, completedAt } };
};

const confirmedOf = (view: ChangeView, event: EventOf<'RollbackConfirmed'>): ChangeView => {
  const { of, at, complete, holder, body, seat, roster, comment } = event;
  const known = of === 'opt-out' ? view.optOut : view.rollback;
  const confirmations = [...(known?.confirmations ?? []), { at, holder, body, seat, roster, comment }];
  const completedAt = complete ? at : null;
  if (of === 'opt-out') {
    const { standing = 'claimed', records = [] } = view.optOut ?? {};
    return { ...view, optOut: { standing: complete ? 'counts' : standing, records, confirmations, completedAt } };
  }
  const closes = complete && isOpen(view) && { status: 'withdrawn' as const, ended: { at, because: 'rollback' } };
  return { ...view, rollback: { confirmations, completedAt }, ...closes };
};

/**
 * Returns the status that an event gives a change by a veto or an end, including changes that end with its own; undefined: none.
 */
export const statusAfter = (event: FeatureEvent, n: number): ChangeStatus | undefined => {
  if ('closes' in event && event.closes.includes(n)) return 'removed';
  if ('replaces' in event && event.replaces.includes(n)) return 'replaced';
  if (event.change !== n && !('ends' in event && event.ends.includes(n))) return undefined;
  switch (event.type) {
    case 'ChangeVetoed':
      return 'vetoed';
    case 'ChangeRefused':
      return 'refused';
    case 'ChangeLapsed':
      return 'lapsed';
    case 'ApprovalEnded':
      return ENDED_AS[event.because];
    case 'ApprovalRevoked':
      return 'revoked';
    default:
      return undefined;
  }
};

type KnownEvent = Exclude<FeatureEvent, EventOf<'ChangeNotified' | 'FeatureRemoved'>>;
type FoldView<E> = (view: ChangeView, event: E, version: number) => ChangeView;

const VIEW_AFTER: { readonly [T in KnownEvent['type']]: FoldView<EventOf<T>> } = {
  ChangeRevised: revised,
  PolicyPinned: (view, { pinned, voids }, version) => ({ ...pinnedTo(view, pinned), rebound: voids ? version : view.rebound }),
  DocumentAttached: (view, { kind, title, sha256, mediaType, bytes, at, by }) => ({
    ...view,
    documents: [...view.documents, { kind, title, sha256, mediaType, bytes, at, by }],
  }),
  ChangeWithdrawn: (view, { at, provenance }) => ended(view, 'withdrawn', at, provenance.by),
  VoteCertified: certified,
  SignatureGiven: (view, { together: _together, ...event }, version) => {
    const noted = withAct(view, actView(event, version), event.decision === 'approve' ? event.terms : null);
    return event.decision === 'take-back' ? takenBack(noted, event) : noted;
  },
  BallotCast: balloted,
  AdviceGiven: (view, event, version) => withAct(view, actView(event, version), null),
  ConfirmationGiven: confirmed,
  RequirementMet: (view, { requirement, opens }) => {
    const met = editRequirement(view, requirement, { status: 'met' });
    return { ...met, requirements: openRequirements(met.requirements, opens) };
  },
  ChangeVetoed: viewVetoed,
  VetoOverridden: viewOverridden,
  ChangeRefused: refused,
  ChangeLapsed: (view, { at }) => ended(view, 'lapsed', at, 'window'),
  ChangeApproved: (view, { at, terms, validUntil, becomes }, version) => {
    const began = becomes === 'in-force' ? at : null;
    const approved: ChangeView = { ...view, status: 'approved', terms, approved: { at, version, validUntil, terms, began } };
    return becomes === 'replaced' ? ended(approved, 'replaced', at, 'overtaken') : approved;
  },
  ApprovalBegan: (view, { at }) => ({ ...view, approved: view.approved && { ...view.approved, began: at } }),
  ApprovalEnded: (view, { at, because }) => ended(view, ENDED_AS[because], at, because),
  ApprovalRevoked: (view, event, version) => ended(withAct(view, { ...event, version }, null), 'revoked', event.at, event.body),
  MaintenanceContested: (view, { at, by, reason }) => ({ ...view, contested: { at, by, reason, wrong: null } }),
  OptOutRecorded: optedOut,
  RollbackConfirmed: confirmedOf,
};

const foldKnown: FoldView<Exclude<FeatureEvent, EventOf<'ChangeNotified'>>> = (view, event, version) => {
  const isRemoval = event.type === 'FeatureRemoved';
  if (!isRemoval && event.change === view.number) return (VIEW_AFTER[event.type] as FoldView<KnownEvent>)(view, event, version);
  const status = statusAfter(event, view.number);
  return status === undefined ? view : ended(view, status, event.at, isRemoval ? 'removal' : `change ${event.change}`);
};
