import { describe, expect, test } from 'vitest';
import { roster } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { approved, type Story } from './story.ts';
import {
  adoption,
  certify,
  day,
  facts,
  notify,
  revoke,
  confirmRollback as rollback,
  rollOf,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

const byMayor = { holder: 'mayor', body: 'mayor', seat: 'mayor' };
const byMember = { holder: 'district-1', body: 'council', seat: 'district-1' };

const forced = { notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(25) }) };
const came = (): Story => approved().then(notify(day(20), 2, forced));
const takenBack = (): Story => came().then(withdraw(day(30), 2));

describe('a rollback', () => {
  test('is confirmed by two persons of two bodies after the vendor took the change back, and makes the words true again', () => {
    const one = takenBack()
      .is('outdated', day(30))
      .goes(rollback(day(31)), 'RollbackConfirmed')
      .is('outdated', day(31));
    expect(one.events.at(-1)).toMatchObject({ holder: 'clerk', complete: false, digest: wordsOf(2), revision: 1 });
    const two = one.goes(rollback(day(32), byMayor), 'RollbackConfirmed').is('enabled', day(32));
    expect(two.events.at(-1)).toMatchObject({ holder: 'mayor', complete: true });
    two.refuses(rollback(day(33), byMember), 'nothing-to-confirm');
  });

  test('takes two bodies and two persons', () => {
    const deputy = { holder: 'deputy-clerk', seat: 'deputy-clerk' };
    takenBack()
      .then(rollback(day(31)), rollback(day(31), deputy))
      .is('outdated', day(31));
    takenBack()
      .then(rollback(day(31)), rollback(day(32)))
      .yields(rollback(day(33)));
  });

  test('is of what the vendor took back alone', () => {
    came().refuses(rollback(day(31)), 'nothing-to-confirm');
    came()
      .then(certify(day(30), 2, { votes: rollOf(0, 13) }))
      .refuses(rollback(day(31)), 'nothing-to-confirm')
      .goes(withdraw(day(32), 2), 'ChangeWithdrawn')
      .then(rollback(day(33)), rollback(day(33), byMayor))
      .is('enabled', day(33));
    came()
      .then(tick(day(111)), withdraw(day(112), 2))
      .is('outdated', day(112))
      .then(rollback(day(113)), rollback(day(113), byMayor))
      .is('enabled', day(113));
    approved()
      .then(notify(day(20), 2, forced), withdraw(day(24), 2))
      .refuses(rollback(day(26)), 'nothing-to-confirm');
  });

  test('cannot be of words that were approved, nor are they taken back', () => {
    came()
      .then(...adoption(2, {}, 20))
      .refuses(withdraw(day(32), 2), 'closed')
      .refuses(rollback(day(33)), 'nothing-to-confirm');
  });

  test('needs no vendor where the city entered the notice and no signed one joined', () => {
    const entered = approved().then(notify(day(20), 2, { ...forced, provenance: enteredBy('auditor', day(20)) }));
    const done = entered.is('outdated', day(25)).then(rollback(day(26)), rollback(day(27), byMayor));
    done.is('enabled', day(27));
    expect(done.status(2, day(27))).toBe('withdrawn');
    const joined = entered.then(notify(day(26), 3, forced));
    expect(joined.state.count).toBe(2);
    joined.refuses(rollback(day(27), { revision: 2, digest: wordsOf(3) }), 'nothing-to-confirm');
  });

  test('is for who holds a seat of a body that decides', () => {
    takenBack()
      .refuses(rollback(day(31), { holder: 'board-1', body: 'board', seat: 'board-1' }), 'not-in-office')
      .refuses(rollback(day(31), { ...byMayor, holder: 'clerk' }), 'not-in-office')
      .refuses(rollback(day(31), { ...byMayor, roster: { number: 2, roster: roster({ mayor: null }) } }), 'not-in-office')
      .refuses(rollback(day(31), { digest: wordsOf(1) }), 'stale', '/digest');
  });

  test('waits for nobody where it would make no approval true', () => {
    takenBack()
      .then(revoke(day(31), 1))
      .refuses(rollback(day(32)), 'nothing-to-confirm');
  });
});
