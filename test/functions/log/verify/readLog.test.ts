import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { formatCheckpoint, SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { appendAll, emptyFrontier, rootOf } from '../../../../domain/log/decide.ts';
import { LogError, leafHash } from '../../../../domain/log/encoding.ts';
import { formatNote } from '../../../../domain/log/note.ts';
import { spanNodes } from '../../../../domain/log/proof.ts';
import {
  bundlePath,
  changedBundles,
  decodeBundle,
  encodeBundle,
  growTiles,
  hashReader,
  parseLogPath,
  tilePath,
} from '../../../../domain/log/tile.ts';
import { readPublished } from '../../../../functions/log/sequencer/publicFiles.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { conflictWith, signedAt } from '../../../../functions/log/verify/history.ts';
import { keyAfter, LogFault, readLog } from '../../../../functions/log/verify/readLog.ts';
import { EVERY_STREAM } from '../../../../functions/platform/ledger.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { must } from '../../../contract/underTest.ts';
import { checkpointOver, ORIGIN, trusted } from '../../../domain/log/support/testLog.ts';
import { IS_PROOF } from '../../../support/proof.ts';
import { shared } from '../../../support/shared.ts';
import { bench } from '../sequencer/ports.ts';

/** Flips every n-th bit of the checkpoint, and of each other file. */
const [BITS, BITS_ELSEWHERE] = IS_PROOF ? [1, 997] : [5, 6_551];
const SIZE = 300;

const filesBelow = (folder: string, path = ''): Map<string, Uint8Array> =>
  new Map(
    readdirSync(join(folder, path)).flatMap((name): (readonly [string, Uint8Array])[] => {
      const file = path === '' ? name : `${path}/${name}`;
      return statSync(join(folder, file)).isDirectory()
        ? [...filesBelow(folder, file)]
        : [[file, new Uint8Array(readFileSync(join(folder, file)))]];
    }),
  );

/** 300 entries: a full tile, two partial ones and a level above. */
const log = shared(async (atEnd) => {
  const ports = bench(undefined, atEnd);
  await ports.write('feature/a', SIZE);
  await sequence(ports);
  return { ports, files: filesBelow(ports.folder), checkpoint: must(await readPublished(ports.blobs, ports.signer)) };
});

/** What a verifier says of static files: clean, the first bad index, or that it is refused without one. */
const verdict = async (source: ReadonlyMap<string, Uint8Array>) => {
  const { key } = log().ports.signer;
  try {
    const checkpoint = SignedCheckpoint.open(source.get('checkpoint') ?? new Uint8Array(), { origin: key.name, keys: [key] });
    let read = 0;
    for await (const _entry of readLog({ get: async (path) => source.get(path) }, checkpoint)) read += 1;
    return `clean at ${read}`;
  } catch (error) {
    if (error instanceof LogFault) return error.index === undefined ? 'refused' : `bad from ${error.index}`;
    if (error instanceof LogError) return 'refused';
    throw error;
  }
};

const flipped = (path: string, bit: number): ReadonlyMap<string, Uint8Array> => {
  const bytes = Uint8Array.from(log().files.get(path) ?? []);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return new Map([...log().files, [path, bytes]]);
};

const acceptedFlips = async (path: string, every: number): Promise<readonly number[]> => {
  const bits = (log().files.get(path)?.length ?? 0) * 8;
  expect(bits).toBeGreaterThan(200);
  const accepted: number[] = [];
  for (let bit = 0; bit < bits; bit += every) if ((await verdict(flipped(path, bit))).startsWith('clean')) accepted.push(bit);
  return accepted;
};

test('every flip of one bit of the checkpoint is refused', async () => {
  expect(await acceptedFlips('checkpoint', BITS)).toEqual([]);
});

test('flips in all other files are refused', async () => {
  const paths = [...log().files.keys()].filter((path) => path !== 'checkpoint').sort();
  expect(paths).toStrictEqual(['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/44']);
  for (const path of paths) expect(await acceptedFlips(path, BITS_ELSEWHERE), path).toEqual([]);
});

describe('entries that are overwritten, deleted, inserted, reordered or cut off name the first bad index', () => {
  const bundle = (edit: (entries: Uint8Array[]) => readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> => {
    const path = 'tile/entries/001.p/44';
    const entries = [...decodeBundle(log().files.get(path) ?? new Uint8Array(), 44)];
    return new Map([...log().files, [path, encodeBundle(edit(entries))]]);
  };
  const other = new Uint8Array(Buffer.from('{"another":"entry"}'));

  test.each<[string, (entries: Uint8Array[]) => readonly Uint8Array[], string]>([
    ['overwritten', (entries) => entries.with(7, other), 'bad from 263'],
    ['deleted, and one at the end to make up for it', (entries) => [...entries.toSpliced(9, 1), other], 'bad from 265'],
    ['inserted, and the last one pushed out', (entries) => entries.toSpliced(3, 0, other).slice(0, 44), 'bad from 259'],
    ['reordered', (entries) => entries.with(5, entries[6] ?? other).with(6, entries[5] ?? other), 'bad from 261'],
    ['deleted', (entries) => entries.toSpliced(9, 1), 'bad from 256'],
    ['cut off', (entries) => entries.slice(0, 40), 'bad from 256'],
    ['one too many', (entries) => [...entries, other], 'bad from 256'],
  ])('%s', async (_name, edit, said) => {
    expect(await verdict(bundle(edit))).toBe(said);
  });
});

/** The public files of a log of these entries, as a server that forges them would make them. */
const filesOf = (entries: readonly Uint8Array[]) => {
  const tiles = growTiles(0, entries.map(leafHash), () => undefined);
  const bundles = changedBundles(0, entries.length).map(
    (bundle) => [bundlePath(bundle), encodeBundle(entries.slice(bundle.index * 256, bundle.index * 256 + bundle.width))] as const,
  );
  return new Map([...bundles, ...tiles.map(({ tile, bytes }) => [tilePath(tile), bytes] as const)]);
};

test('an entry and all tiles above it, exchanged together, do not make the root that was signed', async () => {
  const entries = [...log().files]
    .filter(([path]) => path.startsWith('tile/entries/'))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, bytes]) => decodeBundle(bytes, path.endsWith('.p/44') ? 44 : 256));
  expect(entries).toHaveLength(300);
  const checkpoint = log().files.get('checkpoint') ?? new Uint8Array();
  expect(await verdict(new Map([...filesOf(entries), ['checkpoint', checkpoint]]))).toBe('clean at 300');
  const forged = entries.with(7, new Uint8Array(Buffer.from('{"another":"entry"}')));
  expect(await verdict(new Map([...filesOf(forged), ['checkpoint', checkpoint]]))).toBe('refused');
});

