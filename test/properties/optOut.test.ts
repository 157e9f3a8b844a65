import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { type FeatureCommand, featureDecider } from '../../domain/feature/decide.ts';
import { evaluate, headWith } from '../../domain/feature/evaluate.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { initialState } from '../../domain/feature/state.ts';
import { ascending, latest } from '../../domain/kernel/order.ts';
import { adoption, confirmRollback, day, facts, notify, optOut, revise, wordsOf } from '../domain/feature/support.ts';
import { NOTHING_READ, opinionAt, readEvent } from '../support/reading.ts';

// The answer under one announced change, by every combination of what its notice says and of what the city does, against the reading of the
// acts. ALDERGATE_PROPERTY_RUNS makes the random histories more.
const RUNS = Number(process.env.ALDERGATE_PROPERTY_RUNS ?? 30) * 10;

const KINDS = ['new-feature', 'update', 'data-sharing', 'terms', 'contract'] as const;
type Kind = (typeof KINDS)[number];

/** Days count from day 0; change 1 is approved on day 11, change 2 arrives on day 20. */
interface Wording {
  readonly arrives: number;
  readonly kind: Kind;
  readonly optOut: 'yes' | 'no' | 'unknown';
  readonly withoutAction: 'on' | 'off' | 'unknown';
  readonly optOutBy: number | null;
  readonly effective: number | null;
}
interface Recorded {
  readonly at: number;
  readonly proof: boolean;
}
interface History {
  readonly words: Wording;
  readonly revision: Wording | null;
  readonly records: readonly Recorded[];
  /** Days of the clerk's and the mayor's confirmation that the opt-out was in time. */
  readonly confirmed: readonly [clerk: number | null, mayor: number | null];
  /** The day on which change 2 is approved. */
  readonly approved: number | null;
}

const instants = fc.integer({ min: 12, max: 60 });
const wording = (min: number, max: number): fc.Arbitrary<Wording> =>
  fc.record({
    arrives: fc.integer({ min, max }),
    kind: fc.constantFrom(...KINDS),
    optOut: fc.constantFrom('yes', 'yes', 'yes', 'no', 'unknown'),
    withoutAction: fc.constantFrom('on', 'unknown', 'off'),
    optOutBy: fc.option(instants),
    effective: fc.option(instants),
  });
const confirmation = fc.option(fc.integer({ min: 21, max: 64 }));
const histories: fc.Arbitrary<History> = fc.record({
  words: wording(20, 20),
  revision: fc.option(wording(21, 50), { freq: 2 }),
  records: fc.array(fc.record({ at: fc.integer({ min: 20, max: 62 }), proof: fc.boolean() }), { maxLength: 2 }),
  confirmed: fc.tuple(confirmation, confirmation),
  approved: fc.option(fc.integer({ min: 31, max: 64 }), { freq: 2 }),
});

const noticeOf = ({ kind, optOut: choice, withoutAction, optOutBy, effective }: Wording) =>
  facts({
    kind,
    optOut: choice,
    withoutAction,
    optOutBy: optOutBy === null ? null : day(optOutBy),
    effectiveAt: effective === null ? null : day(effective),
    endsAt: kind === 'contract' ? day(900) : null,
  });

/** The commands of a history, with the hour of their day: words arrive at noon, then records, confirmations and approvals. */
const commandsOf = ({ words, revision, records, confirmed, approved }: History): readonly FeatureCommand[] => {
  const standing = (at: string) =>
    revision !== null && at > day(revision.arrives)
      ? { revision: 2, digest: wordsOf(2, 2) }
      : { revision: 1, digest: wordsOf(2) };
  const later = (n: number, hour: number) => day(n, `${hour}:00:00.000`);
  const officers = [{}, { holder: 'mayor', body: 'mayor', seat: 'mayor' }];
  type Sent = { at: string; make: (at: string) => readonly FeatureCommand[] };
  const note = (at: string, proof: boolean, index: number) => {
    const evidence = proof ? { sha256: 'e'.repeat(64), title: 'It' } : null;
    return optOut(at, { ...standing(at), note: wordsOf(90 + index), evidence });
  };
  const confirmedBy = (n: number | null, index: number): Sent[] => {
    if (n === null) return [];
    const make = (at: string) => [confirmRollback(at, { of: 'opt-out', ...standing(at), ...officers[index] })];
    return [{ at: later(n, 16 + index), make }];
  };
  const all: Sent[] = [
    { at: day(words.arrives), make: (at) => [notify(at, 2, { notice: noticeOf(words) })] },
    ...records.map(({ at: n, proof }, index) => ({ at: later(n, 13 + index), make: (at: string) => [note(at, proof, index)] })),
    ...confirmed.flatMap(confirmedBy),
  ];
  if (revision !== null) {
    const notice = noticeOf(revision);
    all.push({ at: day(revision.arrives), make: (at) => [revise(at, 2, 2, { notice })] });
  }
  // The vote of the morning of that day, and the signature of the day after.
  if (approved !== null) all.push({ at: later(approved, 18), make: (at) => adoption(2, standing(at), approved - 10) });
  return all
    .sort((one, other) => ascending(one.at, other.at))
    .flatMap(({ at, make }) => make(at))
    .sort((one, other) => ascending(one.at, other.at));
};

