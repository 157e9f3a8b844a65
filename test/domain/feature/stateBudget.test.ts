import { describe, expect, test } from 'vitest';
import { type FeatureCommand, featureDecider } from '../../../domain/feature/decide.ts';
import { budgetFor, type FeatureState, findChange, initialState, requirementsOf } from '../../../domain/feature/state.ts';
import { FEATURE_BYTES_MAX, reservedFor } from '../../../domain/feature/stateBudget.ts';
import { NO_TERMS, TERMS_BYTES_MAX } from '../../../domain/feature/terms.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { Requirement } from '../../../domain/policy/schema.ts';
import type { Roster } from '../../../domain/roster/schema.ts';
import { byBallots, COUNCIL, council, mayor, policy, roster, rule, term } from '../../support/fixtures/city.ts';
import { enteredBy, signedByAcme } from '../../support/fixtures/vendor.ts';
import {
  ballot,
  certify,
  confirm,
  confirmRollback,
  day,
  facts,
  inForce,
  notify,
  optOut,
  override,
  refuse,
  revoke,
  rollOf,
  sign,
  withdraw,
  wordsOf,
} from './support.ts';

const rules = { policy: inForce(byBallots) };

/** The longest possible terms, in bytes. */
const terms = {
  ...NO_TERMS,
  from: '2026-01-01T00:00:00.000Z',
  until: '2027-01-01T00:00:00.000Z',
  audience: Array.from({ length: 40 }, (_, index) => `Agency ${index}`.padEnd(48, '.')),
  conditions: '',
};
const longTerms = { ...terms, conditions: 'c'.repeat(TERMS_BYTES_MAX - Buffer.byteLength(canonical(terms))) };

const bytesOf = (state: FeatureState) => Buffer.byteLength(canonical(state));

/** Decides commands one after the other and returns the state after the accepted ones, and the codes of the refused ones. */
const play = (from: FeatureState, commands: readonly FeatureCommand[]) =>
  commands.reduce<{ state: FeatureState; refused: readonly string[] }>(
    ({ state, refused }, command) => {
      const decided = featureDecider.decide(command, state);
      return decided.ok
        ? { state: decided.events.reduce(featureDecider.evolve, state), refused }
        : { state, refused: [...refused, decided.rejection.code] };
    },
    { state: from, refused: [] },
  );

const approval = (n: number, at: string, over = {}) => [
  ...COUNCIL.slice(0, 7).map((seat) => ballot(at, n, seat, { ...rules, ...over })),
  sign(at, n, { ...rules, ...over }),
];

const overturned = { requirement: 'council', yes: 9, within: 'P30D', confirmedBy: 'council' };
const SEATS = Array.from({ length: 25 }, (_, index) => `district-${index + 1}`);
const usual = roster();
const large: Roster = {
  bodies: { ...usual.bodies, council: { name: 'City Council', seats: SEATS, attestedBy: 'clerk' } },
  holders: [...usual.holders.filter(({ body }) => body !== 'council'), ...SEATS.map((seat) => term('council', seat))],
};
const everyone = { votes: rollOf(SEATS.length, 0, {}, SEATS) };

/** Each vote, the one that overturns a veto too, is confirmed by any of 25 members. */
const confirmedByAll = {
  roster: { number: 1, roster: large },
  policy: inForce(
    policy(rule([council({ confirmedBy: 'council' }), mayor({ override: overturned })], { notice: 'P0D', window: 'P90D' })),
  ),
};

/** Returns the certificates of one vote, each disputed by another of these seats, as what is decided next. */
const disputes = (purpose: 'adopt' | 'override', n: number, from: FeatureState, seats: readonly string[]): FeatureState =>
  seats.reduce((state, holder, index) => {
    const clerk = index % 2 === 0 ? 'clerk' : 'deputy-clerk';
    const vote = { ...confirmedByAll, holder: clerk, fileNumber: `26-${index}`, ...everyone };
    const certified = play(state, [(purpose === 'adopt' ? certify : override)(day(3), n, vote)]);
    const act = findChange(certified.state, n)?.confirmation?.act ?? '';
    const done = play(certified.state, [confirm(day(3), n, act, { ...confirmedByAll, holder, decision: 'dispute' })]);
    expect([...certified.refused, ...done.refused]).toStrictEqual([]);
    return done.state;
  }, from);

