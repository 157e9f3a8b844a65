import { endOfLocalDay } from '../kernel/zone.ts';
import { admitted, mustBeNamed, pinName } from './acts.ts';
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
