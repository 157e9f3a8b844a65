import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { formatCheckpoint, SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { append, emptyFrontier, type Frontier, rootOf } from '../../../../domain/log/decide.ts';
import { type Hash, LogError, type LogErrorCode, leafHash } from '../../../../domain/log/encoding.ts';
import {
  type CosignBytes,
  formatNote,
  formatVerifierKey,
  handoverText,
  type KeyType,
  signText,
  type VerifierKey,
  verifierKey,
} from '../../../../domain/log/note.ts';
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

/** A key whose private half is made of one byte repeated, so that signatures are the same in every run. */
export interface TestKey {
  readonly key: VerifierKey;
  readonly sign: CosignBytes;
}

// RFC 8410: what stands before the 32 bytes of an Ed25519 seed in PKCS #8.
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

export const testKey = (name: string, type: KeyType, seedByte: number): TestKey => {
  const der = Buffer.concat([PKCS8_HEAD, Buffer.alloc(32, seedByte)]);
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    key: verifierKey(name, type, new Uint8Array(publicKey)),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

export const ORIGIN = 'log.example/a';
export const logKey = testKey(ORIGIN, 1, 1);
export const otherLogKey = testKey(ORIGIN, 1, 3);
export const witnessKey = testKey('witness.example/w', 4, 2);
export const otherWitnessKey = testKey('witness.example/v', 4, 4);
export const trusted = { origin: ORIGIN, keys: [logKey.key] };

/** Returns the code with which a step is refused; undefined if it is not. Rethrows any error that is not a LogError. */
export const refusal = (step: () => unknown): LogErrorCode | undefined => {
  try {
    step();
  } catch (error) {
    if (error instanceof LogError) return error.code;
    throw error;
  }
  return undefined;
};

export const entryAt = (index: number): Uint8Array => Buffer.from(`entry ${index}`);

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

  checkpoint(): SignedCheckpoint {
    return checkpointOver(this.frontier.size, rootOf(this.frontier));
  }
}

export const logsTo = (max: number): TestLog[] => Array.from({ length: max + 1 }, (_, size) => new TestLog().growTo(size));

export function* flips(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const at = Math.floor(bit / 8);
    yield bytes.with(at, bytes[at]! ^ (1 << (bit % 8)));
  }
}

export const AT = '2026-05-01T12:00:00.000Z';
export const UNTIL = '2026-05-31T12:00:00.000Z';

export const announced = (from: TestKey, to: TestKey, signers: readonly TestKey[] = [from, to], at = AT) => {
  const text = handoverText({ by: from.key, key: to.key, until: UNTIL });
  const signatures = signers.map(({ key, sign }) => signText(text, key, sign));
  const note = Buffer.from(formatNote({ text, signatures })).toString('utf8');
  return {
    at,
    by: formatVerifierKey(from.key),
    key: formatVerifierKey(to.key),
    until: UNTIL,
    note,
  };
};
