// Storage format of a read model: derived from events, thrown away and rebuilt at will. Raise VIEW_VERSION when a shape changes.
import * as z from 'zod';
import { Assertion } from '../kernel/assertion.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';
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
  Pinned,
  Provenance,
  RollbackConfirmed,
  SignatureGiven,
  VoteCertified,
} from './events.ts';
import { ENDED_AS, extended } from './evolve/endings.ts';
import { isMaintenance, NoticeFacts } from './notice.ts';
import { CHANGE_STATUSES, type ChangeStatus, isOpen } from './state.ts';
import { Terms } from './terms.ts';

/** Raise when a view below changes shape, so that older views are folded again. */
export const VIEW_VERSION = 10;

/** The key that signed a decision and how it was enrolled. Only the event holds the signature. */
export const PasskeyView = strictObject(() => Assertion.pick({ credential: true, enrolled: true }).shape);
export type PasskeyView = z.infer<typeof PasskeyView>;

const version = z.int().min(1);
const decided = { version, passkey: PasskeyView.exactOptional() };

/** An official's act, in the order of recording. `version`: the version of the stream that holds it. */
export const ActView = z.lazy(() =>
  z.discriminatedUnion('type', [
    VoteCertified.omit({ assertion: true }).extend(decided),
    SignatureGiven.omit({ assertion: true }).extend(decided),
    BallotCast.omit({ assertion: true }).extend(decided),
    AdviceGiven.omit({ assertion: true }).extend(decided),
    ConfirmationGiven.omit({ assertion: true }).extend(decided),
    ApprovalRevoked.extend({ version }),
  ]),
);
export type ActView = z.infer<typeof ActView>;

/**
 * One requirement as a reader sees it. `tally`: of the vote that decided it, or of closed ballots. `override`: the body's second
 * vote, on a veto, which decides another requirement and never this one.
 */
export const RequirementView = strictObject(() => ({
  id: z.string(),
  body: z.string(),
  instrument: z.enum(INSTRUMENTS),
  rule: PinnedRequirement,
  status: z.enum(['waiting', 'open', 'met', 'refused', 'overridden']),
  deadlineAt: Instant.nullable(),
  tally: VoteCertified.shape.tally.nullable(),
  override: z.strictObject({ meetingDate: VoteCertified.shape.meetingDate, tally: VoteCertified.shape.tally }).nullable(),
  ballots: z.record(z.string(), BallotCast.shape.decision),
  denominator: z.strictObject({ seats: z.int(), filled: z.int() }).nullable(),
}));
export type RequirementView = z.infer<typeof RequirementView>;

/** A revision of a change. `words`: the stream version whose attachment is the notice as it was sent. */
export const RevisionView = strictObject(() => ({
  revision: z.int().min(1),
  digest: z.string(),
  at: Instant,
  words: z.int().min(1),
  notice: NoticeFacts,
  provenance: Provenance,
}));
export type RevisionView = z.infer<typeof RevisionView>;

/** A document attached to a change; of two of a kind, the later counts. */
export const AttachedDocument = strictObject(
  () => DocumentAttached.pick({ kind: true, title: true, sha256: true, mediaType: true, bytes: true, at: true, by: true }).shape,
);
export type AttachedDocument = z.infer<typeof AttachedDocument>;

/**
 * A change from its first notice to its end. `termsBy`: the decision that set the current terms. `confirmation`: a certificate,
 * by its act, that waits for a second person, or for its clerk once it is disputed. `contested`: who contested, and when, that
 * the change is maintenance; `wrong`: when that was found to be so, see `foundWrong`. `documents`: those attached to the last revision,
 * oldest first.
 * `began` of an approval: since when it is in force, null while it waits. `rollback`: who confirmed that the vendor rolled the change back,
 * and when that was complete.
 */
