import { describe, expect, test } from 'vitest';
import { FEATURE_BYTES_MAX, reservedFor } from '../../../domain/feature/stateBudget.ts';
import { ballots, council, mayor, policy, roster, rule, signature, withAuditor } from '../../support/fixtures/city.ts';
import { given } from '../../support/given.ts';
import { APPROVES, approved, feature, notified, PASSES, tell, vetoed } from './story.ts';
import { certify, context, date, day, inForce, notify, repin, sign, tick } from './support.ts';

const unbound = { policy: null };
const newer = { policy: inForce(withAuditor, 2) };

describe('a change that came before any policy', () => {
  const held = (...numbers: readonly number[]) => tell(...numbers.map((n) => notify(day(0), n, unbound)));

  test('is bound by the first command after the adoption, its notice counted from its arrival and its window from now', () => {
    held(1)
      .goes(certify(day(10), 1), 'PolicyPinned', ...PASSES)
      .then(sign(day(11), 1))
      .is('enabled', day(11));
    given(feature, ...held(1).events)
      .when(tick(day(10)))
      .then({
        type: 'PolicyPinned',
        v: 1,
        at: day(10),
        change: 1,
        revision: 1,
        pinned: {
          policy: 1,
          rule: 'everything-else',
          require: [council(), mayor()],
          term: 'P1Y',
          missing: [],
          from: day(7),
          closesAt: day(100),
          opens: [{ requirement: 'council', deadlineAt: null, overrideUntil: null }],
        },
        voids: false,
      });
  });

  test('is bound by the clock, each one by a notice, the one that it is about by a decision; without a policy it stays held', () => {
    const both = ['PolicyPinned', 'PolicyPinned'] as const;
    held(1, 2)
      .yields(tick(day(10)), ...both)
      .yields(repin(day(10)), ...both)
      .yields(notify(day(10), 3), ...both, 'ChangeNotified')
      .yields(certify(day(10), 2), 'PolicyPinned', ...PASSES)
      .yields(tick(day(10), unbound))
      .yields(repin(day(10), unbound))
      .is('pending', day(1000));
  });
});

describe('another policy', () => {
  test('changes no open change by itself', () => {
    notified()
      .yields(tick(day(10), newer))
      .then(certify(day(10), 1, newer), sign(day(11), 1, newer))
      .is('enabled', day(11));
  });

  test('decides on words that entered the log late once they are bound to it; what entered late after them delays nothing', () => {
    const late = (n: number, at: number) => ({ ...newer, late: [{ since: day(n), from: day(at) }] });
    notified()
      .refuses(certify(day(10), 1, late(0, 1)), 'too-early')
      .goes(certify(day(10), 1, late(1, 9)), ...PASSES)
      .goes(sign(day(11), 1, late(1, 9)), ...APPROVES);
    notified()
      .goes(repin(day(8), newer), 'PolicyPinned')
      .refuses(certify(day(10), 1, late(0, 20)), 'meeting-before-revision')
      .goes(certify(day(10), 1, late(0, 1)), ...PASSES);
  });

  test('binds open changes when they are repinned, once, which voids what was decided', () => {
    const repinned = notified()
      .then(certify(day(10), 1))
      .goes(repin(day(11), newer), 'PolicyPinned');
    const pinned = { policy: 2, from: day(0), closesAt: '2026-05-11T12:00:00.000Z' };
    expect(repinned.events.at(-1)).toMatchObject({ voids: true, pinned });
    repinned
      .yields(repin(day(12), newer))
      .yields(repin(day(12)), 'PolicyPinned')
      .refuses(sign(day(11), 1, newer), 'not-yet')
      // The same certificate is a new act under the new rule.
      .goes(certify(day(11), 1, { ...newer, meetingDate: date(10) }), ...PASSES)
      .then(sign(day(12), 1, newer))
      .is('pending', day(12))
      .then(sign(day(13), 1, { ...newer, requirement: 'auditor', holder: 'auditor' }))
      .is('enabled', day(13));
  });

  test('voids a veto, and no approval', () => {
    vetoed()
      .then(repin(day(12), newer))
      .is('pending', day(12))
      .is('pending', day(60))
      .is('lapsed', day(73));
    approved()
      .yields(repin(day(12), newer))
      .is('enabled', day(12));
  });

  test('that asks for more decisions than there is room for leaves those that do not fit under the old one', () => {
    const seats = Array.from({ length: 40 }, (_, index) => `member-${index}`);
    const city = roster();
    const bodies = { ...city.bodies, council: { name: 'Council', seats, attestedBy: 'clerk' } };
    const many = {
      policy: inForce(policy(rule([ballots(), signature('mayor')])), 2),
      roster: { number: 2, roster: { ...city, bodies } },
    };
    const { state } = tell(...Array.from({ length: 13 }, (_, index) => notify(day(0), index + 1))).then(repin(day(1), many));
    const bound = state.changes.filter(({ pin }) => pin === '2/everything-else').length;
    expect(bound).toBeGreaterThan(0);
    expect(bound).toBeLessThan(13);
    const reserved = state.changes.reduce((sum, each) => sum + reservedFor(state, each, context(day(1), many)), 0);
    expect(reserved).toBeLessThan(FEATURE_BYTES_MAX);
  });
});

describe('the clock', () => {
  const END = '2027-03-12T12:00:00.000Z';
  test.each([
    [notified(), { type: 'ChangeLapsed', at: day(90) }],
    [vetoed(), { type: 'ChangeRefused', at: day(41), requirement: 'mayor', because: 'veto-stands' }],
    [approved(), { type: 'ApprovalEnded', at: END, because: 'end', ends: [] }],
  ] as const)('carries the time when it happened, not when it was recorded', (story, event) => {
    expect(story.then(tick(day(900))).events.at(-1)).toStrictEqual({ v: 1, change: 1, ...event });
  });

  test('of an unknown feature does nothing', () => {
    tell()
      .yields(tick(day(0)))
      .yields(repin(day(0)))
      .is('unknown', day(0));
  });
});
