import { describe, expect, test } from 'vitest';
import { askedActs } from '../../../domain/feature/awaited.ts';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import { personOf } from '../../../domain/roster/holders.ts';
import { ballots, byBallots, COUNCIL, council, mayor, signature, withAdvice } from '../../support/fixtures/city.ts';
import { APPROVES, bound, officials, SIGNS, under } from './story.ts';
import {
  advise,
  ballot,
  certify,
  date,
  day,
  inForce,
  justBefore,
  notify,
  refuse,
  revise,
  revoke,
  rollOf,
  sign,
  withdraw,
  wordsOf,
} from './support.ts';

const { notified: open } = under({ policy: inForce(byBallots) });
type Over = Parameters<typeof ballot>[3];
const cast = (at: string, seat: string, over: Over = {}) => ballot(at, 1, seat, over);
const yes = (count: number, over: Over = {}) => COUNCIL.slice(0, count).map((seat) => cast(day(1), seat, over));
const no = { decision: 'refuse' } as const;
const police = { ...NO_TERMS, audience: ['Police'] };

describe('a ballot', () => {
  test('is one a seat, and is not changed, also by who takes the seat; of a person it is spent in any seat', () => {
    const { state } = open()
      .then(cast(day(1), 'district-1'))
      .refuses(cast(day(2), 'district-1', no), 'already-decided')
      .refuses(cast(day(2), 'district-1', { decision: 'abstain' }), 'already-decided')
      .refuses(cast(day(2), 'district-1', { comment: wordsOf(8) }), 'already-decided')
      .refuses(cast(day(2), 'newcomer', officials({ 'district-1': { id: 'newcomer' } })), 'already-decided')
      .refuses(cast(day(2), 'district-1', officials({ 'district-1': null, 'district-2': { id: 'district-1' } })), 'same-person');
    const asked = state.changes.flatMap((change) => askedActs(state, change));
    expect(asked.find(({ rule: { id } }) => id === 'council')?.actors.barred).toContain(personOf('district-1'));
  });

  test('is given by who holds a seat now, and counts nowhere else in the change', () => {
    const gone = officials({ 'district-1': { to: date(1) } });
    const acting = officials({ mayor: { id: 'district-1' } });
    open()
      .refuses(cast(day(1), 'mayor'), 'not-in-office')
      .refuses(cast(day(1), 'district-1', { roster: null }), 'not-in-office')
      .refuses(cast(day(2), 'district-1', gone), 'not-in-office')
      .yields(cast(day(1), 'district-1', gone), 'BallotCast')
      .then(cast(day(1), 'district-1'))
      .refuses(sign(day(2), 1, { ...acting, holder: 'district-1' }), 'same-person');
    open()
      .then(sign(day(1), 1, { ...acting, holder: 'district-1' }))
      .refuses(cast(day(2), 'district-1', acting), 'same-person');
  });

  test('on other words, of no such requirement or of no such change is refused', () => {
    open()
      .refuses(cast(day(1), 'district-1', { revision: 2 }), 'stale', '/revision')
      .refuses(cast(day(1), 'district-1', { digest: wordsOf(2) }), 'stale', '/digest')
      .refuses(cast(day(1), 'district-1', { requirement: 'mayor' }), 'unknown-requirement')
      .refuses(ballot(day(1), 2, 'district-1'), 'unknown-change')
      .then(revise(day(2), 1, 2))
      .refuses(cast(day(3), 'district-1'), 'stale', '/revision')
      .yields(cast(day(3), 'district-1', { revision: 2, digest: wordsOf(1, 2) }), 'BallotCast');
    under({ policy: null })
      .notified()
      .refuses(cast(day(1), 'district-1'), 'no-policy');
  });

  test('waits for the notice, for its order, and for documents', () => {
    under(bound([ballots(), signature('mayor')], { notice: 'P2D', documents: ['impact-report'] }))
      .notified()
      .refuses(cast(justBefore(day(2)), 'district-1'), 'too-early')
      .refuses(cast(day(2), 'district-1'), 'documents-missing')
      .yields(cast(day(2), 'district-1', no), 'BallotCast');
    under(bound([ballots({ after: ['mayor'] }), signature('mayor')]))
      .notified()
      .refuses(cast(day(2), 'district-1'), 'not-yet');
  });

  test('is on the terms that the first yes set; a no needs none', () => {
    open()
      .then(cast(day(1), 'district-1', no), cast(day(1), 'district-2', { terms: police }))
      .refuses(cast(day(1), 'district-3'), 'other-terms')
      .yields(cast(day(1), 'district-3', no), 'BallotCast')
      .yields(cast(day(1), 'district-3', { terms: police }), 'BallotCast')
      .refuses(cast(day(1), 'district-3', { terms: { ...police, until: day(1) } }), 'until-passed');
  });

  test.each(['refuse', 'abstain'] as const)('that says %s and completes the approval is on the terms that stand', (decision) => {
    const terms = { ...police, until: day(30) };
    under(bound([ballots({ threshold: { yes: 2, of: 'seats' }, quorum: 3 }), signature('mayor')]))
      .notified()
      .then(sign(day(1), 1, { terms }), ...yes(2, { terms }))
      .refuses(cast(day(2), 'district-3', { decision }), 'other-terms')
      .goes(cast(day(2), 'district-3', { decision, terms }), 'BallotCast', 'RequirementMet', 'ChangeApproved')
      .is('enabled', day(3), { agencies: ['Police'] })
      .is('audience', day(3), { agencies: ['Parks'] })
      .is('expired', day(30), { agencies: ['Police'] });
  });
});

