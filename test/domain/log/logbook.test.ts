import { describe, expect, test } from 'vitest';
import { type AnnounceKey, logbookDecider } from '../../../domain/log/decide.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { LogKeyAnnounced } from '../../../domain/log/events.ts';
import { verifyHandover } from '../../../domain/log/note.ts';
import { AT, announced, UNTIL } from './support/handover.ts';
import { logKey, ORIGIN, otherLogKey, testKey } from './support/keys.ts';
import { refusal } from './support/refusal.ts';

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
    const elsewhere = announced(logKey, testKey('log.example/b', 1, 7));
    expect(refusal(() => verifyHandover(elsewhere, elsewhere.note))).toBe('origin-unknown');
    expect(refusal(() => verifyHandover({ ...handover, until: AT }, handover.note))).toBe('note-malformed');
  });

  test('waits for the end of the one before', () => {
    const third = testKey(ORIGIN, 1, 9);
    expect(codeOf(announced(otherLogKey, third), handover)).toBe('rotation-under-way');
    expect(codeOf(announced(otherLogKey, third, undefined, UNTIL), handover)).toBeUndefined();
  });
});
