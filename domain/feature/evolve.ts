import { latest } from '../kernel/order.ts';
import { personOf } from '../roster/holders.ts';
import type { EventOf, FeatureEvent } from './events.ts';
import {
  approve,
  began,
  changeRefused,
  close,
  contested,
  ENDED_AS,
  endApprovals,
  extended,
  optedOut,
  overridden,
  resumeAll,
  rollbackConfirmed,
  satisfied,
  takenBack,
  vetoed,
  withdrawn,
} from './evolve/endings.ts';
import { stillLingering } from './evolve/lingering.ts';
import {
  attached,
  changeFromNotice,
  pinFields,
  rememberAct,
  update,
  updateRequirement,
  withClerk,
  withPin,
} from './evolve/words.ts';
import {
  type ChangeState,
  certifiesAlone,
  type FeatureState,
  isOpen,
  joinPersons,
  openChanges,
  type RequirementState,
  requirementsOf,
} from './state.ts';
import { prune } from './stateBudget.ts';
import { termsDigest } from './terms.ts';

const notified = (state: FeatureState, event: EventOf<'ChangeNotified'>): FeatureState => {
  const known = prune(state, event.at);
  const arrivals = known.arrivals + 1;
  const changes = [
    ...openChanges(known),
    changeFromNotice(event, undefined, arrivals, known),
    ...known.changes.filter((change) => !isOpen(change)),
  ];
  return withPin({ ...known, key: event.key, count: event.change, arrivals, changes }, event.pinned);
};

const revised = (state: FeatureState, event: EventOf<'ChangeRevised'>): FeatureState => {
  const arrivals = state.arrivals + 1;
  const changed = update({ ...state, arrivals }, event.change, (change) => changeFromNotice(event, change, arrivals, state));
  return prune(withPin(changed, event.pinned), event.at);
};

const repinned = (state: FeatureState, event: EventOf<'PolicyPinned'>): FeatureState => {
  const bound = update(state, event.change, (change) => ({
    ...change,
    ...pinFields(event.pinned, change.documents),
    status: 'pending',
    terms: null,
    veto: null,
    confirmation: null,
  }));
  return prune(withPin(bound, event.pinned), event.at);
};

const BALLOT: Record<EventOf<'BallotCast'>['decision'], string> = { approve: 'y', refuse: 'n', abstain: 'a' };

/**
 * Returns a ballot as stored in the state: the answer and the start of the act, which distinguishes a resend from another answer.
 */
export const ballotMark = (decision: EventOf<'BallotCast'>['decision'], act: string): string =>
  `${BALLOT[decision]}${act.slice(0, 7)}`;

/** Returns the fingerprints of those who took part in a vote. */
export const votersOf = (roll: EventOf<'VoteCertified'>['roll']): readonly string[] =>
  roll
    .filter(({ vote }) => vote === 'yes' || vote === 'no' || vote === 'abstain')
    .flatMap(({ holder }) => (holder === null ? [] : [personOf(holder)]));

/** Reports whether a record is of a second vote. A correction applies to the newest vote of its body. */
export const isOfSecondVote = (
  known: RequirementState | undefined,
  { purpose }: Pick<EventOf<'VoteCertified'>, 'purpose'>,
): boolean => purpose === 'override' || (purpose === 'correct' && known?.overriders !== undefined);

/** `overturned`: the body has overturned another refusal, of which its voters stay. A record in dispute or corrected is replaced. */
const voted = (known: RequirementState, event: EventOf<'VoteCertified'>, overturned: boolean): RequirementState => {
  const voters = votersOf(event.roll);
  const { purpose, meetingDate } = event;
  const requirement = { ...known, clerks: withClerk(known.clerks, personOf(event.holder)) };
  return isOfSecondVote(known, event)
    ? { ...requirement, overriders: joinPersons(overturned && purpose === 'override' ? known.overriders : '', ...voters) }
    : { ...requirement, persons: joinPersons(...voters), meeting: meetingDate };
};

/** Records the day of a second vote on the refusal that it overturns. */
const overturning = ({ requirements, veto }: ChangeState, { purpose, meetingDate }: EventOf<'VoteCertified'>) => {
  const refused = purpose === 'override' && veto !== null ? requirements[veto.requirement] : undefined;
  if (veto === null || refused === undefined) return requirements;
  return { ...requirements, [veto.requirement]: { ...refused, meeting: meetingDate, deadlineAt: null } };
};

const certified = (state: FeatureState, event: EventOf<'VoteCertified'>): FeatureState =>
  update(state, event.change, (change) => {
    const known = change.requirements[event.requirement];
    if (known === undefined) throw new Error(`broken invariant: ${event.requirement} of change ${event.change} was never opened`);
    const { act, at, requirement, confirmBy: until } = event;
    const stated = termsDigest(event.terms);
    const before = change.confirmation;
    const overturned = requirementsOf(state, change).some(
      ({ id, override }) => override?.requirement === requirement && change.requirements[id]?.status === 'overridden',
    );
    const waits =
      until === undefined
        ? before
        : { requirement, act, at: before?.at ?? at, until, disputed: false, disputers: before?.disputers ?? '' };
    return {
      ...rememberAct(change, act),
      terms: certifiesAlone(state, change, requirement) ? stated : (change.terms ?? stated),
      confirmation: waits,
      requirements: { ...overturning(change, event), [requirement]: voted(known, event, overturned) },
    };
  });

