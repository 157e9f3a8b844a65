import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { ballots, byBallots, COUNCIL, policy, roster, rule, signature } from '../../support/fixtures/city.ts';
import { tell } from './story.ts';
import { ballot, date, day, inForce, justBefore, notify, revise, revoke, sign, withdraw, wordsOf } from './support.ts';

/** The policy of these stories: ballots of the council, and the mayor in parallel. */
const rules = { policy: inForce(byBallots) };
type Over = Parameters<typeof ballot>[3];
/** Returns a ballot of a seat on change 1; yes by default. */
const cast = (at: string, seat: string, over: Over = {}) => ballot(at, 1, seat, { ...rules, ...over });
/** Returns yes ballots of the first seats. */
const yes = (count: number, at = day(1), over: Over = {}) => COUNCIL.slice(0, count).map((seat) => cast(at, seat, over));
/** Turns a ballot into a no. */
const no = { decision: 'refuse' } as const;
/** Starts a story with change 1, notified on day 0. */
const open = (over = {}) => tell(notify(day(0), 1, { ...rules, ...over }));
/** Returns the mayor's signature on change 1. */
const signed = (at: string) => sign(at, 1, rules);

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

  test('that is no yes and completes the approval is on the terms that stand', () => {
    const terms = { ...NO_TERMS, audience: ['Police'], until: day(30) };
    const quorum = {
      policy: inForce(policy(rule([ballots({ threshold: { yes: 2, of: 'seats' }, quorum: 3 }), signature('mayor')]))),
    };
    const told = tell(notify(day(0), 1, quorum)).then(
      sign(day(1), 1, { ...quorum, terms }),
      cast(day(1), 'district-1', { ...quorum, terms }),
      cast(day(1), 'district-2', { ...quorum, terms }),
    );
    for (const decision of ['refuse', 'abstain'] as const) {
      const third = { ...quorum, decision };
      told.refuses(cast(day(2), 'district-3', third), 'other-terms');
      told
        .goes(cast(day(2), 'district-3', { ...third, terms }), 'BallotCast', 'RequirementMet', 'ChangeApproved')
        .is('enabled', day(3), { agencies: ['Police'] })
        .is('audience', day(3), { agencies: ['Parks'] })
        .is('expired', day(30), { agencies: ['Police'] });
    }
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

describe('a late ballot', () => {
  const late = 'at-large-b';

  test('is recorded once and changes nothing, before and after the approval', () => {
    const met = open().then(...yes(7));
    met
      .goes(cast(day(3), late, no), 'BallotCast')
      .refuses(cast(day(4), late), 'already-decided')
      .then(signed(day(4)))
      .is('enabled', day(4));
    met
      .then(signed(day(2)))
      .goes(cast(day(3), late, no), 'BallotCast')
      .is('enabled', day(3))
      .refuses(cast(day(4), late), 'already-decided');
  });

  test('is recorded after a refusal, a revocation, an expiry and a newer approval', () => {
    open()
      .then(...yes(7, day(1), no))
      .goes(cast(day(3), late), 'BallotCast')
      .is('refused', day(3));
    const on = open().then(...yes(7), signed(day(2)));
    on.then(revoke(day(3), 1, rules))
      .goes(cast(day(4), late), 'BallotCast')
      .is('revoked', day(4));
    const ending = { terms: { ...NO_TERMS, until: day(5) } };
    open()
      .then(...yes(7, day(1), ending), sign(day(2), 1, { ...rules, ...ending }))
      .goes(cast(day(6), late), 'ApprovalEnded', 'BallotCast')
      .is('expired', day(6));
    const newer = COUNCIL.slice(0, 7).map((seat) => ballot(day(4), 2, seat, rules));
    on.then(notify(day(3), 2, rules), ...newer, sign(day(5), 2, rules))
      .goes(cast(day(6), late), 'BallotCast')
      .is('enabled', day(6));
  });

  test('is recorded while the window is open, however many changes closed since', () => {
    const others = [2, 3, 4, 5, 6, 7].flatMap((n) => [notify(day(3), n, rules), withdraw(day(4), n, rules)]);
    open()
      .then(...yes(7), signed(day(2)), ...others)
      .yields(cast(day(5), late), 'BallotCast');
    const refused = open().then(...yes(7, day(1), no));
    refused.then(...others).yields(cast(day(5), late), 'BallotCast');
    const complete = refused.then(...COUNCIL.slice(7).map((seat) => cast(day(2), seat)), ...others);
    expect(complete.status(1, day(5))).toBeUndefined();
  });

  test('comes too late when the window has ended', () => {
    const on = open().then(...yes(7), signed(day(2)));
    on.yields(cast(justBefore(day(60)), late), 'BallotCast').refuses(cast(day(60), late), 'closed');
    open()
      .then(...yes(6))
      .refuses(cast(day(60), late), 'closed');
    open()
      .then(...yes(6), withdraw(day(2), 1, rules))
      .refuses(cast(day(3), late), 'closed');
  });

  test('needs no terms and sets none', () => {
    const terms = { ...NO_TERMS, audience: ['Police'] };
    const on = open().then(...yes(7, day(1), { terms }));
    on.then(cast(day(2), late)).yields(
      sign(day(3), 1, { ...rules, terms }),
      'SignatureGiven',
      'RequirementMet',
      'ChangeApproved',
    );
  });
});
