import { describe, expect, test } from 'vitest';
import { given } from '../../support/given.ts';
import { approved, feature, tell } from './story.ts';
import { certify, day, facts, justBefore, notify, sign } from './support.ts';

const removal = (effectiveAt: string | null = null) => ({ notice: facts({ kind: 'removal', effectiveAt }) });

describe('a removal', () => {
  test('needs no approval: off immediately, and open changes close', () => {
    const story = approved()
      .then(notify(day(20), 2))
      .goes(notify(day(21), 3, removal()), 'ChangeNotified', 'FeatureRemoved');
    expect(story.events.at(-1)).toStrictEqual({
      type: 'FeatureRemoved',
      v: 1,
      at: day(21),
      change: 3,
      effectiveAt: day(21),
      closes: [2, 3],
    });
    story.is('removed', day(21)).refuses(certify(day(31), 2), 'closed');
    expect(story.status(2, day(21))).toBe('removed');
  });

  test('takes effect at its date, not before', () => {
    approved()
      .then(notify(day(20), 2, removal(day(30))))
      .is('enabled', justBefore(day(30)))
      .is('removed', day(30));
  });

  test('that names a later date than an earlier one puts nothing on again', () => {
    approved()
      .then(notify(day(20), 2, removal()), notify(day(21), 3, removal(day(60))))
      .is('removed', day(22));
  });

  test('is ended by a full new round only', () => {
    const back = approved()
      .then(notify(day(20), 2, removal()), notify(day(30), 3))
      .is('removed', day(31));
    back
      .then(certify(day(40), 3))
      .is('removed', day(40))
      .then(sign(day(41), 3))
      .is('enabled', day(41));
  });

  test('of a feature that was never approved is off as removed', () => {
    tell(notify(day(0), 1, removal(day(9))))
      .is('removed', day(0))
      .is('removed', day(9));
  });

  test('taken in twice is one', () => {
    const command = notify(day(20), 2, removal());
    given(feature, ...approved().then(command).events)
      .when({ ...command, at: day(22) })
      .thenNothing();
  });
});
