import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import type { Blobs } from '../../../../functions/platform/blobs/port.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

let root = '';
let blobs: Blobs;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aldergate-blobs-'));
  blobs = folderBlobs(join(root, 'log'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('put if absent', () => {
  test('the first blob stays, whatever is put later', async () => {
    expect(await blobs.putIfAbsent('tile/0/000', bytes('one'))).toBe(true);
    expect(await blobs.putIfAbsent('tile/0/000', bytes('two'))).toBe(false);
    expect(await blobs.get('tile/0/000')).toEqual(bytes('one'));
  });

  test('of many at once one wins, and it stands whole', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000));
    const won = await Promise.all(texts.map((text) => blobs.putIfAbsent('a/b', bytes(text))));
    expect(won.filter(Boolean).length).toBe(1);
    expect(await blobs.get('a/b')).toEqual(bytes(texts[won.indexOf(true)] ?? ''));
  });

  test('leaves nothing beside', async () => {
    await blobs.putIfAbsent('a/b', bytes('one'));
    await blobs.putIfAbsent('a/b', bytes('two'));
    await blobs.replace('a/b', bytes('three'), bytes('one'));
    expect(readdirSync(join(root, 'log/a'))).toEqual(['b']);
  });
});

describe('replace', () => {
  test('only over what is known', async () => {
    expect(await blobs.replace('checkpoint', bytes('1'), bytes('0'))).toBe(false);
    expect(await blobs.replace('checkpoint', bytes('1'), undefined)).toBe(true);
    expect(await blobs.replace('checkpoint', bytes('2'), undefined)).toBe(false);
    expect(await blobs.replace('checkpoint', bytes('2'), bytes('0'))).toBe(false);
    expect(await blobs.replace('checkpoint', bytes('2'), bytes('1'))).toBe(true);
    expect(await blobs.get('checkpoint')).toEqual(bytes('2'));
  });

  test('of many at once one wins', async () => {
    await blobs.replace('checkpoint', bytes('0'), undefined);
    const won = await Promise.all(
      Array.from({ length: 20 }, (_, i) => blobs.replace('checkpoint', bytes(`new ${i}`), bytes('0'))),
    );
    expect(won.filter(Boolean).length).toBe(1);
  });
});

test('what is not there, and what is a folder, is undefined', async () => {
  await blobs.putIfAbsent('tile/0/000', bytes('one'));
  expect(await blobs.get('tile/0/001')).toBeUndefined();
  expect(await blobs.get('tile/0')).toBeUndefined();
  expect(await blobs.get('tile/0/000/more')).toBeUndefined();
});

test('remove takes what is below as well, and does not mind what is not there', async () => {
  await blobs.putIfAbsent('tile/0/000.p/1', bytes('one'));
  await blobs.putIfAbsent('tile/0/000', bytes('all'));
  await blobs.remove('tile/0/000.p');
  await blobs.remove('tile/0/000.p');
  expect(existsSync(join(root, 'log/tile/0/000.p'))).toBe(false);
  expect(await blobs.get('tile/0/000')).toEqual(bytes('all'));
});

test.each(['', '/etc/passwd', '../keys.json', 'tile/../../keys.json', 'a//b', 'a/', './a', 'a\\b', 'a\0b'])(
  'no path leads out of the folder: %j',
  async (path) => {
    await expect(blobs.get(path)).rejects.toThrow(RangeError);
    await expect(blobs.putIfAbsent(path, bytes('x'))).rejects.toThrow(RangeError);
    await expect(blobs.remove(path)).rejects.toThrow(RangeError);
  },
);
