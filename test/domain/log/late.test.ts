import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentStream } from '../../../domain/documents/decide.ts';
import { featureStream } from '../../../domain/feature/keys.ts';
import { type AnnounceKey, logbookDecider } from '../../../domain/log/decide.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { isSetupStream, LogKeyAnnounced } from '../../../domain/log/events.ts';
import { countsFrom, EffectiveInstants, type EntryTime, NO_TIMES, timesOfEntries, withTimes } from '../../../domain/log/late.ts';
import { formatVerifierKey, verifyHandover } from '../../../domain/log/note.ts';
import { observationStream } from '../../../domain/observation/decide.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { AT, announced, logKey, ORIGIN, otherLogKey, refusal, testKey, UNTIL } from './support/testLog.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 2, 12, minute)).toISOString();
const entry = (stream: string, version: number, minute: number): EntryTime => ({ stream, version, at: at(minute) });
const timesAfter = (...checkpoints: readonly (readonly EntryTime[])[]) =>
  checkpoints.reduce((times, entries) => withTimes(times, timesOfEntries(times, entries)), NO_TIMES);

test('a quarter of an hour is not late; more is, and counts from the newest instant before it', () => {
  const times = timesAfter([entry('a', 1, 60), entry('b', 1, 45)], [entry('c', 1, 44), entry('c', 2, 50), entry('c', 3, 61)]);
  expect(times).toEqual({ newest: at(61), late: [{ stream: 'c', version: 1, from: at(60) }], unknownBefore: null });
  expect(countsFrom(times, entry('b', 1, 45))).toBe(at(45));
  expect(countsFrom(times, entry('c', 1, 44))).toBe(at(60));
  // What follows a late commit in its stream counts no earlier than it.
  expect(countsFrom(times, entry('c', 2, 50))).toBe(at(60));
  expect(countsFrom(times, entry('c', 3, 61))).toBe(at(61));
});

test('more late entries than fit leave nothing known of the time before them', () => {
  const many = Array.from({ length: 129 }, (_, index) => entry(`s${index}`, 1, 0));
  expect(timesAfter([entry('a', 1, 60)], many)).toEqual({ newest: at(60), late: [], unknownBefore: at(60) });
  const twice = timesAfter([entry('a', 1, 60)], many.slice(0, 100), [entry('a', 2, 90)], many.slice(100));
  expect(twice.unknownBefore).toBe(at(60));
  expect(twice.late).toHaveLength(128);
  expect(timesAfter([entry('a', 1, 60)], many.slice(1))).toMatchObject({ unknownBefore: null, late: { length: 128 } });
});

test('as many late entries stay as fit the state beside a commit, whatever their names', () => {
  const many = Array.from({ length: 128 }, (_, index) => entry(`receipt/acme/${'"'.repeat(190)}${index}`, 1, 0));
  expect(timesAfter([entry('a', 1, 60)], many)).toEqual({ newest: at(60), late: [], unknownBefore: at(60) });
  const [some, others] = [many.slice(0, 50), many.slice(50, 100)];
  const twice = timesAfter([entry('a', 1, 60)], some, [entry('a', 2, 90)], others);
  expect(twice.unknownBefore).toBe(at(60));
  expect(twice.late.slice(-others.length).map(({ stream }) => stream)).toEqual(others.map(({ stream }) => stream));
  expect(Buffer.byteLength(JSON.stringify(twice.late))).toBeLessThanOrEqual(26_000);
  expect(timesAfter([entry('a', 1, 60)], some)).toMatchObject({ unknownBefore: null, late: { length: 50 } });
});