interface Played {
  readonly state: typeof initialState;
  /** What was accepted. */
  readonly done: readonly FeatureCommand[];
  readonly events: readonly FeatureEvent[];
  readonly isApproved: boolean;
}

const after = (from: Pick<Played, 'state' | 'events'>, commands: readonly FeatureCommand[]): Played => {
  let { state } = from;
  const [done, events]: [FeatureCommand[], FeatureEvent[]] = [[], [...from.events]];
  for (const command of commands) {
    const decided = featureDecider.decide(command, state);
    if (!decided.ok || decided.events.length === 0) continue;
    done.push(command);
    events.push(...decided.events);
    state = decided.events.reduce(featureDecider.evolve, state);
  }
  const isApproved = events.some((event) => event.type === 'ChangeApproved' && event.change === 2);
  return { state, done, events, isApproved };
};
const APPROVED = after({ state: initialState, events: [] }, [notify(day(0), 1), ...adoption(1)]);

/** Whether the approved words are true at an instant after everything happened, by the reading of the acts. */
const isOn = ({ events }: Played, now: string) => opinionAt(events.reduce(readEvent, NOTHING_READ), now).on !== null;

test('approved words stay true exactly as long as a reading of the acts says, and an approval of the change is on from its effect', () => {
  const seen = new Set<string>();
  let approvals = 0;
  fc.assert(
    fc.property(histories, (history) => {
      const played = after(APPROVED, commandsOf(history));
      const { state, done, isApproved } = played;
      if (isApproved) {
        approvals += 1;
        const answer = evaluate('acme', [headWith(state)], {}, day(70));
        expect(answer, JSON.stringify(history)).toMatchObject({ enabled: true, change: 2 });
        return;
      }
      const from = latest(day(20), ...done.map(({ at }) => at));
      for (const now of [...Array.from({ length: 70 }, (_, n) => day(n)), day(63, '23:00:00.000')].filter((at) => at >= from)) {
        const answer = evaluate('acme', [headWith(state)], {}, now);
        const on = isOn(played, now);
        seen.add(`${on} ${done.some(({ type }) => type === 'opt-out')} ${done.some(({ type }) => type === 'confirm-rollback')}`);
        expect({ now, on: answer.enabled, change: answer.change }, JSON.stringify(history)).toStrictEqual({ now, on, change: 1 });
        if (!on) continue;
        // The day is foretold: the answer is the same until then, and no later.
        const { validUntil, limitedBy } = answer;
        if (limitedBy?.by !== 'outdated' || validUntil === null) continue;
        expect(limitedBy).toStrictEqual({ by: 'outdated', change: 'acme/2' });
        expect(isOn(played, validUntil)).toBe(false);
        expect(isOn(played, new Date(Date.parse(validUntil) - 1).toISOString())).toBe(true);
      }
      const horizon = day(69);
      if (isOn(played, from) && !isOn(played, horizon))
        expect(evaluate('acme', [headWith(state)], {}, from).limitedBy?.by).toBe('outdated');
    }),
    { numRuns: RUNS },
  );
  expect([...seen].sort()).toStrictEqual([
    'false false false',
    'false true false',
    'false true true',
    'true false false',
    'true true false',
    'true true true',
  ]);
  expect(approvals).toBeGreaterThan(20);
});
