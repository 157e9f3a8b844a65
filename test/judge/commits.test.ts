import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Commit, encodeCommit, hashOf } from '../../domain/kernel/commit.ts';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { FORGERIES } from '../domain/judge/forgeries/all.ts';
import { STORIES } from '../domain/judge/stories.ts';
import { logKey } from '../domain/log/support/testLog.ts';
import { builtJudge, goMissing, runJudge } from './goJudge.ts';
import { LogFolder } from './logFolder.ts';

const missing = goMissing();

const commitsOf = (stream: string, count: number) => {
  const commits: Commit[] = [];
  for (let version = 1; version <= count; version += 1) {
    const before = commits.at(-1);
    const prev = before === undefined ? null : hashOf(encodeCommit(before));
    const at = '2026-03-02T12:00:00.000Z';
    commits.push({ stream, version, id: `${version}`, commandId: `${version}`, at, actor: 'it', prev, events: [{ n: version }] });
  }
  return commits;
};

describe.skipIf(missing !== undefined)('the foreign judge reads entries as commits', () => {
  // The body of a skipped group runs too, without what removes the folder.
  const scratch = missing === undefined ? mkdtempSync(join(tmpdir(), 'aldergate-commits-')) : '';
  let judge: string;
  beforeAll(() => {
    judge = builtJudge();
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const [a, b] = [commitsOf('feature/a', 5), commitsOf('feature/b', 5)];
  const [first, second, third] = a as [Commit, Commit, Commit, ...Commit[]];

  const verdict = (name: string, entries: readonly (Commit | string)[]) => {
    const bytes = entries.map((entry) => (typeof entry === 'string' ? Buffer.from(entry) : encodeCommit(entry)));
    const log = new LogFolder(join(scratch, name), [bytes.length], (index) => bytes[index] ?? new Uint8Array());
    return runJudge(judge, ['-key', formatVerifierKey(logKey.key), '-commits', log.folder]);
  };

  test('streams whose commits follow each other', () => {
    const mixed = a.flatMap((commit, i) => [commit, b[i] ?? commit]);
    expect(verdict('whole', mixed)).toMatchObject({ size: 10, entries: 10, commits: 10 });
  });

  test.each<[string, readonly (Commit | string)[], string]>([
    ['a gap', [first, third], 'entry 1: feature/a@3 comes after version 1'],
    ['a commit twice', [first, first], 'entry 1: feature/a@1 comes after version 1'],
    ['a broken chain', [first, { ...second, prev: hashOf(Buffer.from('another')) }], 'entry 1: feature/a@2 does not name'],
    ['what is no commit', [first, '{"stream":1}'], 'entry 1 is no commit'],
    ['a field that no commit has', [first, '{"more":1}'], 'entry 1 is no commit'],
  ])('refuses %s', (name, entries, reason) => {
    expect(verdict(name.replaceAll(' ', '-'), entries)).toContain(reason);
  });

  test.each(Object.entries(STORIES))('lets the story %s stand', (name, story) => {
    const { commits } = story();
    expect(verdict(`story-${name}`, commits)).toMatchObject({ commits: commits.length });
  });

  test.each([
    ['an approval that no one decided', 'an approval without'],
    ['a stranger in the clerk’s seat', 'held no seat'],
    ['a stranger in the mayor’s seat', 'held no seat'],
    ['on words that were revised', 'words that do not stand'],
  ])('refuses the forgery: %s', (what, reason) => {
    const [, , make] = FORGERIES.find(([name]) => name === what) ?? [];
    expect(verdict(`forged-${what.replaceAll(/[^a-z]/g, '-')}`, make?.().commits ?? [])).toContain(reason);
  });
});
