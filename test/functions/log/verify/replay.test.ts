import { describe, expect, test } from 'vitest';
import { type Commit, encodeCommit, hashOf } from '../../../../domain/kernel/commit.ts';
import { LogFault } from '../../../../functions/log/verify/readLog.ts';
import { Replay } from '../../../../functions/log/verify/replay.ts';

const RECEIPT = {
  type: 'NoticeReceived',
  v: 1,
  bodySha256: `sha256:${'0'.repeat(64)}`,
  feature: 'acme.search',
  after: 0,
  missingAncestors: [],
};

const commit = (version: number, before?: Commit, edit: Partial<Commit> = {}): Commit => ({
  stream: 'receipt/acme/msg_1',
  version,
  id: `id-${version}`,
  commandId: `command-${version}`,
  at: `2026-03-0${version}T12:00:00.000Z`,
  actor: 'vendor:acme',
  prev: before === undefined ? null : hashOf(encodeCommit(before)),
  events: [RECEIPT],
  ...edit,
});
const first = commit(1);
const second = commit(2, first);

/** What a replay says of entries in this order. */
const verdict = (...entries: readonly (Commit | Uint8Array)[]): string => {
  const replay = new Replay();
  try {
    for (const [index, entry] of entries.entries())
      replay.take({ index, bytes: entry instanceof Uint8Array ? entry : encodeCommit(entry) });
    return `${replay.streams} streams`;
  } catch (error) {
    if (error instanceof LogFault) return error.message;
    throw error;
  }
};

test('streams whose commits follow each other are replayed', () => {
  expect(verdict(first, second, commit(1, undefined, { stream: 'receipt/acme/msg_2' }))).toBe('2 streams');
});

describe('a log that was truly signed over what cannot be is refused, with the index', () => {
  test('a gap', () => {
    expect(verdict(second)).toBe('entry 0: receipt/acme/msg_1@2 leaves a gap: version 1 is not before it');
    expect(verdict(first, commit(3, second))).toContain('entry 1: receipt/acme/msg_1@3 leaves a gap');
  });

  test('a commit twice', () => {
    expect(verdict(first, first)).toContain('entry 1: receipt/acme/msg_1@1 leaves a gap');
  });

  test('a broken chain', () => {
    expect(verdict(first, commit(2, commit(1, undefined, { actor: 'someone' })))).toBe(
      'entry 1: receipt/acme/msg_1@2 does not continue the hash chain of its stream',
    );
  });

  test('time that runs back', () => {
    expect(verdict(first, commit(2, first, { at: '2026-03-01T11:59:59.999Z' }))).toContain(
      'entry 1: receipt/acme/msg_1@2 is earlier',
    );
  });

  test("the log's own commit", () => {
    expect(verdict(first, commit(1, undefined, { stream: 'log' }))).toBe("entry 1: is one of the log's own commits");
  });

  test('bytes that are not a commit, or not in canonical form', () => {
    expect(verdict(Buffer.from('{}'))).toContain('entry 0: is not a commit');
    expect(verdict(Buffer.from(`${Buffer.from(encodeCommit(first)).toString()} `))).toContain('entry 0: is not a commit');
  });

  test('an unknown event or stream', () => {
    expect(verdict(commit(1, undefined, { events: [{ type: 'Imagined', v: 1 }] }))).toContain(
      'entry 0: receipt/acme/msg_1@1 cannot be replayed',
    );
    expect(verdict(commit(1, undefined, { stream: 'elsewhere/x' }))).toContain('no aggregate has the stream elsewhere/x');
  });
});
