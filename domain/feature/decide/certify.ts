import type { Decision } from '../../kernel/decider.ts';
import { accept, nothing } from '../../kernel/decider.ts';
import { localDateOf } from '../../kernel/zone.ts';
import type { Requirement } from '../../policy/schema.ts';
import type { Certify, FeatureRejection } from '../commands.ts';
import type { EventOf, FeatureEvent } from '../events.ts';
import { evolve } from '../evolve.ts';
import { countsAnywhere, countsElsewhere, personOf } from '../persons.ts';
import type { ChangeState, FeatureState } from '../state.ts';
import { findChange, isOpen, requirementsOf } from '../state.ts';
import {
  actOf,
  approvable,
  bodyOf,
  closedness,
  named,
  orderOf,
  type Refusal,
  refusal,
  requirementNamed,
  seatHeld,
  staleness,
} from './guard.ts';
import { conclude, meet, opensAfter } from './outcome.ts';
import { meetingProblem, type ReadRoll, readRoll, votersOf } from './rollCall.ts';

type Decided = Decision<FeatureEvent, FeatureRejection>;
const refused = (rejection: Refusal): Decided => ({ ok: false, rejection });

const certificateAct = (command: Certify): string => {
  const {
    type,
    purpose,
    revision,
    digest,
    requirement,
    holder,
    terms,
    comment,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    votes,
    minutesUrl,
    minutesSha256,
  } = command;
  return actOf({
    type,
    purpose,
    revision,
    digest,
    requirement,
    holder,
    terms,
    comment,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    votes: { ...votes },
    minutesUrl,
    minutesSha256,
  });
};

/** The signature whose refusal a second vote of `requirement` may overturn now. */
const vetoOver = (state: FeatureState, change: ChangeState, requirement: string): Requirement | undefined =>
  requirementsOf(state, change).find(
    (candidate) => candidate.id === change.veto?.requirement && candidate.override?.requirement === requirement,
  );

/** Whoever certifies neither signed nor voted, and whoever voted counts in no other requirement. */
const personProblem = (change: ChangeState, requirement: string, clerk: string, { roll }: ReadRoll): Refusal | undefined => {
  const voters = votersOf(roll);
  if (countsAnywhere(change, personOf(clerk)) || voters.includes(personOf(clerk))) {
    return refusal('same-person', 'who certifies a vote of this change can neither vote, sign nor ballot in it');
  }
  const twice = roll.find(
    ({ holder, vote }) =>
      holder !== null &&
      (vote === 'yes' || vote === 'no' || vote === 'abstain') &&
      countsElsewhere(change, requirement, personOf(holder)),
  );
  return twice === undefined
    ? undefined
    : refusal(
        'same-person',
        `the holder of seat ${twice.seat} already counts in another requirement of this change`,
        `/vote.${twice.seat}`,
      );
};

const certified = (
  command: Certify,
  change: ChangeState,
  seat: string,
  { roll, judged }: ReadRoll,
  act: string,
): EventOf<'VoteCertified'> => {
  const {
    at,
    requirement,
    comment,
    purpose,
    holder,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    minutesUrl,
    minutesSha256,
    terms,
  } = command;
  return {
    type: 'VoteCertified',
    v: 1,
    at,
    change: change.n,
    revision: change.rev,
    digest: change.digest,
    requirement,
    act,
    comment,
    purpose,
    holder,
    seat,
    roster: command.roster?.number ?? 0,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    roll,
    tally: { yes: judged.yes, no: judged.no, present: judged.present, of: judged.denominator, needed: judged.needed },
    minutesUrl,
    minutesSha256,
    terms,
  };
};

/** What the three purposes share: the same act, the words, the requirement, the clerk's office, the file number and the day. */
const admit = (command: Certify, state: FeatureState) => {
  const found = named(state, command.change);
  if ('refusal' in found) return found;
  const { change } = found;
  const act = certificateAct(command);
  if (change.acts.includes(act)) return { repeated: true } as const;
  const early =
    staleness(command, change) ??
    (command.purpose === 'correct' && change.status === 'approved' ? undefined : closedness(change));
  if (early !== undefined) return { refusal: early };
  const requirement = requirementNamed(state, change, command.requirement, 'certification');
  if (requirement === undefined)
    return { refusal: refusal('unknown-requirement', `no certification named ${command.requirement} is asked for`) };
  const office = bodyOf(command, requirement.body)?.attestedBy;
  const seat = office === undefined ? undefined : seatHeld(command, command.holder, office);
  if (seat === undefined)
    return {
      refusal: refusal(
        'not-in-office',
        `only who holds the office that certifies the acts of ${requirement.body} can certify this`,
      ),
    };
  if (command.fileNumber === '')
    return { refusal: refusal('file-number-missing', 'the file number of the resolution is needed', '/fileNumber') };
  return { change, requirement, seat, act };
};

