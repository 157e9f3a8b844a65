import { expect, test } from 'vitest';
import { NO_TERMS, type Terms } from '../../../domain/feature/terms.ts';
import { council, mayor, withAdvice } from '../../support/fixtures/city.ts';
import { bound, officials, under } from './story.ts';
import { advise, certify, day, inForce, notify, refuse, revise, revoke, rollOf, sign, wordsOf } from './support.ts';

const rules = { policy: inForce(withAdvice) };
const { notified: open } = under(rules);
const heard = (on: number, seat: string, over = {}) => advise(day(on), 1, seat, over);
const BOARD = ['board-1', 'board-2', 'board-3'];

test('advice never counts: neither does all of it approve, nor does a refusal refuse', () => {
  open()
    .then(...BOARD.map((seat) => heard(1, seat, { decision: 'refuse' })))
    .is('pending', day(2))
    .then(certify(day(2), 1), sign(day(3), 1))
    .is('enabled', day(3));
  open()
    .then(...BOARD.map((seat) => heard(1, seat)))
    .is('pending', day(2))
    .is('lapsed', day(90));
});

test('advice is given once a seat and revision', () => {
  open()
    .then(heard(1, 'board-1'))
    .refuses(heard(2, 'board-1', { decision: 'refuse' }), 'already-decided')
    .then(revise(day(3), 1, 2))
    .refuses(heard(4, 'board-1'), 'stale')
    .yields(heard(4, 'board-1', { revision: 2, digest: wordsOf(1, 2) }), 'AdviceGiven');
});

test('advice is on no terms: whatever it came with, its act is the same', () => {
  const actOf = (terms: Terms) =>
    open()
      .then(heard(1, 'board-1', { terms }))
      .events.at(-1);
  expect(actOf({ ...NO_TERMS, until: day(40) })).toStrictEqual(actOf(NO_TERMS));
});

test('advice that is sent again is known, also when the change has closed', () => {
  open()
    .then(heard(1, 'board-1'), certify(day(2), 1, { votes: rollOf(0, 13) }))
    .yields(heard(3, 'board-1'))
    .refuses(heard(3, 'board-2'), 'closed');
});

test('advice is given by who holds a seat of the board, on a change that asks for it', () => {
  open()
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