export const ChangeView = strictObject(() => ({
  key: z.string(),
  number: z.int().min(1),
  status: z.enum(CHANGE_STATUSES),
  revisions: z.array(RevisionView).readonly(),
  pinned: Pinned.nullable(),
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
      clerk: z.string(),
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
  rollback: z
    .strictObject({
      confirmations: z
        .array(RollbackConfirmed.pick({ at: true, holder: true, body: true, seat: true, roster: true, comment: true }))
        .readonly(),
      completedAt: Instant.nullable(),
    })
    .nullable(),
  ended: z.strictObject({ at: Instant, because: z.string() }).nullable(),
}));
export type ChangeView = Readonly<z.infer<typeof ChangeView>>;

/**
 * Returns a decision as an act, without the assertion's signature: an act of a two-hundred-seat body must fit with all its
 * passkeys.
 */
export const actView = <E extends DecisionEvent>({ assertion, ...event }: E, version: number) => ({
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

const revisionOf = ({ revision, digest, at, notice, provenance }: Worded, version: number): RevisionView => ({
  revision,
  digest,
  at,
  words: version,
  notice,
  provenance,
});

const blank = (key: string, n: number): ChangeView => ({
  key,
  number: n,
  status: 'pending',
  revisions: [],
  pinned: null,
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
  rollback: null,
  ended: null,
});

/** Returns a view with no certificate waiting: a body whose second vote waited has still decided, by its first. */
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

/** Applies a refusal that can still be overturned. */
const viewVetoed = (view: ChangeView, { requirement, by, at, until }: EventOf<'ChangeVetoed'>): ChangeView => ({
  ...editRequirement(view, requirement, { status: 'refused' }),
  status: 'vetoed',
  veto: { requirement, by, at, until },
});

/** Applies a refusal that was taken back: the requirement is open again, and the clocks of the others resume. */
const takenBack = (view: ChangeView, { requirement, at }: EventOf<'SignatureGiven'>): ChangeView => {
  const requirements = resumed(view.requirements, view.veto?.at ?? at, at);
  return editRequirement({ ...view, requirements, status: 'pending', veto: null }, requirement, { status: 'open' });
};

/** Applies an override: the clocks of the change were stopped while its veto stood. */
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

/** Returns the requirements with those that open opened. */
const openRequirements = (requirements: readonly RequirementView[], opens: readonly Opening[]): readonly RequirementView[] =>
  requirements.map((requirement) => {
    const opening = opens.find((candidate) => candidate.requirement === requirement.id);
    return opening === undefined ? requirement : { ...requirement, status: 'open', deadlineAt: opening.deadlineAt };
  });

/** Returns the view with one requirement edited. */
const editRequirement = (view: ChangeView, id: string, edit: Partial<RequirementView>): ChangeView => ({
  ...view,
  requirements: view.requirements.map((requirement) => (requirement.id === id ? { ...requirement, ...edit } : requirement)),
});

/** Adds an act; `terms` are those it is on, null if it sets none. The first act that names terms sets them. */
const withAct = (view: ChangeView, act: ActView, terms: Terms | null): ChangeView => {
  const { requirement, holder, at } = act;
  const sets = terms !== null && view.terms === null;
  return { ...view, acts: [...view.acts, act], ...(sets && { terms, termsBy: { requirement, holder, at } }) };
};

/** Returns the requirements with the deadlines of the open ones later by the time they stood still. */
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

/**
 * Returns the certificate that waits for its confirmation after this one; if one waits already, its clocks stay stopped since the
 * same instant.
 */
const confirmationAfter = (
  { confirmation }: ChangeView,
  { requirement, act, holder, at, confirmBy }: EventOf<'VoteCertified'>,
): ChangeView['confirmation'] =>
  confirmBy === undefined
    ? confirmation
    : { requirement, certificate: act, clerk: holder, at: confirmation?.at ?? at, until: confirmBy, disputed: false };

/**
 * Applies a certified vote. A second vote, or a correction of its record, is kept apart: the first decision of the body is not
 * its decision on the veto. The requirement is open while a certificate of it waits for its confirmation.
 */
const certified = (view: ChangeView, event: EventOf<'VoteCertified'>, version: number): ChangeView => {
  const { requirement, purpose, meetingDate, tally } = event;
  const known = view.requirements.find(({ id }) => id === requirement)?.override ?? null;
  const replaces = view.veto !== null && view.confirmation?.requirement === requirement && event.confirmBy !== undefined;
  const second = purpose === 'override' || (purpose === 'correct' && (replaces || known?.meetingDate === meetingDate));
  const vote = second ? { override: { meetingDate, tally } } : { tally };
  const edit: Partial<RequirementView> = { ...vote, ...(event.confirmBy !== undefined && { status: 'open' }) };
  const noted = withAct(view, actView(event, version), event.terms);
  return editRequirement({ ...noted, confirmation: confirmationAfter(view, event) }, requirement, edit);
};

/** Applies a confirmation: the clocks of an adoption resume; those under a veto resume once it is overturned. */
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

/**
 * Returns the view of a change after one event of its feature at stream version `version`; events about other changes leave it as
 * it is, except that an approval can replace it, or another end with it. `undefined`: the change is not known yet.
 */
export const foldChange = (known: ChangeView | undefined, event: FeatureEvent, version: number): ChangeView | undefined => {
  if (event.type === 'ChangeNotified') {
    return { ...pinnedTo(blank(event.key, event.change), event.pinned), revisions: [revisionOf(event, version)] };
  }
  return known === undefined ? undefined : foldKnown(known, event, version);
};

/**
 * Returns a view with the instant at which the vendor's claim that a contested update changes nothing was found wrong: a body refused the
 * update, by its vote or its holder's word, or the vendor revised it to words that claim so no more. A time that runs out finds nothing.
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

/** Applies the next revision: decisions on the previous one are void. */
const revised = (view: ChangeView, event: EventOf<'ChangeRevised'>, version: number): ChangeView => {
  const revisions = [...view.revisions, revisionOf(event, version)];
  return { ...pinnedTo(foundWrong(view, event), event.pinned), documents: [], revisions };
};

/** Applies a final refusal. */
const refused = (view: ChangeView, event: EventOf<'ChangeRefused'>): ChangeView => {
  const known = editRequirement(foundWrong(view, event), event.requirement, { status: 'refused' });
  return ended(known, 'refused', event.at, event.because);
};

const actOfRollback = ({ at, holder, body, seat, roster, comment }: EventOf<'RollbackConfirmed'>) => ({
  at,
  holder,
  body,
  seat,
  roster,
  comment,
});

type KnownEvent = Exclude<FeatureEvent, EventOf<'ChangeNotified'>>;
type FoldView<E> = (view: ChangeView, event: E, version: number) => ChangeView;

/** What each event about a change makes of its view. */
const VIEW_AFTER: { readonly [T in KnownEvent['type']]: FoldView<EventOf<T>> } = {
  ChangeRevised: revised,
  PolicyPinned: (view, { pinned }) => pinnedTo(view, pinned),
  DocumentAttached: (view, { kind, title, sha256, mediaType, bytes, at, by }) => ({
    ...view,
    documents: [...view.documents, { kind, title, sha256, mediaType, bytes, at, by }],
  }),
  ChangeWithdrawn: (view, { at, provenance }) => ended(view, 'withdrawn', at, provenance.by),
  VoteCertified: certified,
  SignatureGiven: (view, event, version) => {
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
  RollbackConfirmed: (view, event) => ({
    ...view,
    rollback: {
      confirmations: [...(view.rollback?.confirmations ?? []), actOfRollback(event)],
      completedAt: event.complete ? event.at : null,
    },
    ...(event.complete && isOpen(view) && { status: 'withdrawn' as const, ended: { at: event.at, because: 'rollback' } }),
  }),
  FeatureRemoved: (view) => view,
};

const foldKnown: FoldView<KnownEvent> = (view, event, version) => {
  if (event.type === 'FeatureRemoved' && event.closes.includes(view.number)) return ended(view, 'removed', event.at, 'removal');
  if ('replaces' in event && event.replaces.includes(view.number))
    return ended(view, 'replaced', event.at, `change ${event.change}`);
  if ('ends' in event && event.ends.includes(view.number)) return ended(view, 'revoked', event.at, `change ${event.change}`);
  return event.change === view.number ? (VIEW_AFTER[event.type] as FoldView<KnownEvent>)(view, event, version) : view;
};
