import { endOfLocalDay } from '../kernel/zone.ts';
import { admitted, mustBeNamed, personalAct, pinName } from './acts.ts';
import { required, withChange } from './case.ts';
import { rosterInForce } from './city.ts';
import type { ActRule } from './consequences.ts';
import { mustBeNameable } from './overrideTime.ts';
import { mustHold, officeOf } from './sitting.ts';
import { must } from './verdict.ts';

/**
 * Judges that the clerk names the meeting at which a veto can be overturned. The veto ends with the day of that meeting, and never before
 * the end that the rule gave it.
 */
export const namedMeeting: ActRule<'MeetingNamed'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, seat, roster, meetingDate, until, requirement, revision, digest, comment } = event;
  const { body } = admitted(change, event, commit, 'certification');
  const version = rosterInForce(city, roster, at);
  mustHold(version, { holder, seat, body: officeOf(version.roster, body) }, moment);
  const { veto, waiting } = change;
  must(change.status === 'vetoed' && veto !== null, 'order', 'no veto stands against the change');
  const rule = required(change).find(({ id }) => id === veto.requirement)?.override;
  must(rule?.requirement === requirement, 'requirement', `${requirement} cannot overturn the veto`);
  must(waiting === null, 'already-decided', 'a second vote has been certified');
  must(veto.meeting !== meetingDate, 'already-decided', `the meeting of ${meetingDate} is named`);
  mustBeNameable(rule, veto, meetingDate, at, moment.zone);
  const dayEnd = endOfLocalDay(meetingDate, moment.zone);
  const end = [dayEnd, veto.given].sort().at(-1);
  must(until === end, 'consequence', `the veto then ends at ${end}`);
  mustBeNamed(event, { type: 'name-meeting', pin: pinName(change), revision, digest, requirement, holder, comment, meetingDate });
  return { feature: withChange(feature, { ...change, veto: { ...veto, until, meeting: meetingDate } }), owed: [] };
};

const DAY_MS = 86_400_000;

/**
 * Judges that a person takes an own refusal back: within a day, with a reason, before a second vote on it and before the time to decide is
 * over.
 */
export const takenBack: ActRule<'SignatureGiven'> = (city, feature, change, event, commit, moment) => {
  const { at, holder, seat, roster, comment } = event;
  const { id, body } = admitted(change, event, commit, 'signature');
  mustHold(rosterInForce(city, roster, at), { holder, seat, body }, moment);
  const { veto } = change;
  const known = change.requirements.get(id);
  const own = veto?.requirement === id && known?.voters.includes(holder) === true;
  must(change.status === 'vetoed' && veto !== null && own, 'order', `${holder} has refused nothing that could be taken back`);
  must(change.waiting === null, 'already-decided', 'a second vote has been certified');
  must(Date.parse(at) - Date.parse(veto.at) < DAY_MS, 'too-late', 'more than a day has passed since the refusal');
  must(
    [known.deadlineAt, change.closesAt].every((end) => end === null || at < end),
    'too-late',
    'the time to decide is over',
  );
  must(comment !== null, 'act', 'a refusal is taken back with a reason');
  mustBeNamed(event, personalAct('sign', change, event));
  return { feature, owed: [{ type: 'VetoTakenBack', v: 1, at, change: change.number, requirement: id }] };
};
