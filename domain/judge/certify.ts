import type { EventOf, FeatureEvent } from '../feature/events.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { Requirement } from '../policy/schema.ts';
import { admitted, mustBeApprovable, mustBeItsTurn, mustBeNamed, pinName } from './acts.ts';
import {
  type ChangeCase,
  type FeatureCase,
  isOpen,
  type RequirementCase,
  required,
  withChange,
  withRequirement,
} from './case.ts';
import { rosterInForce } from './city.ts';
import { mustNotWait, waitingAfter } from './confirm.ts';
import { type ActRule, type Owed, satisfied } from './consequences.ts';
import { mustBeTimely } from './overrideTime.ts';
import {
  hasQuorum,
  mustCount,
  mustHaveMet,
  mustNameEverySeat,
  mustOnlyCertify,
  overrideCorrected,
  votersCountOnce,
  votersOf,
} from './rollCall.ts';
import { type Moment, mustHold, officeOf } from './sitting.ts';
import { must } from './verdict.ts';

type Certificate = EventOf<'VoteCertified'>;

/** Returns the name of a certificate, derived from its contents. */
const certificateAct = (change: ChangeCase, event: EventOf<'VoteCertified'>): JsonObject => {
  const { revision, digest, requirement, holder, terms, comment, purpose, fileNumber, meetingDate, mover, seconder } = event;
  const { minutesUrl, minutesSha256, roll } = event;
  const words = {
    type: 'certify',
    change: change.number,
    pin: pinName(change),
    revision,
    digest,
    requirement,
    holder,
    terms,
    comment,
  };
  const votes = Object.fromEntries(roll.map(({ seat, vote }) => [seat, vote]));
  return { ...words, purpose, fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256, votes };
};
type Certified = (feature: FeatureCase, change: ChangeCase, requirement: Requirement, event: Certificate, moment: Moment) => Owed;

/** Judges a certified vote taken at a meeting: one that adopts, one that overturns a veto, or a corrected record of either. */
export const certified: ActRule<'VoteCertified'> = (city, feature, change, event, commit, moment) => {
  const requirement = admitted(change, event, commit, 'certification');
  const version = rosterInForce(city, event.roster, event.at);
  const office = officeOf(version.roster, requirement.body);
  mustHold(version, { holder: event.holder, seat: event.seat, body: office }, moment);
  must(event.fileNumber !== '', 'file-number', 'a certificate names its file');
  mustHaveMet(event, change, moment.zone);
  mustNameEverySeat(version, requirement.body, event, moment);
  mustOnlyCertify(change, event);
  mustBeNamed(event, certificateAct(change, event));
  return { adopt, override, correct }[event.purpose](feature, change, requirement, event, moment);
};

/** Returns the change with a vote recorded: its clerk, its voters, and the terms that it sets if none were set before. */
const noted = (change: ChangeCase, event: Certificate, known: RequirementCase, vote: Partial<RequirementCase>): ChangeCase => {
  const clerks = [...new Set([...known.clerks, event.holder])];
  return withRequirement({ ...change, terms: change.terms ?? event.terms }, event.requirement, { ...known, clerks, ...vote });
};

/** Checks that a vote has a quorum, and that its members count once. */
const mustBeAnAct = (change: ChangeCase, requirement: Requirement, event: Certificate): void => {
  must(hasQuorum(requirement, event), 'quorum', `${event.tally.present} took part`);
  must(votersCountOnce(change, event), 'same-person', 'a voter counts in another requirement');
};

const adopt: Certified = (feature, change, requirement, event, moment) => {
  mustNotWait(change, requirement.id);
  const known = mustBeItsTurn(change, requirement);
  const passed = mustCount(requirement, event, undefined);
  mustBeAnAct(change, requirement, event);
  const next = noted(change, event, known, { voters: votersOf(event), meeting: event.meetingDate });
  const base = { v: 1, at: event.at, change: change.number, requirement: requirement.id } as const;
  if (!passed) return { feature: withChange(feature, next), owed: [{ ...base, type: 'ChangeRefused', because: 'vote' }] };
  mustBeApprovable(change, event);
  const waiting = waitingAfter(change, event, requirement.confirmedBy, moment);
  if (waiting !== null) return { feature: withChange(feature, { ...next, waiting }), owed: [] };
  return {
    feature: withChange(feature, next),
    owed: satisfied(feature, next, requirement.id, 'RequirementMet', event.terms, moment),
  };
};