/**
 * The clocks of an adoption resume; those under a veto resume once it is overturned. After a dispute the certificate waits for the clerk.
 */
const confirmed = (state: FeatureState, event: EventOf<'ConfirmationGiven'>): FeatureState => {
  const person = personOf(event.holder);
  const noted = update(state, event.change, (change) => {
    const known = rememberAct(change, event.act);
    const waiting = change.confirmation;
    if (waiting === null) throw new Error(`broken invariant: no certificate of change ${event.change} waits for a confirmation`);
    if (event.decision === 'dispute')
      return { ...known, confirmation: { ...waiting, disputed: true, disputers: joinPersons(waiting.disputers, person) } };
    if (change.veto !== null) return { ...known, confirmation: null };
    return {
      ...known,
      confirmation: null,
      closesAt: extended(change.closesAt, waiting.at, event.at),
      requirements: resumeAll(change.requirements, waiting.at, event.at),
    };
  });
  if (event.decision === 'dispute') return noted;
  return updateRequirement(noted, event.change, event.requirement, (requirement) => ({
    ...requirement,
    confirmers: joinPersons(requirement.confirmers, person),
  }));
};

const signed = (state: FeatureState, event: EventOf<'SignatureGiven'>): FeatureState => {
  if (event.decision === 'take-back') return takenBack(state, event);
  const terms = event.decision === 'approve' ? termsDigest(event.terms) : null;
  const noted = update(state, event.change, (change) => ({ ...rememberAct(change, event.act), terms: change.terms ?? terms }));
  return updateRequirement(noted, event.change, event.requirement, (requirement) => ({
    ...requirement,
    status: event.decision === 'refuse' ? 'refused' : requirement.status,
    persons: joinPersons(requirement.persons, personOf(event.holder)),
  }));
};

/** A late ballot sets no terms. */
const balloted = (state: FeatureState, event: EventOf<'BallotCast'>): FeatureState => {
  const terms = event.decision === 'approve' ? termsDigest(event.terms) : null;
  const noted = update(state, event.change, (change) => (isOpen(change) ? { ...change, terms: change.terms ?? terms } : change));
  return updateRequirement(noted, event.change, event.requirement, (requirement) => ({
    ...requirement,
    persons: joinPersons(requirement.persons, personOf(event.holder)),
    ballots: { ...requirement.ballots, [event.seat]: ballotMark(event.decision, event.act) },
    seats: event.seats,
  }));
};

const advised = (state: FeatureState, event: EventOf<'AdviceGiven'>): FeatureState =>
  updateRequirement(state, event.change, event.requirement, (requirement) => ({
    ...requirement,
    ballots: { ...requirement.ballots, [event.seat]: ballotMark(event.decision, event.act) },
  }));

/**
 * Of two removals the earlier effect applies, and words that arrive later need both to be over. A removal that is over when the next is
 * announced has ended everything that it takes.
 */
const removed = (state: FeatureState, event: EventOf<'FeatureRemoved'>): FeatureState => {
  const closed = event.closes.reduce((current, n) => close(current, n, 'removed', event.at), state);
  const before = state.removal !== null && state.removal.lasts <= event.at ? null : state.removal;
  const { change, effectiveAt } = before !== null && before.effectiveAt < event.effectiveAt ? before : event;
  const lasts = latest(event.effectiveAt, before?.lasts);
  return { ...closed, removal: { change, arrival: closed.arrivals, effectiveAt, lasts } };
};

const revoked = (state: FeatureState, { change: n, act, ends }: EventOf<'ApprovalRevoked'>): FeatureState =>
  endApprovals(
    update(state, n, (change) => rememberAct(change, act)),
    [...ends, n],
    'revoked',
  );

const AFTER: { readonly [T in FeatureEvent['type']]: (state: FeatureState, event: EventOf<T>) => FeatureState } = {
  ChangeNotified: notified,
  ChangeRevised: revised,
  PolicyPinned: repinned,
  ChangeWithdrawn: withdrawn,
  DocumentAttached: attached,
  VoteCertified: certified,
  SignatureGiven: signed,
  BallotCast: balloted,
  AdviceGiven: advised,
  ConfirmationGiven: confirmed,
  RequirementMet: (state, event) => satisfied(state, event, 'met'),
  ChangeVetoed: vetoed,
  VetoOverridden: overridden,
  ChangeRefused: changeRefused,
  ChangeLapsed: (state, { change, at }) => close(state, change, 'lapsed', at),
  ChangeApproved: approve,
  ApprovalBegan: began,
  ApprovalEnded: (state, { change, because, ends }) => endApprovals(state, [...ends, change], ENDED_AS[because]),
  ApprovalRevoked: revoked,
  MaintenanceContested: contested,
  RollbackConfirmed: rollbackConfirmed,
  OptOutRecorded: optedOut,
  FeatureRemoved: removed,
};

/**
 * Returns the state after an event. What no longer matters of closed words is forgotten after each, whichever it is, so that it
 * never matters again: the judge forgets after each commit, and objects to what is done about it.
 */
export const evolve = (state: FeatureState, event: FeatureEvent): FeatureState => {
  const next = (AFTER[event.type] as (before: FeatureState, happened: FeatureEvent) => FeatureState)(state, event);
  const lingering = stillLingering(next, event.at);
  return lingering.length === next.lingering.length ? next : { ...next, lingering };
};
