import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeArchive } from '../../../../../functions/platform/store/archive/writeArchive.ts';

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-archive-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

test('an archive has its name only once it is whole, and only its owner may read it', async () => {
  const file = join(scratch(), 'commits.ndjson');
  writeFileSync(`${file}.part`, 'what a killed export left\n', { mode: 0o644 });
  const seen: boolean[] = [];
  async function* lines(): AsyncGenerator<string> {
    yield 'one\n';
    seen.push(existsSync(file));
    yield 'two\n';
    seen.push(existsSync(file));
  }
  await writeArchive(file, lines());
  expect(seen).toEqual([false, false]);
  expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
  expect(statSync(file).mode & 0o777).toBe(0o600);
});

test('one that fails on the way leaves the archive of before as it was, and nothing beside it', async () => {
  const folder = scratch();
  const file = join(folder, 'commits.ndjson');
  writeFileSync(file, 'the archive of yesterday\n');
  async function* lines(): AsyncGenerator<string> {
    yield 'one\n';
    throw new Error('the disk is full');
  }
  await expect(writeArchive(file, lines())).rejects.toThrow('the disk is full');
  expect(readFileSync(file, 'utf8')).toBe('the archive of yesterday\n');
  expect(readdirSync(folder)).toEqual(['commits.ndjson']);
});

test('what is no file is written as it is', async () => {
  async function* lines(): AsyncGenerator<string> {
    yield 'one\n';
  }
  await writeArchive('/dev/null', lines());
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
});
