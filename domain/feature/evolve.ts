import { latest } from '../kernel/order.ts';
import type { EventOf, FeatureEvent } from './events.ts';
import { balloted, ballotMark, certified, confirmed, signed } from './evolve/decisions.ts';
import {
  approve,
  began,
  changeRefused,
  close,
  contested,
  ENDED_AS,
  endApprovals,
  optedOut,
  overridden,
  rollbackConfirmed,
  satisfied,
  vetoed,
  withdrawn,
} from './evolve/endings.ts';
import { attached, pinFields, rememberAct, stillLingering, update, updateRequirement, withPin, worded } from './evolve/words.ts';
import { type FeatureState, isOpen, openChanges } from './state.ts';
import { prune } from './stateBudget.ts';

const notified = (state: FeatureState, event: EventOf<'ChangeNotified'>): FeatureState => {
  const known = prune(state, event.at);
  const arrivals = known.arrivals + 1;
  const changes = [
    ...openChanges(known),
    worded(event, undefined, arrivals, known),
    ...known.changes.filter((change) => !isOpen(change)),
  ];
  return withPin({ ...known, key: event.key, count: event.change, arrivals, changes }, event.pinned);
};

const revised = (state: FeatureState, event: EventOf<'ChangeRevised'>): FeatureState => {
  const arrivals = state.arrivals + 1;
  const changed = update({ ...state, arrivals }, event.change, (change) => worded(event, change, arrivals, state));
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

const advised = (state: FeatureState, event: EventOf<'AdviceGiven'>): FeatureState =>
  updateRequirement(state, event.change, event.requirement, (requirement) => ({
    ...requirement,
    ballots: { ...requirement.ballots, [event.seat]: ballotMark(event.decision, event.act) },
  }));

/**
 * Of two removals the earlier effect applies, and both must be over for words that arrive later. One that is over when the next is
 * announced has ended all that it takes.
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
