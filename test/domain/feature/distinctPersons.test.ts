import { describe, test } from 'vitest';
import { council, mayor, policy, roster, rule, twoCertified } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { notified, tell } from './story.ts';
import { boardRoll, certify, correct, date, day, inForce, notify, rollOf, sign } from './support.ts';

const entered = (person: string) => ({ provenance: enteredBy(person, day(0)) });

describe('distinct persons', () => {
  const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-1' } }) } };
  const both = { policy: inForce(twoCertified) };

  test('an acting mayor who voted cannot sign; one who stayed away can', () => {
    notified(acting)
      .then(certify(day(10), 1, acting))
      .refuses(sign(day(11), 1, { ...acting, holder: 'district-1' }), 'same-person');
    for (const vote of ['absent', 'excused', 'recused']) {
      notified(acting)
        .then(certify(day(10), 1, { ...acting, votes: rollOf(8, 2, { 'district-1': vote }) }))
        .yields(sign(day(11), 1, { ...acting, holder: 'district-1' }), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
    }
  });

  test('a mayor who signed first cannot have voted in the roll', () => {
    const anyOrder = { ...acting, policy: inForce(policy(rule([council(), mayor({ after: [] })]))) };
    tell(notify(day(0), 1, anyOrder), sign(day(1), 1, { ...anyOrder, holder: 'district-1' }))
      .refuses(certify(day(2), 1, anyOrder), 'same-person', '/vote.district-1')
      .yields(
        certify(day(2), 1, { ...anyOrder, votes: rollOf(8, 2, { 'district-1': 'recused' }) }),
        'VoteCertified',
        'RequirementMet',
        'ChangeApproved',
      );
  });

  test('a clerk who holds a seat of the body cannot certify a vote they took part in', () => {
    const seated = { roster: { number: 2, roster: roster({ 'district-1': { id: 'clerk' } }) } };
    notified(seated)
      .refuses(certify(day(10), 1, seated), 'same-person')
      .yields(
        certify(day(10), 1, { ...seated, votes: rollOf(8, 2, { 'district-1': 'recused' }) }),
        'VoteCertified',
        'RequirementMet',
      );
  });

  test('a clerk who certified cannot sign, one who signed cannot certify', () => {
    const clerkly = { roster: { number: 2, roster: roster({ mayor: { id: 'clerk' } }) } };
    notified(clerkly)
      .then(certify(day(10), 1, clerkly))
      .refuses(sign(day(11), 1, { ...clerkly, holder: 'clerk' }), 'same-person');
    const anyOrder = { ...clerkly, policy: inForce(policy(rule([council(), mayor({ after: [] })]))) };
    tell(notify(day(0), 1, anyOrder), sign(day(1), 1, { ...anyOrder, holder: 'clerk' })).refuses(
      certify(day(2), 1, anyOrder),
      'same-person',
    );
  });

  test('a clerk whose vote was certified again by another one still cannot sign', () => {
    const clerkly = { roster: { number: 2, roster: roster({ mayor: { id: 'clerk' } }) } };
    notified(clerkly)
      .then(certify(day(10), 1, clerkly), correct(day(11), 1, { ...clerkly, holder: 'deputy-clerk', meetingDate: date(10) }))
      .refuses(sign(day(12), 1, { ...clerkly, holder: 'clerk' }), 'same-person');
  });

  test('one clerk may certify the votes of two bodies', () => {
    tell(notify(day(0), 1, both), certify(day(1), 1, both)).yields(
      certify(day(2), 1, { ...both, requirement: 'board', votes: boardRoll(2, 1) }),
      'VoteCertified',
      'RequirementMet',
    );
  });

  test('no person votes in two bodies', () => {
    const twice = { ...both, roster: { number: 2, roster: roster({ 'board-1': { id: 'district-1' } }) } };
    tell(notify(day(0), 1, twice), certify(day(1), 1, twice))
      .refuses(certify(day(2), 1, { ...twice, requirement: 'board', votes: boardRoll(2) }), 'same-person', '/vote.board-1')
      .yields(
        certify(day(2), 1, {
          ...twice,
          requirement: 'board',
          votes: { 'board-1': 'recused', 'board-2': 'yes', 'board-3': 'yes' },
        }),
        'VoteCertified',
        'RequirementMet',
      );
  });

  test('who entered the notice fills no requirement of it', () => {
    notified(entered('clerk')).refuses(certify(day(10), 1), 'same-person');
    notified(entered('mayor'))
      .then(certify(day(10), 1))
      .refuses(sign(day(11), 1), 'same-person');
    notified(entered('district-4')).refuses(certify(day(10), 1), 'same-person', '/vote.district-4');
    // A person is the same in another seat.
    const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'deputy' } }) } };
    tell(notify(day(0), 1, { ...acting, ...entered('deputy') }), certify(day(10), 1, acting)).refuses(
      sign(day(11), 1, { ...acting, holder: 'deputy' }),
      'same-person',
    );
  });
});
