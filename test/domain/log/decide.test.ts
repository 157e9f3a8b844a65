import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import {
  appendAll,
  emptyFrontier,
  type Frontier,
  frontierToJson,
  LogState,
  logDecider,
  rootOf,
} from '../../../domain/log/decide.ts';
import { leafHash, toBase64 } from '../../../domain/log/encoding.ts';
import { CheckpointSigned, logbookStream } from '../../../domain/log/events.ts';
import { given as givenIn } from '../../support/given.ts';
import { AT, entryAt } from './support/testLog.ts';

const subject = { decider: logDecider, parseEvent: CheckpointSigned.parse, parseState: LogState.parse };
const given = (...past: readonly CheckpointSigned[]) => givenIn(subject, ...past);

const treeOf = (size: number, from = 0) =>
  appendAll(
    emptyFrontier,
    Array.from({ length: size }, (_, index) => leafHash(entryAt(from + index))),
  );
const grown = (oldSize: number, frontier: Frontier, to: number) => ({
  oldSize,
  frontier,
  runs: [{ stream: 'settings', from: oldSize + 1, to }],
  entries: [{ stream: 'settings', version: to, at: AT }],
  checkpoint: 'signed',
});
const signed = (oldSize: number, frontier: Frontier): CheckpointSigned => ({
  type: 'CheckpointSigned',
  v: 1,
  ...frontierToJson(frontier),
  root: toBase64(rootOf(frontier)),
  newest: AT,
  late: [],
  unknownBefore: null,
  runs: [{ stream: 'settings', from: oldSize + 1, to: frontier.size }],
  checkpoint: 'signed',
});

test('each checkpoint is made for the one before, and recorded once', () => {
  given()
    .when(grown(0, treeOf(3), 3))
    .then(signed(0, treeOf(3)));
  given(signed(0, treeOf(3)))
    .when(grown(3, treeOf(5), 5))
    .then(signed(3, treeOf(5)));
  given(signed(0, treeOf(3)))
    .when(grown(0, treeOf(3), 3))
    .thenNothing();
});

test('one that a faster writer overtook is refused, also where it has as many entries', () => {
  for (const overtaken of [treeOf(2), treeOf(3, 7)])
    given(signed(0, treeOf(3)))
      .when(grown(0, overtaken, overtaken.size))
      .thenRejected('log-moved');
});

test('runs of other entries than were added are a broken invariant', () => {
  for (const to of [2, 4]) expect(() => given().when(grown(0, treeOf(3), to))).toThrow('the runs are not the entries');
});

test('the logbook of a log is named by 32 digits of the digest of its name', () =>
  expect(logbookStream('a')).toBe(`logbook/${createHash('sha256').update('a').digest('hex').slice(0, 32)}`));
