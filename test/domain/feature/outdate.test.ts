import { describe, expect, test } from 'vitest';
import { evaluate, headWith, isOutdatedBy } from '../../../domain/feature/evaluate.ts';
import { approved, type Story, tell } from './story.ts';
import { adoption, certify, day, facts, justBefore, notify, revise, revoke, rollOf, sign, tick, withdraw } from './support.ts';

describe('an update of a feature that is on', () => {
  const refused = { votes: rollOf(0, 13) };
  const update = (optOut: 'yes' | 'no' | 'unknown', effectiveAt: string | null, over = {}) =>
    notify(day(20), 2, { notice: facts({ kind: 'update', optOut, effectiveAt, ...over }) });

  test('that can be held back leaves it on, whatever becomes of it', () => {
    const pending = approved().then(update('yes', day(25)));
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

  test('that was refused before it came is outdated when it comes', () => {
    approved()
      .then(update('no', day(60)), certify(day(30), 2, refused))
      .is('enabled', day(59))
      .is('outdated', day(60));
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

  test('that is still open is ended by the approval of a later one, until new words of it come', () => {
    const later = approved().then(update('no', day(25)), notify(day(25), 3), ...adoption(3, {}, 25));
    later.is('enabled', day(36));
    later.then(revise(day(37), 2, 2, { notice: facts({ optOut: 'no' }) })).is('outdated', day(37));
  });

  test('continues to make the words of an earlier one untrue that is approved after it came', () => {
    tell(notify(day(0), 1), notify(day(1), 2, { notice: facts({ optOut: 'no' }) }))
      .then(...adoption(1))
      .is('outdated', day(12));
  });

  test('that lapsed before another one was approved is ended by that, whether a clock ran or not', () => {
    const late = approved().then(update('no', day(25)), notify(day(95), 3), certify(day(108), 3));
    late.then(sign(day(112), 3)).is('enabled', day(112));
    late.then(tick(day(111)), sign(day(112), 3)).is('enabled', day(112));
  });

  test('revised after another change arrived makes the words of that one untrue once they are approved', () => {
    const forced = { notice: facts({ kind: 'update', optOut: 'no' }) } as const;
    tell(notify(day(0), 1), notify(day(1), 2), revise(day(2), 1, 2, forced))
      .then(...adoption(2))
      .is('outdated', day(11));
    // Two revisions of one instant are distinguished by their order of arrival.
    tell(notify(day(0), 1), notify(day(0), 2), revise(day(0), 1, 2, forced))
      .then(...adoption(2))
      .is('outdated', day(11));
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

  test('of a higher number that was refused leaves words on that arrived later', () => {
    const forced = { notice: facts({ kind: 'update', optOut: 'no' }) } as const;
    tell(notify(day(0), 1), notify(day(1), 2, forced), revise(day(2), 1, 2))
      .then(certify(day(10), 2, refused), ...adoption(1, { revision: 2 }))
      .is('enabled', day(11));
  });

  test('that arrived before the words in force is forgotten, one that arrived after them is not', () => {
    const early = { notice: facts({ kind: 'update', optOut: 'no' }) } as const;
    const late = { notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(50) }) } as const;
    tell(notify(day(0), 1), notify(day(0), 2, early), notify(day(1), 3), notify(day(2), 4, late))
      .then(certify(day(10), 2, refused), certify(day(10), 4, refused), ...adoption(3))
      .is('enabled', justBefore(day(50)))
      .is('outdated', day(50));
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

  test('that is put off before it came outdates later', () => {
    approved()
      .then(update('no', day(25)), revise(day(22), 2, 2, { notice: facts({ optOut: 'no', effectiveAt: day(40) }) }))
      .is('enabled', day(39))
      .is('outdated', day(40));
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
