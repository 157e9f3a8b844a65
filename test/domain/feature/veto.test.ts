import { describe, expect, test } from 'vitest';
import { secondVoteFrom, turnEndIn, turnEndOf } from '../../../domain/feature/awaited.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { findChange } from '../../../domain/feature/state.ts';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { council, mayor, signature, twoCertified, twoVetoes } from '../../support/fixtures/city.ts';
import { APPROVES, bound, notified, officials, passed, type Story, under, vetoed, viewOf } from './story.ts';
import {
  boardRoll,
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

const secondOn = (at: number, on: number, yes = 9) => override(day(at), 1, { meetingDate: date(on), votes: rollOf(yes, 2) });
const correctedOn = (at: number, on: number, yes: number) =>
  correct(day(at), 1, { meetingDate: date(on), votes: rollOf(yes, 2) });
const OUT_OF_TIME = ['meeting-out-of-time', '/meetingDate'] as const;

describe('a veto', () => {
  test('suspends the window and is overturned by nine', () => {
    const story = notified().then(certify(day(80), 1), refuse(day(84), 1));
    // The window would have ended on day 90, with six days left.
    story.is('vetoed', day(100)).refuses(sign(day(85), 1), 'vetoed');
    const resumed = story
      .goes(override(day(104), 1), 'VoteCertified')
      .confirms(day(104), 1)
      .is('enabled', day(104));
    const overridden = {
      type: 'VetoOverridden',
      v: 1,
      at: day(104),
      change: 1,
      requirement: 'mayor',
      opens: [],
      closesAt: day(110),
    };
    expect(resumed.events.find(({ type }) => type === 'VetoOverridden')).toStrictEqual(overridden);
  });

  test('that too few overturn stands permanently, without a second person', () => {
    vetoed()
      .goes(override(day(20), 1, { votes: rollOf(8, 5) }), 'VoteCertified', 'ChangeRefused')
      .is('refused', day(20))
      .refuses(override(day(21), 1), 'closed');
  });

  test('is overturned after it, on the words and terms that stand, with a quorum, by clerk and voters who count nowhere else', () => {
    const acting = officials({ mayor: { id: 'district-13' }, 'at-large-b': { id: 'mayor' } });
    vetoed()
      .refuses(secondOn(12, 10), ...OUT_OF_TIME)
      .refuses(secondOn(12, 13), 'meeting-in-future')
      .refuses(override(day(12), 1, { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(override(day(12), 1, { votes: rollOf(6, 0) }), 'no-quorum', '/vote')
      .refuses(override(day(12), 1, { terms: { ...NO_TERMS, conditions: 'None.' } }), 'other-terms')
      .refuses(override(day(12), 1, { ...acting, votes: rollOf(13) }), 'same-person', '/vote.at-large-b')
      .refuses(override(day(12), 1, { ...officials({ clerk: { id: 'mayor' } }), holder: 'mayor' }), 'same-person')
      .yields(secondOn(12, 11), 'VoteCertified');
  });

  test('cannot be overturned before the mayor refuses, nor by another body', () => {
    passed().refuses(override(day(11), 1), 'not-vetoed', '/purpose');
    const board = { requirement: 'board', votes: boardRoll(3) };
    under({ policy: inForce(twoCertified) })
      .tell(notify(day(0), 1), certify(day(1), 1), certify(day(1), 1, board), refuse(day(2), 1))
      .refuses(override(day(3), 1, board), 'not-vetoed');
  });
});

describe('what a reader sees of a council that votes twice', () => {
  const seen = (story: Story, id: string) => {
    const found = viewOf(story)?.requirements.find((each) => each.id === id);
    return [found?.status, found?.tally?.yes ?? null, found?.override?.yes ?? null];
  };
  const overturned = vetoed()
    .then(secondOn(20, 20, 10))
    .confirms(day(20), 1);

  test('a second vote that fell short stands apart, and the first result stands', () => {
    const failed = vetoed().then(secondOn(20, 20, 8));
    expect(seen(failed, 'council')).toStrictEqual(['met', 7, 8]);
    expect(seen(failed, 'mayor')).toStrictEqual(['refused', null, null]);
  });
  test('a second vote that falls short by its correction, while it waits for its confirmation, is a refusal by that body', () => {
    const corrected = vetoed().then(override(day(20), 1), correctedOn(21, 20, 8));
    expect(corrected.events.at(-1)).toMatchObject({ type: 'ChangeRefused', requirement: 'council', because: 'correction' });
    expect(corrected.state.changes[0]?.requirements['council']?.status).toBe('refused');
    expect(seen(corrected, 'council')).toStrictEqual(['refused', 7, 8]);
  });
  test.each([
    ['before it', vetoed().then(correctedOn(12, 10, 11)), ['met', 11, null]],
    ['after it', overturned.then(correctedOn(21, 20, 9)), ['met', 7, 9]],
  ] as const)('a correction mends the newest vote: %s', (_, story, expected) => {
    expect(seen(story, 'council')).toStrictEqual(expected);
  });
  test('of two second votes no correction tells which one it is of: it ends what they decided', () => {
    const { tell } = under({ policy: inForce(twoVetoes) });
    const again = tell(notify(day(0), 1), certify(day(1), 1), refuse(day(1), 1), override(day(1), 1))
      .confirms(day(1), 1)
      .then(refuse(day(4), 1, { requirement: 'auditor', holder: 'auditor' }))
      .is('vetoed', day(6))
      .yields(correctedOn(6, 1, 9), 'VoteCertified')
      .yields(correctedOn(6, 1, 8), 'VoteCertified', 'ChangeRefused')
      .then(secondOn(5, 5, 10));
    again
      .yields(correctedOn(6, 5, 11), 'VoteCertified', 'ChangeRefused')
      .confirms(day(5), 1)
      .is('enabled', day(6))
      .yields(correctedOn(6, 5, 11), 'VoteCertified', 'ApprovalEnded')
      .yields(correctedOn(6, 1, 11), 'VoteCertified', 'ApprovalEnded');
  });
});

test('a second vote can be held from the day of the veto, as every reader is told', () => {
  expect(secondVoteFrom(passed().state, 1, 'UTC')).toBeUndefined();
  expect(secondVoteFrom(vetoed().state, 1, 'UTC')).toBe(date(11));
  vetoed()
    .refuses(secondOn(13, 10), ...OUT_OF_TIME)
    .yields(secondOn(13, 11), 'VoteCertified');
});

describe('a deadline', () => {
  const threeDays = signature('auditor', { deadline: 'P3D' });

  test('that passes never approves: it opens the override as a refusal would', () => {
    passed()
      .is('pending', justBefore(day(15)))
      .is('vetoed', day(15))
      .is('vetoed', justBefore(day(45)))
      .is('refused', day(45))
      .yields(sign(justBefore(day(15)), 1), ...APPROVES)
      .refuses(sign(day(15), 1), 'vetoed')
      .goes(tick(day(15)), 'ChangeVetoed')
      .yields(tick(day(45)), 'ChangeRefused');
  });

  test('without an override refuses', () => {
    under(bound([threeDays, signature('mayor')]))
      .notified()
      .is('pending', justBefore(day(3)))
      .is('refused', day(3))
      .yields(tick(day(3)), 'ChangeRefused');
  });

  test('does not run before the words may be decided', () => {
    under(bound([threeDays, signature('mayor')], { notice: 'P7D' }))
      .notified()
      .is('pending', justBefore(day(10)))
      .is('refused', day(10));
  });

  test('does not run while a veto of somebody else stands', () => {
    // The auditor has ten days from day 1, of which one passes before the veto: nine are left when it is overturned on day 20.
    under({ policy: inForce(twoVetoes) })
      .tell(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1), override(day(20), 1))
      .confirms(day(20), 1)
      .is('pending', justBefore(day(29)))
      .is('vetoed', justBefore(day(49)))
      .is('refused', day(49))
      .then(sign(day(28), 1, { requirement: 'auditor', holder: 'auditor' }))
      .is('enabled', day(28));
  });

  test('has as many hours left after a veto of somebody else, and so has the second vote that would follow it', () => {
    // The auditor's ten days, and the twenty after them, include the end of summer time, on 5 April: the city is then an hour behind.
    under({ zone: 'Pacific/Auckland', policy: inForce(twoVetoes) })
      .tell(notify(day(20), 1), certify(day(21), 1), refuse(day(22), 1), override(day(40), 1))
      .confirms(day(40), 1)
      .is('pending', justBefore('2026-04-19T12:00:00.000Z'))
      .is('vetoed', justBefore('2026-05-09T13:00:00.000Z'))
      .is('refused', '2026-05-09T13:00:00.000Z');
  });

  test('of whoever must act ends the turn, else the window does, and under a veto the time for a second vote', () => {
    const turnEnd = (story: Story, at: string) => {
      const now = advanceTo(story.state, at);
      const [change, view] = [findChange(now, 1), viewOf(story)];
      return [change && turnEndIn(now, change), view && turnEndOf(view)];
    };
    expect(turnEnd(notified(), day(1))).toEqual([day(90), day(90)]);
    expect(turnEnd(passed(), day(11))).toEqual([day(15), day(15)]);
    expect(turnEnd(vetoed(), day(12))).toEqual([day(41), day(41)]);
    const two = under(bound([threeDays, signature('mayor', { deadline: 'P2D' })])).notified();
    expect(turnEnd(two, day(1))).toEqual([day(2), day(2)]);
  });
});

type Within = NonNullable<NonNullable<Policy['rules'][number]['require'][number]['override']>['within']>;
const withTime = (within: Within, more: object = {}) => {
  const toOverride = { requirement: 'council', yes: 9, within, confirmedBy: 'council/at-large-a' };
  return bound([council(), mayor({ override: toOverride, ...more })], { window: 'P90D' });
};
const twentyOne = withTime({ notAfter: 'P21D' });
const thirtyToSixty = withTime({ notBefore: 'P30D', notAfter: 'P60D' });
/** A change that the council passed on day 1 and the mayor refused on day 2, at noon. */
const vetoedIn = (rules: ReturnType<typeof withTime>) =>
  under(rules).tell(notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1));
const vetoIn = (story: Story) => story.state.changes[0]?.veto;

describe('a veto that can be overturned for 21 days', () => {
  test('ends at that instant, and takes a vote until then', () => {
    const story = vetoedIn(twentyOne);
    expect(vetoIn(story)).toStrictEqual({ requirement: 'mayor', at: day(2), until: day(23) });
    story
      .is('vetoed', justBefore(day(23)))
      .is('refused', day(23))
      .yields(override(justBefore(day(23)), 1, { meetingDate: date(23) }), 'VoteCertified')
      .refuses(secondOn(23, 23), 'closed')
      .refuses(secondOn(20, 1), ...OUT_OF_TIME);
  });

  test('has the same time if a passed deadline gave it, from the deadline', () => {
    const rules = withTime({ notAfter: 'P21D' }, { after: ['council'], deadline: 'P5D' });
    const story = under(rules).tell(notify(day(0), 1), certify(day(1), 1), tick(day(7)));
    expect(vetoIn(story)).toMatchObject({ at: day(6), until: day(27) });
  });

  test('stands still while the certificate waits; while that is disputed the body can vote again, past the last day', () => {
    const waiting = vetoedIn(twentyOne).then(secondOn(22, 22));
    waiting.is('vetoed', justBefore(day(36))).is('refused', day(36));
    waiting.confirms(day(25), 1, { decision: 'dispute' }).yields(secondOn(26, 26), 'VoteCertified');
    const done = waiting.confirms(day(30), 1).is('enabled', day(30));
    expect(done.events.find(({ type }) => type === 'VetoOverridden')).toMatchObject({ closesAt: day(90 + 28) });
  });
});

test('a veto that can be overturned from 30 to 60 days on takes a vote from the first of those days to the last, no other by a correction', () => {
  expect(secondVoteFrom(vetoedIn(thirtyToSixty).state, 1, 'UTC')).toBe(date(32));
  vetoedIn(thirtyToSixty)
    .refuses(secondOn(31, 31), ...OUT_OF_TIME)
    .refuses(secondOn(33, 31), ...OUT_OF_TIME)
    .yields(secondOn(33, 32), 'VoteCertified')
    .yields(override(justBefore(day(62)), 1, { meetingDate: date(61) }), 'VoteCertified')
    .is('vetoed', justBefore(day(62)))
    .is('refused', day(62))
    .then(secondOn(40, 39))
    .yields(correctedOn(41, 39, 10), 'VoteCertified')
    .yields(correctedOn(41, 38, 10), 'VoteCertified', 'ChangeRefused')
    .confirms(day(41), 1)
    .yields(correctedOn(42, 38, 10), 'VoteCertified', 'ApprovalEnded');
});
