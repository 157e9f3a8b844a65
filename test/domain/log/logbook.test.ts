import { describe, expect, test } from 'vitest';
import { LogError } from '../../../domain/log/errors.ts';
import { handoverText, verifyHandover } from '../../../domain/log/keyAnnouncement.ts';
import { type LogbookCommand, logbookDecider } from '../../../domain/log/logbook.ts';
import { LogbookEvent } from '../../../domain/log/logbookEvents.ts';
import { formatNote, signText } from '../../../domain/log/note.ts';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { logKey, ORIGIN, otherLogKey, type TestKey, testKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';

const AT = '2026-05-01T12:00:00.000Z';
const UNTIL = '2026-05-31T12:00:00.000Z';
const SUCCESSOR = { origin: 'log.example/b', key: formatVerifierKey(testKey('log.example/b', 1, 7).key) };

/** Returns a handover whose note the given keys sign. */
const announced = (from: TestKey, to: TestKey, signers: readonly TestKey[] = [from, to], at = AT) => {
  const text = handoverText({ by: from.key, key: to.key, until: UNTIL });
  const signatures = signers.map(({ key, sign }) => signText(text, key, sign));
  const note = Buffer.from(formatNote({ text, signatures })).toString('utf8');
  return {
    type: 'LogKeyAnnounced',
    at,
    by: formatVerifierKey(from.key),
    key: formatVerifierKey(to.key),
    until: UNTIL,
    note,
  } as const;
};
const frozen = { type: 'LogFrozen', at: AT, origin: ORIGIN, key: formatVerifierKey(logKey.key), successor: SUCCESSOR } as const;
const continued = {
  type: 'LogContinued',
  at: AT,
  origin: ORIGIN,
  predecessor: { origin: 'log.example/0', key: formatVerifierKey(logKey.key), size: 9, root: 'root', checkpoint: 'checkpoint' },
} as const;

const keysLost = {
  type: 'LogKeysLost',
  at: AT,
  origin: ORIGIN,
  lost: continued.predecessor,
} as const;

const { decide, evolve, initialState } = logbookDecider;
/** Returns the logbook after these commands, each of which must be accepted and survive its schema. */
const after = (...commands: readonly LogbookCommand[]) =>
  commands.reduce((state, command) => {
    const decided = decide(command, state);
    if (!decided.ok) throw new Error(decided.rejection.detail);
    return decided.events.map((event) => LogbookEvent.parse(event)).reduce(evolve, state);
  }, initialState);
const codeOf = (command: LogbookCommand, ...before: readonly LogbookCommand[]): string | undefined => {
  const decided = decide(command, after(...before));
  return decided.ok ? undefined : decided.rejection.code;
};

describe('a handover', () => {
  const handover = announced(logKey, otherLogKey);

  test('is recorded once', () => {
    expect(decide(handover, initialState)).toStrictEqual({ ok: true, events: [{ v: 1, ...handover }] });
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
    const elsewhere = announced(logKey, testKey('log.example/b', 1, 7));
    expect(refusal(() => verifyHandover(elsewhere, elsewhere.note))).toBe('origin-unknown');
    expect(refusal(() => verifyHandover({ ...handover, until: AT }, handover.note))).toBe('note-text-malformed');
  });

  test('waits for the end of the one before', () => {
    const third = testKey(ORIGIN, 1, 9);
    expect(codeOf(announced(otherLogKey, third), handover)).toBe('rotation-under-way');
    expect(codeOf(announced(otherLogKey, third, undefined, UNTIL), handover)).toBeUndefined();
  });
});

describe('the end of a log', () => {
  test('is its last entry: repeating it adds nothing, everything else is refused', () => {
    expect(decide(frozen, after(frozen))).toStrictEqual({ ok: true, events: [] });
    expect(codeOf({ ...frozen, successor: { ...SUCCESSOR, origin: 'log.example/c' } }, frozen)).toBe('log-frozen');
    expect(codeOf({ ...frozen, successor: { ...SUCCESSOR, key: frozen.key } }, frozen)).toBe('log-frozen');
    expect(codeOf(announced(logKey, otherLogKey), frozen)).toBe('log-frozen');
    expect(codeOf(continued, frozen)).toBe('log-frozen');
  });

  test('leads to another log', () => {
    expect(codeOf({ ...frozen, successor: { ...SUCCESSOR, origin: ORIGIN } })).toBe('successor-refused');
  });
});

test('a log continues another in its beginning, or never', () => {
  expect(decide(continued, initialState)).toStrictEqual({ ok: true, events: [{ v: 1, ...continued }] });
  expect(codeOf(continued, continued)).toBe('log-began');
  expect(codeOf(continued, announced(logKey, otherLogKey))).toBe('log-began');
});

describe('the loss of another log’s keys', () => {
  test('is recorded once', () => {
    expect(decide(keysLost, initialState)).toStrictEqual({ ok: true, events: [{ v: 1, ...keysLost }] });
    expect(decide(keysLost, after(keysLost))).toStrictEqual({ ok: true, events: [] });
  });

  test('is refused in a log that has begun, and for a log of the same origin', () => {
    expect(codeOf(keysLost, continued)).toBe('log-began');
    expect(codeOf({ ...keysLost, lost: { ...keysLost.lost, root: 'another' } }, keysLost)).toBe('log-began');
    expect(codeOf({ ...keysLost, lost: { ...keysLost.lost, origin: ORIGIN } })).toBe('successor-refused');
  });
});