describe('the result of ballots', () => {
  test('is certain with the seventh yes, or once seven said no or abstained', () => {
    open()
      .then(...yes(6))
      .goes(cast(day(1), 'district-7'), 'BallotCast', 'RequirementMet')
      .yields(sign(day(2), 1), ...APPROVES);
    open()
      .then(...yes(6), sign(day(1), 1))
      .yields(cast(day(1), 'district-7'), 'BallotCast', 'RequirementMet', 'ChangeApproved');
    open()
      .then(...yes(6, no))
      .goes(cast(day(1), 'district-7', { decision: 'abstain' }), 'BallotCast', 'ChangeRefused')
      .is('refused', day(1));
  });

  test('is never made by silence, nor by a vacant seat', () => {
    const empty = officials(Object.fromEntries(COUNCIL.slice(6).map((seat) => [seat, null])));
    open()
      .then(...yes(6))
      .refuses(cast(day(2), 'district-7', empty), 'not-in-office')
      .then(sign(day(1), 1))
      .is('pending', justBefore(day(60)))
      .is('lapsed', day(60));
  });
});

describe('a late ballot', () => {
  const late = 'at-large-b';
  const on = (over: Over = {}) => open().then(...yes(7, over), sign(day(2), 1, over));
  const others = [2, 3, 4, 5, 6, 7].flatMap((n) => [notify(day(3), n), withdraw(day(4), n)]);

  test('is recorded once and changes nothing, before and after the approval', () => {
    open()
      .then(...yes(7))
      .goes(cast(day(3), late, no), 'BallotCast')
      .refuses(cast(day(4), late), 'already-decided')
      .then(sign(day(4), 1))
      .is('enabled', day(4));
    on()
      .goes(cast(day(3), late, no), 'BallotCast')
      .is('enabled', day(3))
      .refuses(cast(day(4), late), 'already-decided');
  });

  test('is recorded after a refusal, a revocation, an expiry and a newer approval', () => {
    open()
      .then(...yes(7, no))
      .goes(cast(day(3), late), 'BallotCast')
      .is('refused', day(3));
    on()
      .then(revoke(day(3), 1))
      .goes(cast(day(4), late), 'BallotCast')
      .is('revoked', day(4));
    on({ terms: { ...NO_TERMS, until: day(5) } })
      .goes(cast(day(6), late), 'ApprovalEnded', 'BallotCast')
      .is('expired', day(6));
    const newer = COUNCIL.slice(0, 7).map((seat) => ballot(day(4), 2, seat));
    on()
      .then(notify(day(3), 2), ...newer, sign(day(5), 2))
      .goes(cast(day(6), late), 'BallotCast')
      .is('enabled', day(6));
  });

  test('is recorded while the window is open, however many changes closed since', () => {
    on()
      .then(...others)
      .yields(cast(day(5), late), 'BallotCast');
    const refused = open().then(...yes(7, no));
    refused.then(...others).yields(cast(day(5), late), 'BallotCast');
    const complete = refused.then(...COUNCIL.slice(7).map((seat) => cast(day(2), seat)), ...others);
    expect(complete.status(1, day(5))).toBeUndefined();
  });

  test('comes too late when the window has ended, or the change was withdrawn', () => {
    on()
      .yields(cast(justBefore(day(60)), late), 'BallotCast')
      .refuses(cast(day(60), late), 'closed');
    open()
      .then(...yes(6))
      .refuses(cast(day(60), late), 'closed')
      .then(withdraw(day(2), 1))
      .refuses(cast(day(3), late), 'closed');
  });

  test('needs no terms and sets none', () => {
    open()
      .then(...yes(7, { terms: police }), cast(day(2), late))
      .refuses(sign(day(3), 1), 'other-terms')
      .yields(sign(day(3), 1, { terms: police }), ...SIGNS, 'ChangeApproved');
  });
});

