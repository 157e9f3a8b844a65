import { formatCheckpoint, SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '../../../../domain/log/decide.ts';
import { type Hash, leafHash } from '../../../../domain/log/encoding.ts';
import { formatNote, signText } from '../../../../domain/log/note.ts';
import type { ReadHashes } from '../../../../domain/log/proof.ts';
import {
  bundlePath,
  changedBundles,
  encodeBundle,
  growTiles,
  hashReader,
  type ReadTile,
  tilePath,
} from '../../../../domain/log/tile.ts';
import { logKey, ORIGIN, type TestKey, trusted } from './keys.ts';

/** Returns the entry of test logs at an index. */
export const entryAt = (index: number): Uint8Array => Buffer.from(`entry ${index}`);

/** Returns the signed bytes of a checkpoint, true or not. */
export const signedBytes = (size: number, root: Hash, by: TestKey = logKey): Uint8Array => {
  const text = formatCheckpoint(ORIGIN, size, root);
  return formatNote({ text, signatures: [signText(text, by.key, by.sign)] });
};

/** Returns a verified checkpoint over any size and root, as a lying log could sign it. */
export const checkpointOver = (size: number, root: Hash): SignedCheckpoint =>
  SignedCheckpoint.open(signedBytes(size, root), trusted);

/** A log as static files in memory: every tile and bundle of every size it was published at. */
export class TestLog {
  readonly files = new Map<string, Uint8Array>();
  readonly leaves: Hash[] = [];
  frontier: Frontier = emptyFrontier;
  readonly #entry: (index: number) => Uint8Array;

  constructor(entry: (index: number) => Uint8Array = entryAt) {
    this.#entry = entry;
  }

  readonly readTile: ReadTile = (tile) => this.files.get(tilePath(tile));

  /** Publishes a larger size. */
  growTo(size: number): this {
    const oldSize = this.frontier.size;
    const added = Array.from({ length: size - oldSize }, (_, i) => leafHash(this.#entry(oldSize + i)));
    for (const { tile, bytes } of growTiles(oldSize, added, this.readTile)) this.files.set(tilePath(tile), bytes);
    for (const bundle of changedBundles(oldSize, size)) {
      const entries = Array.from({ length: bundle.width }, (_, i) => this.#entry(bundle.index * 256 + i));
      this.files.set(bundlePath(bundle), encodeBundle(entries));
    }
    this.leaves.push(...added);
    this.frontier = added.reduce(append, this.frontier);
    return this;
  }

  reader(size = this.frontier.size): ReadHashes {
    return hashReader(size, this.readTile);
  }

  /** Returns the signed checkpoint of the current size. */
  checkpoint(): SignedCheckpoint {
    return checkpointOver(this.frontier.size, rootOf(this.frontier));
  }
}

/** Returns logs of sizes 0 to `max`, the one of size n at index n. */
export const logsTo = (max: number): TestLog[] => Array.from({ length: max + 1 }, (_, size) => new TestLog().growTo(size));

/** Yields bytes with each of their bits flipped in turn. */
export function* flips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const at = Math.floor(bit / 8);
    yield bytes.with(at, bytes[at]! ^ (1 << (bit % 8)));
  }
}
