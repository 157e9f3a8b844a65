import { describe, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { roster } from '../../support/fixtures/city.ts';
import { approved, notified, vetoed } from './story.ts';
import { certify, correct, date, day, notify, override, refuse, revoke, rollOf, sign, tick } from './support.ts';

describe('a correction', () => {
  test('that still holds changes nothing else', () => {
    const story = approved().goes(correct(day(20), 1, { meetingDate: date(10), votes: rollOf(8, 1) }), 'VoteCertified');
    story.is('enabled', day(20));
  });

  test('that no longer holds puts an approval off at once, whether votes or a quorum are lost', () => {
    for (const votes of [rollOf(6, 3), rollOf(6)]) {
      approved()
        .yields(correct(day(20), 1, { meetingDate: date(10), votes }), 'VoteCertified', 'ApprovalEnded')
        .then(correct(day(20), 1, { meetingDate: date(10), votes }))
        .is('revoked', day(20))
        .refuses(correct(day(21), 1, { meetingDate: date(10) }), 'closed');
    }
  });

  test('that no longer holds refuses a change that is still open', () => {
    notified()
      .then(certify(day(10), 1))
      .yields(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(6) }), 'VoteCertified', 'ChangeRefused')
      .then(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(6, 4) }))
      .is('refused', day(11));
  });

  test('that shows a voter who counts elsewhere loses the approval', () => {
    const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-1' } }) } };
    notified(acting)
      .then(
        certify(day(10), 1, { ...acting, votes: rollOf(8, 2, { 'district-1': 'absent' }) }),
        sign(day(11), 1, { ...acting, holder: 'district-1' }),
      )
      .yields(correct(day(12), 1, { ...acting, meetingDate: date(10) }), 'VoteCertified', 'ApprovalEnded');
  });

  test('by a clerk who takes part in the change is refused', () => {
    const clerkly = { roster: { number: 2, roster: roster({ clerk: { id: 'mayor' } }) } };
    approved().refuses(
      correct(day(20), 1, { ...clerkly, holder: 'mayor', meetingDate: date(10), votes: rollOf(6, 1) }),
      'same-person',
    );
  });

  test('of the vote that overturned a veto is held to its size', () => {
    const overridden = vetoed()
      .then(override(day(20), 1))
      .confirms(day(20), 1);
    overridden
      .yields(correct(day(22), 1, { meetingDate: date(20), votes: rollOf(8, 1) }), 'VoteCertified', 'ApprovalEnded')
      .yields(correct(day(22), 1, { meetingDate: date(20), votes: rollOf(9, 4) }), 'VoteCertified')
      .yields(correct(day(22), 1, { meetingDate: date(10), votes: rollOf(7, 1) }), 'VoteCertified')
      .yields(correct(day(22), 1, { meetingDate: date(10), votes: rollOf(6, 1) }), 'VoteCertified', 'ApprovalEnded');
    const sameDay = notified()
      .then(certify(day(10), 1), refuse(day(10, '13:00:00.000'), 1), override(day(10, '14:00:00.000'), 1))
      .confirms(day(10, '15:00:00.000'), 1);
    sameDay.yields(correct(day(11), 1, { meetingDate: date(10), votes: rollOf(8, 1) }), 'VoteCertified', 'ApprovalEnded');
  });

  test('needs a vote that was certified, and the terms that stand', () => {
    notified().refuses(correct(day(10), 1), 'nothing-to-correct', '/purpose');
    approved()
      .refuses(correct(day(20), 1, { meetingDate: date(10), terms: { ...NO_TERMS, audience: ['Police'] } }), 'other-terms')
      .refuses(correct(day(20), 1, { meetingDate: date(21) }), 'meeting-in-future')
      .refuses(correct(day(20), 1, { meetingDate: date(3) }), 'meeting-before-revision');
  });

  test('comes too late once the approval was revoked, expired or replaced', () => {
    approved()
      .then(revoke(day(20), 1))
      .refuses(correct(day(21), 1, { meetingDate: date(10) }), 'closed');
    approved().refuses(correct(day(400), 1, { meetingDate: date(10) }), 'closed');
    approved()
      .then(notify(day(20), 2), certify(day(30), 2), sign(day(31), 2), tick(day(32)))
      .refuses(correct(day(33), 1, { meetingDate: date(10) }), 'closed');
  });
});
