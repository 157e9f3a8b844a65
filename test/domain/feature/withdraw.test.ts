import { describe, test } from 'vitest';
import { given } from '../../support/given.ts';
import { approved, feature, notified, tell, vetoed } from './story.ts';
import { day, justBefore, notify, withdraw } from './support.ts';

describe('a withdrawal', () => {
  test('closes an open change', () => {
    const command = withdraw(day(3), 1);
    const { digest, provenance } = command;
    given(feature, ...notified().events)
      .when(command)
      .then({ type: 'ChangeWithdrawn', v: 1, at: day(3), change: 1, digest, provenance });
    notified()
      .then(withdraw(day(3), 1))
      .is('withdrawn', day(3));
    vetoed()
      .then(withdraw(day(12), 1))
      .is('withdrawn', day(12))
      .is('withdrawn', day(60));
  });

  test('is one, however often it is sent', () => {
    given(feature, ...notified().then(withdraw(day(3), 1)).events)
      .when(withdraw(day(5), 1))
      .thenNothing();
  });

  test('of a change that does not exist is refused', () => {
    notified()
      .refuses(withdraw(day(3), 2), 'unknown-change')
      .refuses(withdraw(day(3), 0), 'unknown-change');
  });

  test('of a change that is closed is refused: it cannot take back what was approved, or could be held back', () => {
    approved().refuses(withdraw(day(12), 1), 'closed');
    notified()
      .refuses(withdraw(day(90), 1), 'closed')
      .yields(withdraw(justBefore(day(90)), 1), 'ChangeWithdrawn');
    const others = [2, 3, 4, 5, 6, 7];
    tell(...[1, ...others].map((n) => notify(day(0), n)), ...others.map((n) => withdraw(day(1), n)))
      .then(withdraw(day(2), 1))
      .yields(withdraw(day(3), 1));
  });
});
