import { readFile } from 'node:fs/promises';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { copyOfDay } from '../../../functions/log/dailyCopy.ts';
import { copiesCheck, reportOldCopies } from '../../../functions/log/health.ts';
import { permitted } from '../../support/permitted.ts';
import { bench } from './sequencer/ports.ts';
import { LATER, publishedStory } from './verify/recordStory.ts';

type Ports = Parameters<typeof copyOfDay>[0];
const FILES = ['aldergate.ndjson', 'aldergate.ndjson.private.age', 'checkpoint'];
const key = Buffer.alloc(32).toString('base64');

const copying = async ({ store, sideStore }: Pick<Ports, 'sideStore'> & { readonly store: Ports['commits'] }) => {
  const recipient = await identityToRecipient(await generateX25519Identity());
  const bucket = new Map<string, Buffer>();
  const given = { now: LATER, isFull: false };
  const put: Parameters<typeof copyOfDay>[1]['put'] = async (folder, { name, path, bytes, sha256 }) => {
    if (given.isFull && name === 'checkpoint') throw new Error('the bucket is full');
    const content = await readFile(path);
    expect([content.length, hashOf(content)]).toEqual([bytes, `sha256:${sha256.toString('hex')}`]);
    bucket.set(`${folder}/${name}`, content);
  };
  const own = permitted('copies', { store, sideStore });
  const ports = { commits: own.store, sideStore: own.sideStore, clock: () => given.now };
  const found = async () => {
    const said: string[] = (await copiesCheck(ports)()).map(({ code }) => code);
    await reportOldCopies({ ...ports, logger: ({ event }) => void said.push(event) });
    return said;
  };
  const keys = async () => ({ text: key, roster: key });
  return { bucket, given, found, copy: () => copyOfDay(ports, { recipient, keys, put }) };
};

test('a copy is made once a day, its sums last; one that is missing is noted, and one of more than two days raises an alarm', async () => {
  const empty = await copying(bench());
  expect([await empty.copy(), empty.bucket.size]).toEqual([undefined, 0]);
  const { ports } = await publishedStory();
  const { bucket, given, found, copy } = await copying(ports);
  given.isFull = true;
  await expect(copy()).rejects.toThrow('the bucket is full');
  expect(bucket.has('2026-03-20/sha256sums')).toBe(false);
  expect(await found()).toEqual(['no-copies']);
  bucket.clear();
  given.isFull = false;
  expect(await copy()).toMatchObject({ at: LATER, folder: '2026-03-20' });
  expect([...bucket.keys()]).toEqual([...FILES, 'sha256sums'].map((name) => `2026-03-20/${name}`));
  const sums = [...bucket.values()].slice(0, 3).map((bytes, n) => `${hashOf(bytes).slice(7)}  ${FILES[n]}\n`);
  expect(bucket.get('2026-03-20/sha256sums')?.toString()).toBe(sums.join(''));
  expect(await copy()).toBeUndefined();
  given.now = '2026-03-22T12:00:00.000Z';
  expect(await found()).toEqual([]);
  given.now = '2026-03-22T12:00:00.001Z';
  expect(await found()).toEqual(['copies-old', 'copies are old']);
  expect(await copy()).toMatchObject({ folder: '2026-03-22' });
});
