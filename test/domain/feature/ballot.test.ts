import { describe, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { ballots, COUNCIL, policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { cast, no, open, rules, signed, yes } from './ballotStory.ts';
import { tell } from './story.ts';
import { ballot, date, day, inForce, justBefore, notify, revise, sign, wordsOf } from './support.ts';

describe('a ballot', () => {
  test('is one a seat, and is not changed', () => {
    open()
      .then(cast(day(1), 'district-1'))
      .refuses(cast(day(2), 'district-1', no), 'already-decided')
      .refuses(cast(day(2), 'district-1', { decision: 'abstain' }), 'already-decided')
      .refuses(cast(day(2), 'district-1', { comment: wordsOf(8) }), 'already-decided');
  });

  test('of a seat is spent when somebody else takes the seat', () => {
    const next = { roster: { number: 2, roster: roster({ 'district-1': { id: 'newcomer' } }) } };
    open()
      .then(cast(day(1), 'district-1'))
      .refuses(cast(day(2), 'district-1', { ...next, holder: 'newcomer' }), 'already-decided');
  });

  test('of a person is spent when they move to another seat', () => {
    const moved = { roster: { number: 2, roster: roster({ 'district-1': null, 'district-2': { id: 'district-1' } }) } };
    open()
      .then(cast(day(1), 'district-1'))
      .refuses(cast(day(2), 'district-1', moved), 'same-person');
  });

  test('is given by who holds a seat now', () => {
    const gone = { roster: { number: 2, roster: roster({ 'district-1': { to: date(1) } }) } };
    open()
      .refuses(cast(day(1), 'mayor'), 'not-in-office')
      .refuses(cast(day(1), 'district-1', { roster: null }), 'not-in-office')
      .refuses(cast(day(2), 'district-1', gone), 'not-in-office')
      .yields(cast(day(1), 'district-1', gone), 'BallotCast');
  });

  test('on other words, of no such requirement or of no such change is refused', () => {
    open()
      .refuses(cast(day(1), 'district-1', { revision: 2 }), 'stale', '/revision')
      .refuses(cast(day(1), 'district-1', { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(cast(day(1), 'district-1', { requirement: 'mayor' }), 'unknown-requirement')
      .refuses(ballot(day(1), 2, 'district-1', rules), 'unknown-change')
      .then(revise(day(2), 1, 2, rules))
      .refuses(cast(day(3), 'district-1'), 'stale', '/revision')
      .yields(cast(day(3), 'district-1', { revision: 2, digest: wordsOf(1, 2) }), 'BallotCast');
    tell(notify(day(0), 1, { policy: null })).refuses(cast(day(1), 'district-1', { policy: null }), 'no-policy');
  });

  test('waits for the notice, for its order, and for documents', () => {
    const slow = {
      policy: inForce(policy(rule([ballots(), signature('mayor')], { notice: 'P2D', documents: ['impact-report'] }))),
    };
    tell(notify(day(0), 1, slow))
      .refuses(cast(justBefore(day(2)), 'district-1', slow), 'too-early')
      .refuses(cast(day(2), 'district-1', slow), 'documents-missing')
      .yields(cast(day(2), 'district-1', { ...slow, ...no }), 'BallotCast');
    const last = { policy: inForce(policy(rule([ballots({ after: ['mayor'] }), signature('mayor')]))) };
    tell(notify(day(0), 1, last)).refuses(cast(day(2), 'district-1', last), 'not-yet');
  });

  test('is on the terms that the first yes set; a no needs none', () => {
    const terms = { ...NO_TERMS, audience: ['Police'] };
    open()
      .then(cast(day(1), 'district-1', no), cast(day(1), 'district-2', { terms }))
      .refuses(cast(day(1), 'district-3'), 'other-terms')
      .yields(cast(day(1), 'district-3', no), 'BallotCast')
      .yields(cast(day(1), 'district-3', { terms }), 'BallotCast')
      .refuses(cast(day(1), 'district-3', { terms: { ...terms, until: day(1) } }), 'until-passed');
  });

  test('of who counts elsewhere in the change is refused', () => {
    const acting = { roster: { number: 2, roster: roster({ mayor: { id: 'district-1' } }) } };
    open()
      .then(sign(day(1), 1, { ...rules, ...acting, holder: 'district-1' }))
      .refuses(cast(day(2), 'district-1', acting), 'same-person');
    open()
      .then(cast(day(1), 'district-1'))
      .refuses(sign(day(2), 1, { ...rules, ...acting, holder: 'district-1' }), 'same-person');
  });
});

describe('the result of ballots', () => {
  test('is certain with the seventh yes', () => {
    const six = open().then(...yes(6));
    six
      .goes(cast(day(1), 'district-7'), 'BallotCast', 'RequirementMet')
      .yields(signed(day(2)), 'SignatureGiven', 'RequirementMet', 'ChangeApproved');
    six.then(signed(day(1))).yields(cast(day(1), 'district-7'), 'BallotCast', 'RequirementMet', 'ChangeApproved');
  });

  test('is certain once seven said no or abstained', () => {
    const six = open().then(...yes(6, day(1), no));
    six.goes(cast(day(1), 'district-7', { decision: 'abstain' }), 'BallotCast', 'ChangeRefused').is('refused', day(1));
  });

  test('is never made by silence', () => {
    open()
      .then(...yes(6), signed(day(1)))
      .is('pending', justBefore(day(60)))
      .is('lapsed', day(60));
  });

  test('counts a seat whose holder left, and one that is vacant as no yes', () => {
    const empty = { roster: { number: 2, roster: roster(Object.fromEntries(COUNCIL.slice(6).map((seat) => [seat, null]))) } };
    open()
      .then(...yes(6))
      .refuses(cast(day(2), 'district-7', empty), 'not-in-office')
      .is('pending', day(3));
  });
});
