import { describe, expect, test } from 'vitest';
import { firstSecondVote } from '../../../domain/feature/awaited.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { type Story, tell } from './story.ts';
import {
  certify,
  correct,
  date,
  day,
  inForce,
  justBefore,
  notify,
  override,
  refuse,
  rollOf,
  sign,
  tick,
  wordsOf,
} from './support.ts';

type Within = NonNullable<NonNullable<Policy['rules'][number]['require'][number]['override']>['within']>;

const bound = (within: Within, more: object = {}) => {
  const toOverride = { requirement: 'council', yes: 9, within, confirmedBy: 'council/at-large-a' };
  const rules = policy(rule([council(), mayor({ override: toOverride, ...more })], { window: 'P90D' }));
  return { policy: inForce(rules) };
};

const twentyOne = bound({ notAfter: 'P21D' });
/** From 30 to 60 days after the veto. */
const thirtyToSixty = bound({ notBefore: 'P30D', notAfter: 'P60D' });

type Bound = ReturnType<typeof bound>;

/** A change that the council passed on day 1 and the mayor refused on day 2, at noon. */
const vetoed = (rules: Bound): Story => tell(notify(day(0), 1, rules), certify(day(1), 1, rules), refuse(day(2), 1, rules));

const second = (at: string, on: string, rules: Bound = twentyOne) => override(at, 1, { ...rules, meetingDate: on });
const vetoIn = (story: Story) => story.state.changes[0]?.veto;

describe('a veto that can be overturned for 21 days', () => {
  test('ends at that instant, and takes a vote until then', () => {
    const story = vetoed(twentyOne);
    expect(vetoIn(story)).toStrictEqual({ requirement: 'mayor', at: day(2), until: day(23) });
    story.is('vetoed', justBefore(day(23))).is('refused', day(23));
    story.yields(second(justBefore(day(23)), date(23)), 'VoteCertified').refuses(second(day(23), date(23)), 'closed');
    story
      .refuses(second(day(20), date(1)), 'meeting-out-of-time', '/meetingDate')
      .refuses(second(day(19), date(20)), 'meeting-in-future', '/meetingDate');
  });

  test('has the same time if a passed deadline gave it, from the deadline', () => {
    const rules = bound({ notAfter: 'P21D' }, { after: ['council'], deadline: 'P5D' });
    const story = tell(notify(day(0), 1, rules), certify(day(1), 1, rules), tick(day(7), rules));
    expect(vetoIn(story)).toMatchObject({ at: day(6), until: day(27) });
  });

  test('has a new time when it is taken back and given again', () => {
    const back = sign(day(2, '14:00:00.000'), 1, { ...twentyOne, decision: 'take-back', comment: wordsOf(9) });
    const again = vetoed(twentyOne).then(back, refuse(day(3), 1, twentyOne));
    expect(vetoIn(again)).toStrictEqual({ requirement: 'mayor', at: day(3), until: day(24) });
  });

  test('stands still while the certificate waits; while that is disputed the body can vote again, past the last day', () => {
    const waiting = vetoed(twentyOne).then(second(day(22), date(22)));
    waiting.is('vetoed', justBefore(day(36))).is('refused', day(36));
    const disputed = waiting.confirms(day(25), 1, { ...twentyOne, decision: 'dispute' });
    disputed.yields(second(day(26), date(26)), 'VoteCertified');
    const done = waiting.confirms(day(30), 1, twentyOne).is('enabled', day(30));
    expect(done.events.find(({ type }) => type === 'VetoOverridden')).toMatchObject({ closesAt: day(90 + 28) });
  });
});

describe('a veto that can be overturned from 30 to 60 days on', () => {
  test('takes a vote from the first of those days to the last', () => {
    const story = vetoed(thirtyToSixty);
    expect(
      firstSecondVote({ requirement: 'mayor', at: day(2) }, thirtyToSixty.policy.policy.rules[0]?.require ?? [], 'UTC'),
    ).toBe(date(32));
    story
      .refuses(second(day(31), date(31), thirtyToSixty), 'meeting-out-of-time', '/meetingDate')
      .refuses(second(day(33), date(31), thirtyToSixty), 'meeting-out-of-time', '/meetingDate')
      .yields(second(day(33), date(32), thirtyToSixty), 'VoteCertified')
      .yields(second(justBefore(day(62)), date(61), thirtyToSixty), 'VoteCertified')
      .is('vetoed', justBefore(day(62)))
      .is('refused', day(62));
  });

  test('takes no vote from before the first day by way of a correction', () => {
    const story = vetoed(thirtyToSixty).then(second(day(40), date(39), thirtyToSixty));
    const corrected = (on: number) => correct(day(41), 1, { ...thirtyToSixty, meetingDate: date(on), votes: rollOf(10, 2) });
    story.refuses(corrected(20), 'meeting-out-of-time', '/meetingDate').yields(corrected(38), 'VoteCertified');
  });
});