test('nothing is backdated, whatever the order; checkpoints of any size agree with one walk over all entries', () => {
  const entries = fc.array(fc.record({ stream: fc.constantFrom('a', 'b', 'c'), minute: fc.nat(120), cut: fc.boolean() }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(entries, (drawn) => {
      const [versions, minutes] = [new Map<string, number>(), new Map<string, number>()];
      const checkpoints: EntryTime[][] = [[]];
      for (const { stream, minute, cut } of drawn) {
        const version = (versions.get(stream) ?? 0) + 1;
        const own = Math.max(minute, minutes.get(stream) ?? 0);
        versions.set(stream, version);
        minutes.set(stream, own);
        checkpoints.at(-1)?.push(entry(stream, version, own));
        if (cut) checkpoints.push([]);
      }
      const times = timesAfter(...checkpoints);
      const walk = new EffectiveInstants();
      let newest = '';
      const last = new Map<string, string>();
      for (const each of checkpoints.flat()) {
        const { from } = walk.take(each);
        expect(countsFrom(times, each)).toBe(from);
        expect(from >= each.at && from >= (last.get(each.stream) ?? '')).toBe(true);
        // More than a quarter of an hour behind what was known then, nothing counts.
        expect(Date.parse(newest || from) - Date.parse(from)).toBeLessThanOrEqual(15 * 60_000);
        newest = newest > each.at ? newest : each.at;
        last.set(each.stream, from);
      }
    }),
    { seed: 11, numRuns: 500 },
  );
});

const { decide, evolve, initialState } = logbookDecider;
/** Returns the logbook after these commands, each of which must be accepted and survive its schema. */
const after = (...commands: readonly AnnounceKey[]) =>
  commands.reduce((state, command) => {
    const decided = decide(command, state);
    if (!decided.ok) throw new Error(decided.rejection.detail);
    return decided.events.map((event) => LogKeyAnnounced.parse(event)).reduce(evolve, state);
  }, initialState);
const codeOf = (command: AnnounceKey, ...before: readonly AnnounceKey[]): string | undefined => {
  const decided = decide(command, after(...before));
  return decided.ok ? undefined : decided.rejection.code;
};

describe('a handover', () => {
  const handover = announced(logKey, otherLogKey);

  test('is recorded once', () => {
    expect(decide(handover, initialState)).toStrictEqual({ ok: true, events: [{ type: 'LogKeyAnnounced', v: 1, ...handover }] });
    expect(decide(announced(logKey, otherLogKey), after(handover))).toStrictEqual({ ok: true, events: [] });
  });

  test.each([
    ['the old key alone', [logKey]],
    ['the new key alone', [otherLogKey]],
    ['neither', [testKey(ORIGIN, 1, 9)]],
  ])('is none when signed by %s', (_, signers) => {
    const { note, ...event } = announced(logKey, otherLogKey, signers);
    expect(refusal(() => verifyHandover(event, note))).toBe('signature-missing');
    expect(() => decide({ ...event, note }, initialState)).toThrow(LogError);
  });

  test('is refused to a key of another log, and with the note of another handover', () => {
    const elsewhere = formatVerifierKey(testKey('log.example/b', 1, 7).key);
    expect(refusal(() => verifyHandover({ ...handover, key: elsewhere }, handover.note))).toBe('origin-unknown');
    expect(refusal(() => verifyHandover({ ...handover, until: AT }, handover.note))).toBe('note-malformed');
  });

  test('waits for the end of the one before', () => {
    const third = testKey(ORIGIN, 1, 9);
    expect(codeOf(announced(otherLogKey, third), handover)).toBe('rotation-under-way');
    expect(codeOf(announced(otherLogKey, third, undefined, UNTIL), handover)).toBeUndefined();
  });
});

test.each([SETTINGS_STREAM, ROSTER_STREAM, POLICY_STREAM, 'vendor/acme', 'access/token/it'])('%s is set-up', (stream) => {
  expect(isSetupStream(stream)).toBe(true);
});

test.each([
  featureStream('acme'),
  documentStream('ab'.repeat(32)),
  observationStream('acme', 'audit', false),
  REVOCATION_STREAM,
  'receipt/acme/msg_1',
  'policy/acme',
  'a/policy',
])('%s is not', (stream) => {
  expect(isSetupStream(stream)).toBe(false);
});