const adopt = (command: Certify, state: FeatureState, { change, requirement, seat, act }: Admitted): Decided => {
  const order = orderOf(change, requirement) ?? meetingProblem(command, change);
  if (order !== undefined) return refused(order);
  const read = readRoll(command, requirement, undefined);
  if ('refusal' in read) return refused(read.refusal);
  const unfit =
    personProblem(change, requirement.id, command.holder, read) ??
    (read.judged.outcome === 'met' ? approvable(command, change) : undefined);
  if (unfit !== undefined) return refused(unfit);
  const event = certified(command, change, seat, read, act);
  if (read.judged.outcome === 'met') return accept(...meet(state, change.n, requirement.id, command.terms, command, [event]));
  return accept<FeatureEvent>(event, {
    type: 'ChangeRefused',
    v: 1,
    at: command.at,
    change: change.n,
    requirement: requirement.id,
    because: 'vote',
  });
};

const override = (command: Certify, state: FeatureState, { change, requirement, seat, act }: Admitted): Decided => {
  const { at, zone } = command;
  const vetoed = vetoOver(state, change, requirement.id);
  if (change.veto === null || vetoed?.override === undefined)
    return refused(refusal('not-vetoed', 'there is no veto that this body can overturn', '/purpose'));
  const day = meetingProblem(command, change);
  if (day !== undefined) return refused(day);
  if (command.meetingDate < localDateOf(change.veto.at, zone))
    return refused(refusal('meeting-before-veto', 'the second vote must come after the veto', '/meetingDate'));
  const read = readRoll(command, requirement, vetoed.override.yes);
  if ('refusal' in read) return refused(read.refusal);
  const unfit =
    personProblem(change, requirement.id, command.holder, read) ??
    (read.judged.outcome === 'met' ? approvable(command, change) : undefined);
  if (unfit !== undefined) return refused(unfit);
  const event = certified(command, change, seat, read, act);
  const base = { v: 1, at, change: change.n, requirement: vetoed.id } as const;
  if (read.judged.outcome !== 'met')
    return accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', because: 'override-failed' });
  const after = findChange(evolve(state, event), change.n) ?? change;
  const suspendedMs = Date.parse(at) - Date.parse(change.veto.at);
  const closesAt = change.closesAt === null ? null : new Date(Date.parse(change.closesAt) + suspendedMs).toISOString();
  const overridden: FeatureEvent = {
    ...base,
    type: 'VetoOverridden',
    opens: opensAfter(state, after, vetoed.id, command),
    closesAt,
  };
  return accept(...conclude(state, change.n, command.terms, command, [event, overridden]));
};

/** A corrected record of a vote already certified: judged anew; what no longer holds is refused, or off at once if it was on. */
const correct = (command: Certify, state: FeatureState, { change, requirement, seat, act }: Admitted): Decided => {
  const known = change.reqs[requirement.id];
  if (known === undefined || known.meeting === null || known.status !== 'met') {
    return refused(refusal('nothing-to-correct', 'no vote of this body on this revision has been certified', '/purpose'));
  }
  const day = meetingProblem(command, change);
  if (day !== undefined) return refused(day);
  const overriding = known.overrideMeeting === command.meetingDate && known.meeting !== command.meetingDate;
  const overturned = requirementsOf(state, change).find(
    ({ id, override: rule }) => rule?.requirement === requirement.id && change.reqs[id]?.status === 'overridden',
  );
  const read = readRoll(command, requirement, overriding ? overturned?.override?.yes : undefined);
  if ('refusal' in read) return refused(read.refusal);
  if (read.judged.outcome === 'met') {
    const otherTerms = approvable({ ...command, terms: command.terms }, change);
    if (otherTerms !== undefined) return refused(otherTerms);
  }
  const event = certified(command, change, seat, read, act);
  const holds = read.judged.outcome === 'met' && personProblem(change, requirement.id, command.holder, read) === undefined;
  if (holds) return accept<FeatureEvent>(event);
  const base = { v: 1, at: command.at, change: change.n, requirement: requirement.id } as const;
  return isOpen(change)
    ? accept<FeatureEvent>(event, { ...base, type: 'ChangeRefused', because: 'correction' })
    : accept<FeatureEvent>(event, { ...base, type: 'ApprovalLost' });
};

type Admitted = Extract<ReturnType<typeof admit>, { requirement: Requirement }>;

/**
 * A clerk certifies what a body decided at a meeting: the adopting vote, the second vote that overturns a veto, or a corrected
 * record of either. The council acts at its meeting; this only proves that it did.
 */
export const certify = (command: Certify, state: FeatureState): Decided => {
  const admitted = admit(command, state);
  if ('repeated' in admitted) return nothing;
  if ('refusal' in admitted) return refused(admitted.refusal);
  const byPurpose = { adopt, override, correct } as const;
  return byPurpose[command.purpose](command, state, admitted);
};