// Of 65,536 entries.
test.runIf(IS_PROOF)('a full tile above those of the entries is compared with them', async () => {
  const entries = Array.from({ length: 65_536 }, (_, n) => new Uint8Array(Buffer.from(String(n))));
  const made = filesOf(entries);
  const checkpoint = checkpointOver(entries.length, rootOf(appendAll(emptyFrontier, entries.map(leafHash))));
  const top = made.get('tile/1/000') ?? expect.fail();
  top[5 * 32] = (top[5 * 32] ?? 0) ^ 1;
  const read = async () => {
    for await (const _entry of readLog({ get: async (path) => made.get(path) }, checkpoint));
  };
  await expect(read()).rejects.toMatchObject({ index: 5 * 256 });
});

/** How many entries a reader gets who saw this tree before, and what is then said against the log. */
const read = async (size: number, root: Uint8Array): Promise<readonly [number, string | undefined]> => {
  const { ports, checkpoint } = log();
  let entries = 0;
  try {
    for await (const _entry of readLog(ports.blobs, checkpoint, { size, root })) entries += 1;
    return [entries, undefined];
  } catch (error) {
    if (!(error instanceof LogFault)) throw error;
    return [entries, error.message];
  }
};

const rootAt = async (size: number): Promise<Uint8Array> => {
  const { ports, checkpoint } = log();
  const leaves = [];
  for await (const { index, bytes } of readLog(ports.blobs, checkpoint)) if (index < size) leaves.push(leafHash(bytes));
  return rootOf(appendAll(emptyFrontier, leaves));
};

