import { describe, expect, test } from 'vitest';
import type { Policy } from '../../../domain/policy/schema.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { notified, type Story, tell } from './story.ts';
import {
  certify,
  correct,
  date,
  day,
  justBefore,
  nameMeeting,
  notify,
  override,
  refuse,
  repin,
  revise,
  rollOf,
  sign,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

type Within = Extract<NonNullable<NonNullable<Policy['rules'][number]['require'][number]['override']>['within']>, object>;

const bound = (within: Within | string, more: object = {}) => ({
  policy: {
    number: 1,
    policy: policy(
      rule(
        [council(), mayor({ override: { requirement: 'council', yes: 9, within, confirmedBy: 'council/at-large-a' }, ...more })],
        {
          window: 'P90D',
        },
      ),
    ),
  },
});

/** 21 days, or a meeting that is named and held within 45 days of the veto. */
const twentyOne = bound({ notAfter: 'P21D', orMeetingOn: 'P45D' });
/** From 30 to 60 days after the veto. */
const thirtyToSixty = bound({ notBefore: 'P30D', notAfter: 'P60D' });

type Bound = ReturnType<typeof bound>;

/** A change that the council passed on day 1 and the mayor refused on day 2, at noon. */
const vetoed = (rules: Bound): Story => tell(notify(day(0), 1, rules), certify(day(1), 1, rules), refuse(day(2), 1, rules));

const named = (on: number, at = day(10)) => nameMeeting(at, 1, { ...twentyOne, meetingDate: date(on) });
const second = (at: string, on: string, rules: Bound = twentyOne, over: object = {}) =>
  override(at, 1, { ...rules, meetingDate: on, ...over });
const vetoIn = (story: Story) => story.state.changes[0]?.veto;

describe('a veto that ends after 21 days or with a meeting', () => {
  test('ends after 21 days when no meeting is named', () => {
    const story = vetoed(twentyOne);
    expect(vetoIn(story)).toStrictEqual({
      requirement: 'mayor',
      at: day(2),
      until: day(23),
    });
    story
      .is('vetoed', justBefore(day(23)))
      .is('refused', day(23))
      .refuses(named(40, day(23)), 'closed');
    story.yields(second(justBefore(day(23)), date(23)), 'VoteCertified').refuses(second(day(23), date(23)), 'closed');
  });

  test('ends with the day of the meeting that the clerk named before then', () => {
    const story = vetoed(twentyOne).goes(named(40), 'MeetingNamed');
    expect(story.events.at(-1)).toMatchObject({
      requirement: 'council',
      holder: 'clerk',
      seat: 'clerk',
      until: day(41, '00:00:00.000'),
    });
    story.is('vetoed', day(40, '23:59:59.999')).is('refused', day(41, '00:00:00.000'));
    expect(story.then(tick(day(50))).events.at(-1)).toMatchObject({ because: 'veto-stands', at: day(41, '00:00:00.000') });
    const overturned = story.then(second(day(40, '22:00:00.000'), date(40)));
    overturned.confirms(day(41), 1, twentyOne).is('enabled', day(41));
  });

  test('ends by the days of the city, not of UTC', () => {
    const story = vetoed(twentyOne).then({ ...named(40), zone: 'America/Denver' });
    expect(vetoIn(story)?.until).toBe(day(41, '06:00:00.000'));
  });

  test('takes a vote within the 21 days or at that meeting, and at no other', () => {
    const story = vetoed(twentyOne).then(named(40));
    story
      .yields(second(day(20), date(19)), 'VoteCertified')
      .yields(second(day(35), date(23)), 'VoteCertified')
      .refuses(second(day(35), date(24)), 'meeting-out-of-time', '/meetingDate')
      .refuses(second(day(40), date(39)), 'meeting-out-of-time', '/meetingDate')
      .refuses(second(day(40), date(1)), 'meeting-before-veto', '/meetingDate')
      .refuses(second(day(39), date(40)), 'meeting-in-future', '/meetingDate');
  });

  test('names a meeting from today, and no later than the rule lets it be', () => {
    vetoed(twentyOne)
      .refuses(named(9), 'meeting-out-of-time', '/meetingDate')
      .yields(named(10), 'MeetingNamed')
      .yields(named(47), 'MeetingNamed')
      .refuses(named(48), 'meeting-out-of-time', '/meetingDate');
  });

  test('is never shortened by a meeting that is named', () => {
    const early = vetoed(twentyOne).then(named(15));
    expect(vetoIn(early)).toMatchObject({ until: day(23), meeting: { date: date(15), notAfter: day(23) } });
    early.yields(second(day(20), date(18)), 'VoteCertified');
  });

  test('moves with its meeting, which is named again, also back', () => {
    const story = vetoed(twentyOne).then(named(40), named(45, day(38)));
    expect(vetoIn(story)).toMatchObject({ until: day(46, '00:00:00.000'), meeting: { date: date(45), notAfter: day(23) } });
    story
      .refuses(second(day(45), date(40)), 'meeting-out-of-time', '/meetingDate')
      .refuses({ ...named(45, day(39)), comment: wordsOf(9) }, 'already-decided', '/meetingDate')
      .refuses(named(44, day(46)), 'closed');
    const back = story.goes(named(40, day(39)), 'MeetingNamed');
    expect(vetoIn(back)).toMatchObject({ until: day(41, '00:00:00.000'), meeting: { date: date(40) } });
    back.yields(named(40, day(39)));
  });

  test('is named by the clerk alone, on these words, for the vote that overturns', () => {
    vetoed(twentyOne)
      .refuses({ ...named(40), holder: 'at-large-a' }, 'not-in-office')
      .refuses({ ...named(40), holder: 'mayor' }, 'not-in-office')
      .refuses({ ...named(40), digest: wordsOf(2) }, 'stale', '/digest')
      .refuses({ ...named(40), requirement: 'mayor' }, 'unknown-requirement')
      .refuses({ ...named(40), change: 2 }, 'unknown-change');
    notified(twentyOne).refuses(named(40), 'not-vetoed');
    tell(notify(day(0), 1, { policy: null })).refuses({ ...named(40), policy: null }, 'no-policy');
  });

  test('is named under a rule that lets it be, by a passkey where one is asked for', () => {
    const plain = bound('P30D');
    vetoed(plain).refuses(nameMeeting(day(10), 1, { ...plain, meetingDate: date(20) }), 'no-meeting-to-name');
    vetoed(thirtyToSixty).refuses(nameMeeting(day(10), 1, { ...thirtyToSixty, meetingDate: date(40) }), 'no-meeting-to-name');
    const [rules] = twentyOne.policy.policy.rules;
    const keyed = {
      policy: { number: 1, policy: { ...policy(...(rules === undefined ? [] : [rules])), passkeys: 'when-enrolled' as const } },
    };
    vetoed(keyed).refuses(nameMeeting(day(10), 1, { ...keyed, enrolled: true, meetingDate: date(40) }), 'passkey-required');
  });

  test('opened by a passed deadline has the same time, from the deadline', () => {
    const rules = bound({ notAfter: 'P21D', orMeetingOn: 'P45D' }, { after: ['council'], deadline: 'P5D' });
    const story = tell(notify(day(0), 1, rules), certify(day(1), 1, rules), tick(day(7), rules));
    expect(vetoIn(story)).toMatchObject({ at: day(6), until: day(27) });
    story.yields(nameMeeting(day(8), 1, { ...rules, meetingDate: date(51) }), 'MeetingNamed');
    story.refuses(nameMeeting(day(8), 1, { ...rules, meetingDate: date(52) }), 'meeting-out-of-time', '/meetingDate');
  });

  test('leaves no meeting behind when the refusal is taken back, the words change or the policy is pinned again', () => {
    const story = vetoed(twentyOne).then(nameMeeting(day(2, '13:00:00.000'), 1, { ...twentyOne, meetingDate: date(40) }));
    const back = story.then(sign(day(2, '14:00:00.000'), 1, { ...twentyOne, decision: 'take-back', comment: wordsOf(9) }));
    const again = back.then(refuse(day(3), 1, twentyOne));
    expect(vetoIn(again)).toStrictEqual({ requirement: 'mayor', at: day(3), until: day(24) });
    expect(vetoIn(story.then(revise(day(4), 1, 2, twentyOne)))).toBeNull();
    expect(vetoIn(story.then(repin(day(4), { policy: { ...twentyOne.policy, number: 2 } })))).toBeNull();
    story.then(withdraw(day(4), 1)).refuses(named(41), 'closed');
  });
});

describe('a veto that can be overturned from 30 to 60 days on', () => {
  test('takes a vote from the first of those days to the last', () => {
    const story = vetoed(thirtyToSixty);
    story
      .refuses(second(day(31), date(31), thirtyToSixty), 'meeting-out-of-time', '/meetingDate')
      .refuses(second(day(33), date(31), thirtyToSixty), 'meeting-out-of-time', '/meetingDate')
      .yields(second(day(33), date(32), thirtyToSixty), 'VoteCertified')
      .yields(second(justBefore(day(62)), date(61), thirtyToSixty), 'VoteCertified')
      .is('vetoed', justBefore(day(62)))
      .is('refused', day(62));
  });

  test('takes no vote that was neither late nor early enough by way of a correction', () => {
    const story = vetoed(thirtyToSixty).then(second(day(40), date(39), thirtyToSixty));
    const corrected = (on: number) => correct(day(41), 1, { ...thirtyToSixty, meetingDate: date(on), votes: rollOf(10, 2) });
    story.refuses(corrected(20), 'meeting-out-of-time', '/meetingDate').yields(corrected(38), 'VoteCertified');
  });
});

describe('a second vote that waits for its confirmation', () => {
  test('is certified before the end of the meeting’s day; then the clock stands still, past that day', () => {
    const story = vetoed(twentyOne).then(named(40));
    story.refuses(second(day(41, '00:00:00.000'), date(40)), 'closed');
    const waiting = story.then(second(day(40, '23:00:00.000'), date(40)));
    waiting.is('vetoed', day(54, '22:59:59.999')).is('refused', day(54, '23:00:00.000'));
    waiting.refuses(named(45, day(40, '23:30:00.000')), 'already-decided');
    waiting.confirms(day(54), 1, twentyOne).is('enabled', day(54));
  });

  test('is voted on again while it is disputed, since the clock stands still', () => {
    const disputed = vetoed(twentyOne)
      .then(second(day(22), date(22)))
      .confirms(day(25), 1, { ...twentyOne, decision: 'dispute' });
    disputed.yields(second(day(26), date(26)), 'VoteCertified').refuses(named(40, day(26)), 'already-decided');
    const late = vetoed(twentyOne)
      .then(named(40), second(day(40), date(40)))
      .confirms(day(42), 1, { ...twentyOne, decision: 'dispute' });
    late
      .refuses(second(day(43), date(39)), 'meeting-out-of-time', '/meetingDate')
      .yields(second(day(43), date(43)), 'VoteCertified');
  });

  test('gives the window back all the time that the veto took, to the confirmation', () => {
    const story = vetoed(twentyOne).then(named(40), second(day(40), date(40)));
    const done = story.confirms(day(45), 1, twentyOne);
    expect(done.events.find(({ type }) => type === 'VetoOverridden')).toMatchObject({ closesAt: day(90 + 43) });
  });
});