describe('room', () => {
  test('is enough for a vote, a veto and a second vote, both disputed by every member of a body that confirms them', () => {
    const notices = Array.from({ length: 17 }, (_, index) =>
      notify(day(2), index + 1, {
        ...confirmedByAll,
        provenance: enteredBy('auditor', day(2)),
        notice: facts({ kind: 'data-sharing', effectiveAt: day(40), endsAt: day(400) }),
      }),
    );
    const full = play(initialState, notices);
    expect(full.refused.length).toBeGreaterThan(0);
    const fits = (state: FeatureState, n: number) => {
      const change = findChange(state, n);
      if (change === undefined) throw new Error(`change ${n} is gone`);
      const budget = budgetFor(requirementsOf(state, change), large.bodies, change);
      expect(bytesOf({ ...state, changes: [change] }) - bytesOf({ ...state, changes: [] })).toBeLessThanOrEqual(budget);
      expect(bytesOf(state)).toBeLessThanOrEqual(FEATURE_BYTES_MAX);
    };
    const last = full.state.changes.reduce((state, { number: n }) => {
      const disputed = disputes('adopt', n, state, SEATS.slice(1));
      fits(disputed, n);
      const vote = { ...confirmedByAll, fileNumber: '26-99', ...everyone };
      const certified = play(disputed, [certify(day(3), n, vote)]).state;
      const act = findChange(certified, n)?.confirmation?.act ?? '';
      const by = { ...confirmedByAll, holder: 'district-1' };
      const vetoed = play(certified, [confirm(day(3), n, act, by), refuse(day(3), n, confirmedByAll)]);
      expect(vetoed.refused).toStrictEqual([]);
      const again = disputes('override', n, vetoed.state, SEATS);
      fits(again, n);
      return again;
    }, full.state);
    expect(last.changes.every(({ status }) => status === 'vetoed')).toBe(true);
  });

  test('is enough for eight members of a body who each confirm that every change was undone, open or closed', () => {
    const body = 'c'.repeat(64);
    const longNamed = <T>(value: T): T => JSON.parse(JSON.stringify(value).replaceAll('"council"', `"${body}"`));
    const named = longNamed({ ...rules, roster: { number: 1, roster: usual } });
    const update = { ...named, notice: facts({ kind: 'update', optOut: 'no' }) };
    const entered = { ...update, provenance: enteredBy('auditor', day(4)) };
    const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
    const undone = numbers(2, 13);
    const full = play(initialState, [
      notify(day(0), 1, named),
      ...longNamed(approval(1, day(1), { ...named, terms: longTerms })),
      ...undone.map((n) => notify(day(2), n, update)),
      ...undone.map((n) => withdraw(day(3), n)),
      ...numbers(14, 30).map((n) => notify(day(4), n, entered)),
    ]).state;
    const all = numbers(2, full.count);
    const seats = COUNCIL.slice(0, 8);
    const last = play(full, [
      ...all.slice(12).flatMap((n) => seats.slice(0, 6).map((seat) => longNamed(ballot(day(5), n, seat, named)))),
      ...all.flatMap((n) =>
        seats.map((seat) => confirmRollback(day(6), { ...named, change: n, digest: wordsOf(n), holder: seat, body, seat })),
      ),
    ]);
    expect([last.refused, last.state.lingering.length]).toEqual([[], 12]);
    expect(bytesOf(last.state)).toBeLessThanOrEqual(FEATURE_BYTES_MAX);
    const open = last.state.changes.filter(({ status }) => status === 'pending');
    for (const change of open) {
      const budget = budgetFor(requirementsOf(last.state, change), named.roster.roster.bodies, change);
      expect(Buffer.byteLength(canonical(change))).toBeLessThanOrEqual(budget);
    }
  });

  test('is kept for an approval, whose record can be corrected, when no ballot can come any more', () => {
    const { state } = play(initialState, [notify(day(0), 1, rules), ...approval(1, day(1))]);
    const [change = expect.fail()] = state.changes;
    const kept = (status: typeof change.status) => reservedFor(state, { ...change, status }, notify(day(300), 2, rules));
    expect(kept('approved')).toBeGreaterThan(kept('withdrawn'));
  });

  test('keeps the words of two closed changes as one, which no event about either takes back', () => {
    const announced = { ...rules, notice: facts({ kind: 'update', optOut: 'no', effectiveAt: day(300) }) };
    const numbers = Array.from({ length: 13 }, (_, index) => index + 2);
    const closed = numbers.flatMap((n) => [notify(day(2), n, announced), refuse(day(2), n, rules)]);
    const { state } = play(initialState, [notify(day(0), 1, rules), ...approval(1, day(1)), ...closed]);
    const [both] = state.lingering;
    expect([state.lingering.length, both?.words.length]).toEqual([12, 2]);
    const base = { v: 1, at: day(3), change: both?.change ?? 0, digest: wordsOf(3) } as const;
    const provenance = signedByAcme('late', day(3), Buffer.from(''));
    const office = { holder: 'mayor', body: 'mayor', seat: 'mayor', roster: 1, comment: wordsOf(3) };
    for (const event of [
      { ...base, type: 'ChangeWithdrawn', provenance },
      { ...base, type: 'RollbackConfirmed', of: 'rollback', revision: 1, ...office, act: '', complete: true },
    ] as const)
      expect(featureDecider.evolve(state, event).lingering[0]?.words).toEqual(both?.words);
  });

  test('is enough for every ballot on as many changes as are let in, beside the longest terms in force, and a revocation fits', () => {
    const on = play(initialState, [notify(day(0), 1, rules), ...approval(1, day(1), { terms: longTerms })]);
    expect(on.refused).toStrictEqual([]);
    const notices = Array.from({ length: 17 }, (_, index) =>
      notify(day(2), index + 2, {
        ...rules,
        notice: facts({ optOut: 'unknown', optOutBy: day(30), effectiveAt: day(40), endsAt: day(400), version: 'v'.repeat(60) }),
      }),
    );
    const full = play(on.state, notices);
    expect(full.refused.length).toBeGreaterThan(0);
    expect(full.refused.length).toBeLessThan(6);
    const optOuts = full.state.changes
      .filter(({ status }) => status === 'pending')
      .map(({ number: n }) =>
        optOut(day(2), { change: n, digest: wordsOf(n), evidence: { sha256: 'e'.repeat(64), title: 'It' } }),
      );
    const everyBallot = full.state.changes.flatMap(({ number: n }) =>
      COUNCIL.slice(0, 12).map((seat, index) =>
        ballot(day(3), n, seat, { ...rules, decision: index < 6 ? 'approve' : 'abstain', ...(n === 1 && { terms: longTerms }) }),
      ),
    );
    const voted = play(play(full.state, optOuts).state, everyBallot);
    expect(voted.refused.filter((code) => code !== 'already-decided')).toStrictEqual([]);
    expect(bytesOf(voted.state)).toBeGreaterThan(0.65 * FEATURE_BYTES_MAX);
    expect(bytesOf(voted.state)).toBeLessThanOrEqual(FEATURE_BYTES_MAX);
    const off = play(voted.state, [revoke(day(4), 1, rules)]);
    expect(off.refused).toStrictEqual([]);
    expect(bytesOf(off.state)).toBeLessThanOrEqual(FEATURE_BYTES_MAX);
    const decided = play(
      off.state,
      voted.state.changes
        .filter(({ status }) => status === 'pending')
        .flatMap(({ number: n }) => [ballot(day(5), n, 'at-large-b', rules), sign(day(5), n, rules)]),
    );
    expect(bytesOf(decided.state)).toBeLessThanOrEqual(FEATURE_BYTES_MAX);
    for (const change of decided.state.changes) {
      const roomFor = (require: readonly Requirement[]) => budgetFor(require, usual.bodies, change);
      const room = roomFor(requirementsOf(decided.state, change)) - roomFor([]);
      expect(Buffer.byteLength(canonical(change.requirements))).toBeLessThanOrEqual(room);
    }
  });
});