describe.each([0, 1, 100, 255, 256, 257, 299, 300])('a tree of %i that was seen before', (size) => {
  test('continues in the log', async () => expect(await read(size, await rootAt(size))).toStrictEqual([SIZE, undefined]));

  test('is another: refused before its last entry is shown', async () => {
    const said = `the log was forked: its first ${size} entries are not those that were seen before`;
    expect(await read(size, new Uint8Array(32))).toStrictEqual([Math.max(0, size - 1), said]);
  });
});

test('a larger one: refused at once', async () => {
  expect(await read(301, new Uint8Array(32))).toStrictEqual([0, 'the log was rolled back: it had 301 entries and shows 300']);
});

// A checkpoint can name any size up to 2^53-1, of which its server has next to nothing. What reads it ends at the first file that is not
// what it must be, and makes nothing for the rest.

const HUGE = Number.MAX_SAFE_INTEGER;
const zeros = (width: number) => new Uint8Array(width * 32);

/** A server that has every tile, of zeros, and one file in place of each entry bundle. */
const serverOf = (bundle: Uint8Array | undefined) => ({
  get: async (path: string) => {
    const file = path.startsWith('tile/') ? parseLogPath(path) : { bundle };
    return 'tile' in file ? zeros(file.tile.width) : bundle;
  },
});
const unsigned = formatNote({
  text: formatCheckpoint(ORIGIN, HUGE, zeros(1)),
  signatures: [{ name: 'nobody', keyId: 1, signature: new Uint8Array(64) }],
});
const garbage = encodeBundle(Array.from({ length: 256 }, () => Buffer.from('no commit')));

test('signed by the log itself: the first entry that is not in its tile is named', async () => {
  const reader = hashReader(HUGE, ({ width }) => zeros(width));
  const checkpoint = checkpointOver(HUGE, rootOf({ size: HUGE, peaks: reader(spanNodes(0, HUGE)) }));
  const first = (bundle: Uint8Array | undefined) => readLog(serverOf(bundle), checkpoint).next();
  await expect(first(undefined)).rejects.toThrow('tile/entries/000 is missing');
  await expect(first(garbage)).rejects.toThrow('is not what was signed');
});

test.each([
  ['no entries', undefined],
  ['entries that are no commits', garbage],
  ['a file that is no bundle', zeros(3)],
])('not signed by the pinned key, over %s: no handover is found', async (_, bundle) => {
  expect(await keyAfter(serverOf(bundle), unsigned, trusted)).toBe(undefined);
});

test('in the place of a published checkpoint: it contradicts everything', async () => {
  const empty = { head: async () => undefined } as unknown as Store;
  expect(await conflictWith({ store: empty, blobs: serverOf(undefined) }, unsigned)).toEqual(new Set([EVERY_STREAM]));
});

test('the checkpoint of any size that was signed is found, and none of another, in a few reads of a long log', async () => {
  const { write, ...ports } = bench();
  for (let n = 0; n < 20; n += 1) {
    await write('policy', 2);
    await sequence(ports);
  }
  const reads = vi.spyOn(ports.store, 'history');
  for (let size = 0; size <= 41; size += 1) {
    reads.mockClear();
    const signed = await signedAt(ports.store, size);
    expect(signed?.size).toBe(size > 0 && size <= 40 && size % 2 === 0 ? size : undefined);
    expect(reads.mock.calls.length).toBeLessThanOrEqual(6);
  }
});

test('a checkpoint of an earlier size over the later files is the earlier log', async () => {
  const { ports, files } = log();
  await ports.write('feature/a', 10);
  const { checkpoint: _newer, ...rest } = Object.fromEntries(files);
  await sequence(ports);
  const newer = filesBelow(ports.folder);
  newer.set('checkpoint', files.get('checkpoint') ?? new Uint8Array());
  for (const [path, bytes] of Object.entries(rest)) newer.set(path, bytes);
  expect(await verdict(newer)).toBe('clean at 300');
});
