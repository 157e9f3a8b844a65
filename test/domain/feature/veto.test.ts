import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { roster, twoCertified } from '../../support/fixtures/city.ts';
import { notified, tell, vetoed } from './story.ts';
import { boardRoll, certify, date, day, inForce, notify, override, refuse, rollOf, sign, withdraw, wordsOf } from './support.ts';

describe('a veto', () => {
  test('suspends the window and is overturned by nine', () => {
    const story = notified().then(certify(day(80), 1), refuse(day(84), 1));
    // The window would have ended on day 90, with six days left.
    story.is('vetoed', day(100)).refuses(sign(day(85), 1), 'vetoed');
    const resumed = story.goes(override(day(104), 1), 'VoteCertified').confirms(day(104), 1);
    resumed.is('enabled', day(104));
    expect(resumed.events.find(({ type }) => type === 'VetoOverridden')).toStrictEqual({
      type: 'VetoOverridden',
      v: 1,
      at: day(104),
      change: 1,
      requirement: 'mayor',
      opens: [],
      closesAt: day(110),
    });
  });

  test('that too few overturn stands permanently', () => {
    vetoed()
      .then(override(day(20), 1, { votes: rollOf(8, 5) }))
      .is('refused', day(20))
      .refuses(override(day(21), 1), 'closed');
  });

  test('is overturned by a meeting after it, on the words that stand, with a quorum', () => {
    const large = { votes: rollOf(6, 0) };
    vetoed()
      .refuses(override(day(12), 1, { meetingDate: date(10) }), 'meeting-out-of-time', '/meetingDate')
      .refuses(override(day(12), 1, { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(override(day(12), 1, large), 'no-quorum', '/vote')
      .refuses(override(day(12), 1, { meetingDate: date(13) }), 'meeting-in-future')
      .yields(override(day(12), 1, { meetingDate: date(11) }), 'VoteCertified');
  });

  test('is overturned under the terms that stand, by a clerk and voters who count nowhere else', () => {
    const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-13' }, 'at-large-b': { id: 'mayor' } }) } };
    vetoed()
      .refuses(override(day(12), 1, { terms: { ...NO_TERMS, conditions: 'None.' } }), 'other-terms')
      .refuses(override(day(12), 1, { ...acting, votes: rollOf(13) }), 'same-person', '/vote.at-large-b')
      .refuses(
        override(day(12), 1, { roster: { number: 2, roster: roster({ clerk: { id: 'mayor' } }) }, holder: 'mayor' }),
        'same-person',
      );
  });

  test('cannot be overturned before the mayor refuses, nor by another body', () => {
    const both = { policy: inForce(twoCertified) };
    notified()
      .then(certify(day(10), 1))
      .refuses(override(day(11), 1), 'not-vetoed', '/purpose');
    tell(
      notify(day(0), 1, both),
      certify(day(1), 1, both),
      certify(day(1), 1, { ...both, requirement: 'board', votes: boardRoll(3) }),
      refuse(day(2), 1, both),
    ).refuses(override(day(3), 1, { ...both, requirement: 'board', votes: boardRoll(3) }), 'not-vetoed');
  });
});

test('a veto does not keep a change from being withdrawn', () => {
  vetoed()
    .goes(withdraw(day(12), 1), 'ChangeWithdrawn')
    .refuses(refuse(day(13), 1, { comment: wordsOf(9) }), 'closed');
});
