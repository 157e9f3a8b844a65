import type { EventOf, FeatureEvent } from './events.ts';
import { balloted, ballotMark, certified, confirmed, signed } from './evolve/decisions.ts';
import { attached } from './evolve/documents.ts';
import { rememberAct, update, updateRequirement } from './evolve/edit.ts';
import {
  approve,
  changeRefused,
  close,
  contested,
  meetingNamed,
  overridden,
  satisfied,
  takenBack,
  vetoed,
} from './evolve/endings.ts';
import { pinFields, withPin, worded } from './evolve/wording.ts';
import { type FeatureState, isOpen, openChanges } from './state.ts';
import { prune } from './stateBudget.ts';

/** Applies the first revision of a change. */
const notified = (state: FeatureState, event: EventOf<'ChangeNotified'>): FeatureState => {
  const known = prune(state, event.at);
  const arrivals = known.arrivals + 1;
  const changes = [
    ...openChanges(known),
    worded(event, undefined, arrivals),
    ...known.changes.filter((change) => !isOpen(change)),
  ];
  return withPin({ ...known, key: event.key, count: event.change, arrivals, changes }, event.pinned);
};

/** Applies the next revision of a change: decisions on the previous one are void. */
const revised = (state: FeatureState, event: EventOf<'ChangeRevised'>): FeatureState => {
  const arrivals = state.arrivals + 1;
  const changed = update({ ...state, arrivals }, event.change, (change) => worded(event, change, arrivals));
  return prune(withPin(changed, event.pinned), event.at);
};

/** Binds a change to another policy: decisions under the previous one are void. */
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

/** Applies a removal. Of two removals the earlier time applies: a later date does not switch on what is off. */
const removed = (state: FeatureState, event: EventOf<'FeatureRemoved'>): FeatureState => {
  const closed = event.closes.reduce((current, n) => close(current, n, 'removed', event.at), state);
  const effectiveAt = earlier(event.effectiveAt, state.removal?.effectiveAt);
  return { ...closed, removal: { change: event.change, arrival: closed.arrivals, effectiveAt } };
};

const earlier = (one: string, other: string | undefined): string => (other !== undefined && other < one ? other : one);

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolve = (state: FeatureState, event: FeatureEvent): FeatureState => {
  switch (event.type) {
    case 'ChangeNotified':
      return notified(state, event);
    case 'ChangeRevised':
      return revised(state, event);
    case 'PolicyPinned':
      return repinned(state, event);
    case 'ChangeWithdrawn':
      return close(state, event.change, 'withdrawn', event.at);
    case 'DocumentAttached':
      return attached(state, event);
    case 'VoteCertified':
      return certified(state, event);
    case 'SignatureGiven':
      return signed(state, event);
    case 'BallotCast':
      return balloted(state, event);
    case 'AdviceGiven':
      return advised(state, event);
    case 'ConfirmationGiven':
      return confirmed(state, event);
    case 'RequirementMet':
      return satisfied(state, event, 'met');
    case 'ChangeVetoed':
      return vetoed(state, event);
    case 'VetoTakenBack':
      return takenBack(state, event);
    case 'MeetingNamed':
      return meetingNamed(state, event);
    case 'VetoOverridden':
      return overridden(state, event);
    case 'ChangeRefused':
      return changeRefused(state, event);
    case 'ChangeLapsed':
      return close(state, event.change, 'lapsed', event.at);
    case 'ChangeApproved':
      return approve(state, event);
    case 'ApprovalExpired':
      return update(state, event.change, (change) => ({ ...change, status: 'expired' }));
    case 'ApprovalRevoked':
      return update(state, event.change, (change) => ({ ...rememberAct(change, event.act), status: 'revoked' }));
    case 'MaintenanceContested':
      return contested(state, event);
    case 'ApprovalLost':
      return update(state, event.change, (change) => ({ ...change, status: 'revoked' }));
    case 'FeatureRemoved':
      return removed(state, event);
  }
};
