import { expect, test } from 'vitest';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import { council, mayor, policy, roster, rule, withAdvice } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { feature, tell } from './story.ts';
import { advise, certify, day, inForce, notify, refuse, revise, revoke, sign, tick, wordsOf } from './support.ts';

const rules = { policy: inForce(withAdvice) };
const open = () => tell(notify(day(0), 1, rules));
const heard = (at: string, seat: string, over = {}) => advise(at, 1, seat, { ...rules, ...over });

test('advice never counts: neither does all of it approve, nor does a refusal refuse', () => {
  const against = open().then(...['board-1', 'board-2', 'board-3'].map((seat) => heard(day(1), seat, { decision: 'refuse' })));
  against
    .is('pending', day(2))
    .then(certify(day(2), 1, rules), sign(day(3), 1, rules))
    .is('enabled', day(3));
  open()
    .then(...['board-1', 'board-2', 'board-3'].map((seat) => heard(day(1), seat)))
    .is('pending', day(2))
    .is('lapsed', day(90));
});

test('advice is given once a seat and revision', () => {
  open()
    .then(heard(day(1), 'board-1'))
    .refuses(heard(day(2), 'board-1', { decision: 'refuse' }), 'already-decided')
    .then(revise(day(3), 1, 2, rules))
    .refuses(heard(day(4), 'board-1'), 'stale')
    .yields(heard(day(4), 'board-1', { revision: 2, digest: wordsOf(1, 2) }), 'AdviceGiven');
});

test('advice is on no terms: whatever it came with, its act is the same', () => {
  const actOf = (terms: Terms) =>
    open()
      .then(heard(day(1), 'board-1', { terms }))
      .events.at(-1);
  expect(actOf({ ...NO_TERMS, until: day(40) })).toStrictEqual(actOf(NO_TERMS));
});

test('advice that is sent again is known, also when the change has closed', () => {
  const closed = open().then(
    heard(day(1), 'board-1'),
    certify(day(2), 1, { ...rules, votes: Object.fromEntries(roster().bodies['council']!.seats.map((seat) => [seat, 'no'])) }),
  );
  given(feature, ...closed.events)
    .when(heard(day(3), 'board-1'))
    .thenNothing();
  closed.refuses(heard(day(3), 'board-2'), 'closed');
});

test('advice is given by who holds a seat of the board, on a change that asks for it', () => {
  open()
    .refuses(heard(day(1), 'mayor'), 'not-in-office')
    .refuses(heard(day(1), 'board-1', { roster: null }), 'not-in-office')
    .refuses(heard(day(1), 'board-1', { requirement: 'council' }), 'unknown-requirement')
    .refuses(advise(day(1), 2, 'board-1', rules), 'unknown-change');
  tell(notify(day(0), 1, { policy: null })).refuses(heard(day(1), 'board-1', { policy: null }), 'no-policy');
});

test('a board is heard while a veto stands, in its order anyway', () => {
  const last = {
    policy: inForce(policy(rule([council(), mayor(), { id: 'advice', body: 'board', instrument: 'advice', after: ['mayor'] }]))),
  };
  open()
    .then(certify(day(1), 1, rules), refuse(day(2), 1, rules))
    .yields(heard(day(3), 'board-1'), 'AdviceGiven');
  tell(notify(day(0), 1, last), certify(day(1), 1, last), refuse(day(2), 1, last)).refuses(
    heard(day(3), 'board-1', last),
    'not-yet',
  );
});

test('an adviser may still sign: advice does not count, so no person counts twice', () => {
  const member = { ...rules, roster: { number: 2, roster: roster({ mayor: { id: 'board-1' } }) } };
  tell(
    notify(day(0), 1, member),
    heard(day(1), 'board-1', member),
    certify(day(1), 1, member),
    sign(day(2), 1, { ...member, holder: 'board-1' }),
  ).is('enabled', day(2));
});

test('who advised cannot switch it off by that', () => {
  const story = open().then(heard(day(1), 'board-1'), certify(day(2), 1, rules), sign(day(3), 1, rules));
  story.refuses(revoke(day(4), 1, { ...rules, requirement: 'advice', holder: 'board-1' }), 'unknown-requirement');
  expect(story.status(1, day(4))).toBe('approved');
  story.yields(tick(day(4), rules));
});
