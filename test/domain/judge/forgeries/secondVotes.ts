import { council, mayor, policy, rule, withOverrideTime } from '../../../support/fixtures/city.ts';
import { certify, correct, date, day, notify, override, refuse, rollOf, sign } from '../../feature/support.ts';
import { city, type Log } from '../log.ts';
import type { Forgery } from './base.ts';

/** The mayor's refusal of day 2, which a vote from day 4 to day 23 overturns. */
const vetoed = () => city(withOverrideTime).feat(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1));

/** The same story under a rule that gives sixty days from the refusal on. */
const lenient = () => {
  const toOverride = { requirement: 'council', yes: 9, within: 'P60D', confirmedBy: 'council/at-large-a' };
  return city(policy(rule([council(), mayor({ override: toOverride })], { window: 'P90D' }))).feat(
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

/** Forgeries of second votes out of their time. */
export const SECOND_VOTES: readonly Forgery[] = [
  ['a second vote before the rule lets it be held', 'meeting', () => voteAt(vetoed(), 3, day(5))],
  ['a second vote when the time was over', 'overdue', () => voteAt(vetoed(), 22, day(24))],
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
    'a mayor who signs while a second vote is awaited',
    'order',
    () => {
      const { events } = city(withOverrideTime).feat(notify(day(0), 1), certify(day(1), 1), sign(day(2), 1)).last;
      return vetoed().write(
        'feature/acme',
        events.map((event) => ({ ...event, at: day(11) })),
        { at: day(11), actor: 'holder:mayor' },
      );
    },
  ],
];
