import { describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { given } from '../../support/given.ts';
import { approved, feature, notified, vetoed } from './story.ts';
import { adoption, certify, day, justBefore, revise, sign, withdraw, wordsOf } from './support.ts';

describe('a revision', () => {
  test('voids every decision so far and starts the clocks again', () => {
    const story = notified().then(certify(day(10), 1), revise(day(11), 1, 2));
    expect(story.events.at(-1)).toMatchObject({
      type: 'ChangeRevised',
      revision: 2,
      pinned: { from: day(18), closesAt: day(101) },
    });
    story
      .refuses(sign(day(12), 1), 'stale', '/revision')
      .refuses(sign(day(20), 1, { revision: 2 }), 'not-yet')
      .then(certify(day(20), 1, { revision: 2 }), sign(day(21), 1, { revision: 2 }))
      .is('enabled', day(21));
  });

  test('voids a veto', () => {
    const story = vetoed()
      .is('vetoed', day(11))
      .then(revise(day(12), 1, 2))
      .is('pending', day(12));
    // The veto would have stood on day 41.
    story.is('pending', day(42)).refuses(certify(day(20), 1, { purpose: 'override', revision: 2 }), 'not-vetoed');
  });

  test('voids terms, so that the next decision sets them', () => {
    const terms = { ...NO_TERMS, audience: ['Police'] };
    notified()
      .then(certify(day(10), 1, { terms }), revise(day(11), 1, 2), ...adoption(1, { revision: 2 }, 10))
      .is('enabled', day(22));
  });

  test('with the words that stand changes nothing', () => {
    given(feature, ...notified().events)
      .when(revise(day(1), 1, 2, { digest: wordsOf(1) }))
      .thenNothing();
  });

  test('of a change that does not exist is refused', () => {
    notified().refuses(revise(day(1), 2, 2), 'unknown-change', '/revises');
  });

  test('of a change that is closed is refused', () => {
    approved().refuses(revise(day(12), 1, 2), 'closed', '/revises');
    notified()
      .then(withdraw(day(1), 1))
      .refuses(revise(day(2), 1, 2), 'closed', '/revises');
    notified().refuses(revise(day(90), 1, 2), 'closed', '/revises');
    notified().yields(revise(justBefore(day(90)), 1, 2), 'ChangeRevised');
  });
});