const rules = { policy: inForce(withAdvice) };
const { notified: advised } = under(rules);
const heard = (on: number, seat: string, over = {}) => advise(day(on), 1, seat, over);
const BOARD = ['board-1', 'board-2', 'board-3'];

test('advice never counts: neither does all of it approve, nor does a refusal refuse', () => {
  advised()
    .then(...BOARD.map((seat) => heard(1, seat, { decision: 'refuse' })))
    .is('pending', day(2))
    .then(certify(day(2), 1), sign(day(3), 1))
    .is('enabled', day(3));
  advised()
    .then(...BOARD.map((seat) => heard(1, seat)))
    .is('pending', day(2))
    .is('lapsed', day(90));
});

test('advice is given once a seat and revision', () => {
  advised()
    .then(heard(1, 'board-1'))
    .refuses(heard(2, 'board-1', { decision: 'refuse' }), 'already-decided')
    .then(revise(day(3), 1, 2))
    .refuses(heard(4, 'board-1'), 'stale')
    .yields(heard(4, 'board-1', { revision: 2, digest: wordsOf(1, 2) }), 'AdviceGiven');
});

test('advice is on no terms: whatever it came with, its act is the same', () => {
  const actOf = (terms: Terms) =>
    advised()
      .then(heard(1, 'board-1', { terms }))
      .events.at(-1);
  expect(actOf({ ...NO_TERMS, until: day(40) })).toStrictEqual(actOf(NO_TERMS));
});

test('advice that is sent again is known, also when the change has closed', () => {
  advised()
    .then(heard(1, 'board-1'), certify(day(2), 1, { votes: rollOf(0, 13) }))
    .yields(heard(3, 'board-1'))
    .refuses(heard(3, 'board-2'), 'closed');
});

test('advice is given by who holds a seat of the board, on a change that asks for it', () => {
  advised()
    .refuses(heard(1, 'mayor'), 'not-in-office')
    .refuses(heard(1, 'board-1', { roster: null }), 'not-in-office')
    .refuses(heard(1, 'board-1', { requirement: 'council' }), 'unknown-requirement')
    .refuses(advise(day(1), 2, 'board-1'), 'unknown-change');
  under({ policy: null }).notified().refuses(heard(1, 'board-1'), 'no-policy');
});

test('a board is heard while a veto stands, in its order anyway', () => {
  const last = bound([council(), mayor(), { id: 'advice', body: 'board', instrument: 'advice', after: ['mayor'] }]);
  const vetoed = [notify(day(0), 1), certify(day(1), 1), refuse(day(2), 1)];
  under(rules)
    .tell(...vetoed)
    .yields(heard(3, 'board-1'), 'AdviceGiven');
  under(last)
    .tell(...vetoed)
    .refuses(heard(3, 'board-1'), 'not-yet');
});

test('an adviser may still sign, as advice does not count, and cannot switch off by having advised', () => {
  under({ ...rules, ...officials({ mayor: { id: 'board-1' } }) })
    .notified()
    .then(heard(1, 'board-1'), certify(day(1), 1), sign(day(2), 1, { holder: 'board-1' }))
    .is('enabled', day(2))
    .refuses(revoke(day(4), 1, { requirement: 'advice', holder: 'board-1' }), 'unknown-requirement');
});
