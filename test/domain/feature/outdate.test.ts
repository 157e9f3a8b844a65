import { describe, expect, test } from 'vitest';
import { evaluate, headWith, isOutdatedBy } from '../../../domain/feature/evaluate.ts';
import { roster } from '../../support/fixtures/city.ts';
import { enteredBy } from '../../support/fixtures/vendor.ts';
import { approved, type Story, tell } from './story.ts';
import {
  adoption,
  certify,
  day,
  facts,
  justBefore,
  notify,
  revise,
  revoke,
  confirmRollback as rollback,
  rollOf,
  tick,
  withdraw,
  wordsOf,
} from './support.ts';

describe('an update of a feature that is on', () => {
  const refused = { votes: rollOf(0, 13) };
  const update = (optOut: 'yes' | 'no' | 'unknown', effectiveAt: string | null, over = {}) =>
    notify(day(20), 2, { notice: facts({ kind: 'update', optOut, effectiveAt, ...over }) });

  test('that can be held back leaves it on, whatever becomes of it', () => {
    const pending = approved().then(update('yes', day(25), { withoutAction: 'off' }));
    pending.is('enabled', day(30)).is('enabled', day(111));
    pending.then(certify(day(30), 2, refused)).is('enabled', day(30));
    pending.then(withdraw(day(30), 2)).is('enabled', day(30));
  });

  test.each(['no', 'unknown'] as const)('that cannot (%s) makes the approved words untrue at its effective date', (optOut) => {
    approved()
      .then(update(optOut, day(25)))
      .is('enabled', justBefore(day(25)))
      .is('outdated', day(25));
  });

  test('that names no date makes them untrue at once', () => {
    approved().then(update('no', null)).is('outdated', day(20));
    approved()
      .then(update('no', day(3)))
      .is('outdated', day(20));
  });

  test('stays outdated after a refusal and after a lapse', () => {
    const pending = approved().then(update('no', day(25)));
    pending
      .then(certify(day(30), 2, refused))
      .is('outdated', day(31))
      .is('outdated', day(200));
    pending
      .is('outdated', day(110))
      .then(tick(day(111)))
      .is('outdated', day(111));
  });

  test('is as if it had not been once it is withdrawn before it comes, and is not after it came', () => {
    const announced = approved().then(update('no', day(25)));
    announced
      .then(withdraw(day(24), 2))
      .is('enabled', day(24))
      .is('enabled', day(30));
    announced
      .then(withdraw(day(25), 2))
      .is('outdated', day(25))
      .is('outdated', day(300));
  });

  test('is in order again once it is approved, or a later one', () => {
    approved()
      .then(update('no', day(25)), ...adoption(2, {}, 20))
      .is('enabled', day(31));
    approved()
      .then(update('no', day(25)), certify(day(30), 2, refused), notify(day(32), 3), ...adoption(3, {}, 32))
      .is('enabled', day(43));
  });

  test('is what outdates it while it is open and once it has ended, and no other change is', () => {
    const outdated = (story: Story, number: number, at: string) => isOutdatedBy(story.state, { key: 'acme', number }, at);
    const open = approved().then(update('no', day(25)), notify(day(21), 3, { notice: facts({ optOut: 'yes' }) }));
    const at = (when: string) => [1, 2, 3, 4].map((number) => outdated(open, number, when));
    expect(at(justBefore(day(25)))).toStrictEqual([false, false, false, false]);
    expect(at(day(25))).toStrictEqual([false, true, false, false]);
    expect(outdated(open.then(certify(day(30), 2, refused)), 2, day(31))).toBe(true);
    expect(outdated(open.then(withdraw(day(30), 2)), 2, day(31))).toBe(true);
    expect(outdated(open.then(withdraw(day(24), 2)), 2, day(31))).toBe(false);
    expect(outdated(open.then(revoke(day(30), 1)), 2, day(31))).toBe(false);
    expect(outdated(tell(notify(day(0), 1, { notice: facts({ optOut: 'no' }) })), 1, day(5))).toBe(false);
  });

  test('that is a contract outdates what is no contract', () => {
    const renewal = (at: string, n: number) =>
      notify(at, n, { key: 'acme.search', notice: facts({ kind: 'contract', optOut: 'no', endsAt: day(600) }) });
    const { state } = tell(notify(day(0), 1, { key: 'acme.search' }), ...adoption(1), renewal(day(20), 2));
    const on = headWith(approved().state);
    expect(evaluate('acme.search', [on, headWith(state)], {}, day(20)).variant).toBe('outdated');
  });

  test('that is a contract never outdates the one in force', () => {
    approved()
      .then(notify(day(20), 2, { notice: facts({ kind: 'contract', optOut: 'no', endsAt: day(600) }) }))
      .is('enabled', day(30));
  });

  test('that is put off after it came stays outdated, also when the vendor finds an opt-out', () => {
    const come = approved().then(update('no', day(25)));
    come.then(revise(day(26), 2, 2, { notice: facts({ optOut: 'no', effectiveAt: day(40) }) })).is('outdated', day(26));
    come.then(revise(day(25), 2, 2, { notice: facts({ optOut: 'yes' }) })).is('outdated', day(26));
    approved()
      .then(update('no', day(25)), revise(day(24), 2, 2, { notice: facts({ optOut: 'yes' }) }))
      .is('enabled', day(26));
  });
});

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
