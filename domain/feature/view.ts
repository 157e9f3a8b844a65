import type { Requirement } from '../policy/schema.ts';
import { actView, type ChangeView, type RequirementView, type RevisionView } from './changeView.ts';
import type { EventOf, FeatureEvent, Pinned } from './events.ts';
import { extended } from './evolve/endings.ts';
import { isMaintenance } from './notice.ts';
import { type ChangeStatus, isOpen } from './state.ts';
import { editRequirement, openRequirements, resumed, viewOverridden, viewTakenBack, viewVetoed, withAct } from './view/edit.ts';

export type { ActView, ChangeView, RequirementView, RevisionView } from './changeView.ts';
export { VIEW_VERSION } from './changeView.ts';

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
  SignatureGiven: (view, event, version) =>
    withAct(view, actView(event, version), event.decision === 'approve' ? event.terms : null),
  BallotCast: balloted,
  AdviceGiven: (view, event, version) => withAct(view, actView(event, version), null),
  ConfirmationGiven: confirmed,
  RequirementMet: (view, { requirement, opens }) => {
    const met = editRequirement(view, requirement, { status: 'met' });
    return { ...met, requirements: openRequirements(met.requirements, opens) };
  },
  ChangeVetoed: viewVetoed,
  VetoTakenBack: viewTakenBack,
  VetoOverridden: viewOverridden,
  ChangeRefused: refused,
  ChangeLapsed: (view, { at }) => ended(view, 'lapsed', at, 'window'),
  ChangeApproved: (view, { at, terms, validUntil, becomes }, version) => {
    const began = becomes === 'in-force' ? at : null;
    const approved: ChangeView = { ...view, status: 'approved', terms, approved: { at, version, validUntil, terms, began } };
    return becomes === 'replaced' ? ended(approved, 'replaced', at, 'overtaken') : approved;
  },
  ApprovalBegan: (view, { at }) => ({ ...view, approved: view.approved && { ...view.approved, began: at } }),
  ApprovalRemoved: (view, { at }) => ended(view, 'removed', at, 'removal'),
  ApprovalExpired: (view, { at }) => ended(view, 'expired', at, 'end'),
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
  ApprovalLost: (view, { at }) => ended(view, 'revoked', at, 'correction'),
  FeatureRemoved: (view) => view,
};

const foldKnown: FoldView<KnownEvent> = (view, event, version) => {
  if (event.type === 'FeatureRemoved' && event.closes.includes(view.number)) return ended(view, 'removed', event.at, 'removal');
  if ('replaces' in event && event.replaces.includes(view.number))
    return ended(view, 'replaced', event.at, `change ${event.change}`);
  if ('ends' in event && event.ends.includes(view.number)) return ended(view, 'revoked', event.at, `change ${event.change}`);
  return event.change === view.number ? (VIEW_AFTER[event.type] as FoldView<KnownEvent>)(view, event, version) : view;
};