const override: Certified = (feature, change, requirement, event, moment) => {
  const { veto } = change;
  const vetoed = required(change).find(({ id }) => id === veto?.requirement);
  const known = change.requirements.get(requirement.id);
  const can = veto !== null && known !== undefined && vetoed?.override?.requirement === requirement.id;
  must(change.status === 'vetoed' && can, 'order', `there is no veto that ${requirement.id} can overturn`);
  mustNotWait(change, requirement.id);
  must(vetoed.override !== undefined, 'order', 'the refusal is final');
  mustBeTimely(vetoed.override, change, event.meetingDate, moment.zone);
  const passed = mustCount(requirement, event, vetoed.override.yes);
  mustBeAnAct(change, requirement, event);
  const overriders = [...new Set([...known.overriders, ...votersOf(event)])];
  const next = noted(change, event, known, { overriders, overrideMeeting: event.meetingDate });
  const base = { v: 1, at: event.at, change: change.number, requirement: vetoed.id } as const;
  if (!passed)
    return { feature: withChange(feature, next), owed: [{ ...base, type: 'ChangeRefused', because: 'override-failed' }] };
  mustBeApprovable(change, event);
  const waiting = waitingAfter(change, event, vetoed.override?.confirmedBy, moment);
  if (waiting !== null) return { feature: withChange(feature, { ...next, waiting }), owed: [] };
  return {
    feature: withChange(feature, next),
    owed: satisfied(feature, next, vetoed.id, 'VetoOverridden', event.terms, moment),
  };
};

/**
 * Judges a corrected record, which replaces the first. A result that no longer holds is refused, or switched off immediately if
 * it was on.
 */
const correct: Certified = (feature, change, requirement, event, moment) => {
  must(isOpen(change) || change.status === 'approved', 'closed', `change ${change.number} is ${change.status}`);
  const known = change.requirements.get(requirement.id);
  const waits = change.waiting?.requirement === requirement.id;
  const certified = known?.meeting != null && (known.status === 'met' || waits);
  must(known !== undefined && certified, 'order', 'no vote of this body has been certified');
  must(known.correction !== event.act, 'already-decided', 'this correction was made');
  const second =
    known.overrideMeeting === event.meetingDate || (waits && change.veto !== null && known.meeting !== event.meetingDate);
  const rule = second ? required(change).find(({ id }) => id === change.veto?.requirement)?.override : undefined;
  if (rule?.requirement === requirement.id) mustBeTimely(rule, change, event.meetingDate, moment.zone);
  const size = second ? overrideCorrected(change, requirement.id) : undefined;
  const passed = mustCount(requirement, event, size);
  const holds = passed && hasQuorum(requirement, event) && votersCountOnce(change, event);
  if (holds) mustBeApprovable(change, event);
  const vote = { voters: votersOf(event), meeting: event.meetingDate };
  const next = noted(change, event, known, {
    correction: event.act,
    ...(second ? { overriders: vote.voters, overrideMeeting: vote.meeting } : vote),
  });
  const replaces = holds && waits && second === (change.veto !== null);
  const waiting = waitingAfter(change, event, replaces ? 'replaced' : undefined, moment);
  const base = { v: 1, at: event.at, change: change.number, requirement: requirement.id } as const;
  const lost: FeatureEvent = isOpen(change)
    ? { ...base, type: 'ChangeRefused', because: 'correction' }
    : {
        ...base,
        type: 'ApprovalLost',
        ends: feature.waiting === null || feature.waiting === change.number ? [] : [feature.waiting],
      };
  return { feature: withChange(feature, waiting === null ? next : { ...next, waiting }), owed: holds ? [] : [lost] };
};
