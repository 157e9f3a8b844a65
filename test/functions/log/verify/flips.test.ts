import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { appendAll, emptyFrontier, rootOf } from '../../../../domain/log/decide.ts';
import { LogError, leafHash } from '../../../../domain/log/encoding.ts';
import { bundlePath, changedBundles, decodeBundle, encodeBundle, growTiles, tilePath } from '../../../../domain/log/tile.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { LogFault, readLog } from '../../../../functions/log/verify/readLog.ts';
import { checkpointOver } from '../../../domain/log/support/testLog.ts';
import { type Bench, bench } from '../sequencer/ports.ts';

const RANDOM_FLIPS = 1_500;

let ports: Bench;
let files: Map<string, Uint8Array>;

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
beforeEach(async () => {
  ports = bench();
  await ports.write('feature/a', 300);
  await sequence(ports);
  files = filesBelow(ports.folder);
});

/** What a verifier says of static files: clean, the first bad index, or that it is refused without one. */
const verdict = async (source: ReadonlyMap<string, Uint8Array>): Promise<string> => {
  const { key } = ports.signer;
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
  const bytes = Uint8Array.from(files.get(path) ?? []);
  bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return new Map([...files, [path, bytes]]);
};

/** The same numbers in each run (xorshift, Marsaglia 2003). */
const numbers = (seed: number) => {
  let state = seed;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

test('what was not touched is clean', async () => {
  expect(await verdict(files)).toBe('clean at 300');
});

test('every flip of one bit of the checkpoint is refused', async () => {
  const bits = (files.get('checkpoint')?.length ?? 0) * 8;
  expect(bits).toBeGreaterThan(1_000);
  const accepted: number[] = [];
  for (let bit = 0; bit < bits; bit += 1) if ((await verdict(flipped('checkpoint', bit))).startsWith('clean')) accepted.push(bit);
  expect(accepted).toStrictEqual([]);
});

test(`${RANDOM_FLIPS} random flips in all other files are refused`, async () => {
  const paths = [...files.keys()].filter((path) => path !== 'checkpoint').sort();
  expect(paths).toStrictEqual(['tile/0/000', 'tile/0/001.p/44', 'tile/1/000.p/1', 'tile/entries/000', 'tile/entries/001.p/44']);
  const next = numbers(20_261_124);
  const accepted: string[] = [];
  for (let i = 0; i < RANDOM_FLIPS; i += 1) {
    const path = paths[i % paths.length] ?? '';
    const bit = next((files.get(path)?.length ?? 0) * 8);
    if ((await verdict(flipped(path, bit))).startsWith('clean')) accepted.push(`${path} ${bit}`);
  }
  expect(accepted).toStrictEqual([]);
});

describe('entries that are overwritten, deleted, inserted, reordered or cut off name the first bad index', () => {
  const bundle = (edit: (entries: Uint8Array[]) => readonly Uint8Array[]): ReadonlyMap<string, Uint8Array> => {
    const path = 'tile/entries/001.p/44';
    const entries = [...decodeBundle(files.get(path) ?? new Uint8Array(), 44)];
    return new Map([...files, [path, encodeBundle(edit(entries))]]);
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

  test('a checkpoint of an earlier size over the later files is the earlier log', async () => {
    await ports.write('feature/a', 10);
    const { checkpoint: _newer, ...rest } = Object.fromEntries(files);
    await sequence(ports);
    const newer = filesBelow(ports.folder);
    newer.set('checkpoint', files.get('checkpoint') ?? new Uint8Array());
    for (const [path, bytes] of Object.entries(rest)) newer.set(path, bytes);
    expect(await verdict(newer)).toBe('clean at 300');
  });
});

/** The public files of a log of these entries, as a server that forges them would make them. */
const filesOf = (entries: readonly Uint8Array[]): Map<string, Uint8Array> => {
  const tiles = growTiles(0, entries.map(leafHash), () => undefined);
  const bundles = changedBundles(0, entries.length).map(
    (bundle) => [bundlePath(bundle), encodeBundle(entries.slice(bundle.index * 256, bundle.index * 256 + bundle.width))] as const,
  );
  return new Map([...bundles, ...tiles.map(({ tile, bytes }) => [tilePath(tile), bytes] as const)]);
};

test('an entry and all tiles above it, exchanged together, do not make the root that was signed', async () => {
  const entries = [...files]
    .filter(([path]) => path.startsWith('tile/entries/'))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, bytes]) => decodeBundle(bytes, path.endsWith('.p/44') ? 44 : 256));
  expect(entries).toHaveLength(300);
  const checkpoint = files.get('checkpoint') ?? new Uint8Array();
  expect(await verdict(new Map([...filesOf(entries), ['checkpoint', checkpoint]]))).toBe('clean at 300');
  const forged = entries.with(7, new Uint8Array(Buffer.from('{"another":"entry"}')));
  expect(await verdict(new Map([...filesOf(forged), ['checkpoint', checkpoint]]))).toBe('refused');
});

test('a full tile above those of the entries is compared with them', async () => {
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
