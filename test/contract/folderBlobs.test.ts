import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { type FileHandle, mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { folderOfTest } from '../support/folders.ts';
import { blobsContract } from './blobsContract.ts';

blobsContract('a folder', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'aldergate-blobs-'));
  return { blobs: folderBlobs(folder), close: () => rm(folder, { recursive: true }) };
});

test('a folder that cannot be reached is no folder without the file', async () => {
  const blobs = folderBlobs(join(folderOfTest('blobs'), 'x'.repeat(300)));
  for (const read of [blobs.get('file'), blobs.open('file')])
    await expect(read).rejects.toMatchObject({ name: 'StoreUnavailable', message: expect.stringContaining('ENAMETOOLONG') });
});

test('each file has a sync of its own before it has its name; names that wait together share the sync of their folder', async () => {
  const folder = folderOfTest('blobs');
  const blobs = folderBlobs(folder);
  await blobs.putIfAbsent('notice/first', new Uint8Array(1));
  const probe = await open(folder, 'r');
  const files = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { sync } = files;
  const durable = new Set<string>();
  let syncs = 0;
  let folderSyncs = 0;
  vi.spyOn(files, 'sync').mockImplementation(async function (this: FileHandle) {
    const isFolder = (await this.stat()).isDirectory();
    if (!isFolder) syncs += 1;
    else folderSyncs += 1;
    // A name counts only if it was there before the sync of its folder began.
    const before = isFolder ? await readdir(join(folder, 'notice')) : [];
    await sync.call(this);
    for (const name of before) durable.add(name);
  });
  const names = Array.from({ length: 40 }, (_, n) => `n${n}`);
  await Promise.all(
    names.map(async (name) => {
      await blobs.putIfAbsent(`notice/${name}`, new Uint8Array(10));
      expect(durable).toContain(name);
    }),
  );
  expect(syncs).toBe(40);
  expect(folderSyncs).toBeLessThan(20);
});

test('nothing is left beside a blob; a folder, a link and a pipe are none, and give way to one; nor is what is below a file', async () => {
  const folder = folderOfTest('blobs');
  const blobs = folderBlobs(folder);
  const [one, two] = [new Uint8Array(1), new Uint8Array(2)];
  await blobs.putIfAbsent('a/b', one);
  await blobs.putIfAbsent('a/b', two);
  await blobs.replace('a/b', two, one);
  expect(await readdir(join(folder, 'a'))).toEqual(['b']);
  symlinkSync('b', join(folder, 'a/link'));
  execFileSync('mkfifo', [join(folder, 'a/pipe')]);
  for (const path of ['a', 'a/b/c', 'a/link', 'a/pipe'])
    expect([await blobs.get(path), await blobs.open(path)], path).toEqual([undefined, undefined]);
  for (const path of ['a/link', 'a/pipe', 'a'])
    expect([await blobs.putIfAbsent(path, one), await blobs.get(path)], path).toEqual([true, one]);
});
