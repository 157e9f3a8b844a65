import { describe, expect, test } from 'vitest';
import { evaluate, headWith, isOutdatedBy } from '../../../domain/feature/evaluate.ts';
import { approved, type Story, tell } from './story.ts';
import { adoption, certify, day, facts, justBefore, notify, revise, revoke, rollOf, tick, withdraw } from './support.ts';

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
