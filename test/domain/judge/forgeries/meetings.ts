import { byMeeting, council, mayor, policy, rule } from '../../../support/fixtures/city.ts';
import { certify, correct, date, day, nameMeeting, notify, override, refuse, rollOf, sign } from '../../feature/support.ts';
import { digest, edited, of } from '../forger.ts';
import { city, type Log } from '../log.ts';
import { actedAs, type Forgery, vetoed as vetoedPlainly } from './base.ts';

/** The mayor's refusal of day 2, which a vote from day 4 to day 23 overturns, or at a meeting named by then and held by day 47. */
const vetoed = () => city(byMeeting).feat(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1));
const named = (on = 40, at = day(10)) => vetoed().feat(nameMeeting(at, 1, { meetingDate: date(on) }));

/** A meeting that is named on another day, and the end of the veto that follows from it. */
const namedFor = (on: number): Log => {
  const to = { meetingDate: date(on), until: day(on + 1, '00:00:00.000') };
  return renamed(edited(named(), of('MeetingNamed', to)));
};

/** The name of the act computed again after an edit, as a forger can. */
const renamed = (log: Log): Log =>
  edited(log, (event) => {
    const { revision, digest: words, requirement, holder, comment, meetingDate } = event;
    const act = {
      type: 'name-meeting',
      pin: '1/everything-else',
      revision,
      digest: words,
      requirement,
      holder,
      comment,
      meetingDate,
    };
    return event['type'] === 'MeetingNamed' ? { ...event, act: digest(act).slice(7, 23) } : event;
  });

/** The same story under a rule that gives sixty days, whatever the meeting. */
const lenient = () => {
  const override = { requirement: 'council', yes: 9, within: 'P60D', confirmedBy: 'council/at-large-a' };
  return city(policy(rule([council(), mayor({ override })], { window: 'P90D' }))).feat(
    notify(day(0), 1),
    certify(day(1), 1),
    refuse(day(2), 1),
  );
};

/** A second vote of a meeting, certified at an instant, as the lenient rule takes it. */
const voteAt = (log: Log, on: number, at: string): Log => {
  const { last } = lenient().feat(override(at, 1, { meetingDate: date(on) }));
  return log.write('feature/acme', last.events, last);
};

/** Forgeries of the meeting that the clerk names, and of second votes out of their time. */
export const MEETINGS: readonly Forgery[] = [
  ['a meeting named by who is not the clerk', 'not-in-office', () => renamed(actedAs(named(), 'mayor', 'mayor'))],
  [
    'a meeting of another day than the act says',
    'act',
    () => edited(named(), of('MeetingNamed', { meetingDate: date(41), until: day(42, '00:00:00.000') })),
  ],
  ['a meeting later than the rule lets it be', 'meeting', () => namedFor(48)],
  ['a meeting that was over when it was named', 'meeting', () => namedFor(9)],
  [
    'a meeting before a second vote counts',
    'meeting',
    () => {
      const log = vetoed().feat(nameMeeting(day(2, '13:00:00.000'), 1, { meetingDate: date(40) }));
      return renamed(edited(log, of('MeetingNamed', { meetingDate: date(3), until: day(23) })));
    },
  ],
  ['a veto that ends later than its meeting', 'consequence', () => edited(named(), of('MeetingNamed', { until: day(60) }))],
  [
    'a veto that a meeting shortens',
    'consequence',
    () => edited(named(15), of('MeetingNamed', { until: day(16, '00:00:00.000') })),
  ],
  [
    'a meeting that is named twice',
    'already-decided',
    () => {
      const log = named();
      return log.write(
        'feature/acme',
        log.last.events.map((event) => ({ ...event, at: day(11) })),
        { at: day(11), actor: 'holder:clerk' },
      );
    },
  ],
  [
    'a meeting where the rule lets none be named',
    'meeting',
    () => {
      const log = vetoedPlainly();
      const until = day(41);
      const { events } = named().last;
      const moved = events.map((event) => ({ ...event, at: day(12), meetingDate: date(20), until }));
      return renamed(log.write('feature/acme', moved, { at: day(12), actor: 'holder:clerk' }));
    },
  ],
  [
    'a meeting without a veto',
    'order',
    () => {
      const log = city(byMeeting).feat(notify(day(0), 1), certify(day(1), 1));
      return log.write('feature/acme', named(40, day(3)).last.events, { at: day(3), actor: 'holder:clerk' });
    },
  ],
  [
    'a meeting for a vote that overturns nothing',
    'requirement',
    () => edited(named(), of('MeetingNamed', { requirement: 'mayor' })),
  ],
  [
    'a meeting once a second vote has been certified',
    'already-decided',
    () => {
      const log = vetoed().feat(override(day(9), 1));
      return log.write('feature/acme', named().last.events, { at: day(10), actor: 'holder:clerk' });
    },
  ],
  [
    'a meeting named when the time was over',
    'overdue',
    () => {
      const late = named().last.events.map((event) => ({ ...event, at: day(24) }));
      return vetoed().write('feature/acme', late, { at: day(24), actor: 'holder:clerk' });
    },
  ],
  ['a second vote before the rule lets it be held', 'meeting', () => voteAt(vetoed(), 3, day(5))],
  ['a second vote at another meeting than the one named', 'meeting', () => voteAt(named(), 39, day(40))],
  [
    'a second vote at a meeting that was moved',
    'meeting',
    () => voteAt(named(30).feat(nameMeeting(day(28), 1, { meetingDate: date(40) })), 30, day(40)),
  ],
  [
    'a correction that moves a second vote out of its time',
    'meeting',
    () => {
      const moved = { meetingDate: date(3), votes: rollOf(10, 1) };
      const { last } = lenient().feat(override(day(10), 1), correct(day(11), 1, moved));
      return vetoed()
        .feat(override(day(10), 1))
        .write('feature/acme', last.events, last);
    },
  ],
  [
    'a mayor who signs while the meeting is awaited',
    'order',
    () => {
      const { events } = city(byMeeting).feat(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1)).last;
      return named().write(
        'feature/acme',
        events.map((event) => ({ ...event, at: day(11) })),
        { at: day(11), actor: 'holder:mayor' },
      );
    },
  ],
];
