import { hashOf } from '../../../domain/kernel/commit.ts';
import { type CheckpointText, claimedCheckpoint, SignedCheckpoint } from '../../../domain/log/checkpoint.ts';
import { type Frontier, rootOf } from '../../../domain/log/decide.ts';
import { concat, fail, HASH_BYTES, ifValid, leafHash } from '../../../domain/log/encoding.ts';
import { formatNote, type NoteSignature, parseNote, type VerifierKey } from '../../../domain/log/note.ts';
import { spanNodes } from '../../../domain/log/proof.ts';
import {
  type Bundle,
  bundlePath,
  changedBundles,
  decodeBundle,
  edgeTiles,
  encodeBundle,
  growTiles,
  hashReader,
  partialWidth,
  type ReadTile,
  TILE_WIDTH,
  type Tile,
  tilePath,
  tilesFor,
} from '../../../domain/log/tile.ts';
import { readDocument } from '../../gate/documents.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { StoreUnavailable } from '../../platform/store/errors.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { allDone } from '../../platform/turns.ts';
import { documentCompleted, noticeDigests } from '../judging.ts';
import { putLogIndex } from './logIndex.ts';
import { CHECKPOINT_PATH, type LogSigner, type SequencerPorts, signCheckpoint, signersAt } from './ports.ts';

type Source = Pick<Blobs, 'get'>;

export type LogFile = { readonly tile: Tile } | { readonly bundle: Bundle };

const part = (file: LogFile, whole: Uint8Array): Uint8Array =>
  'tile' in file
    ? whole.slice(0, file.tile.width * HASH_BYTES)
    : encodeBundle(decodeBundle(whole, TILE_WIDTH).slice(0, file.bundle.width));

/** Returns a file's path below the log's prefix. */
export const logFilePath = (file: LogFile): string => ('tile' in file ? tilePath(file.tile) : bundlePath(file.bundle));

const wholeOf = (file: LogFile): LogFile =>
  'tile' in file ? { tile: { ...file.tile, width: TILE_WIDTH } } : { bundle: { ...file.bundle, width: TILE_WIDTH } };

const widthOf = (file: LogFile): number => ('tile' in file ? file.tile.width : file.bundle.width);

/** Reads a file; a replaced partial one is cut from the full file. */
export const readFile = async (source: Source, file: LogFile): Promise<Uint8Array | undefined> => {
  const there = await source.get(logFilePath(file));
  if (there !== undefined || widthOf(file) === TILE_WIDTH) return there;
  const whole = await source.get(logFilePath(wholeOf(file)));
  return whole === undefined ? undefined : part(file, whole);
};

export const readHashes = async (source: Source, nodes: Parameters<typeof tilesFor>[0], size: number) => {
  const tiles = tilesFor(nodes, size);
  const read = new Map(await Promise.all(tiles.map(async (tile) => [tilePath(tile), await readFile(source, { tile })] as const)));
  return hashReader(size, (tile) => read.get(tilePath(tile)));
};

/** The public files and the store have different logs. Nothing more is published. */
export class LogConflict extends Error {
  override readonly name = 'LogConflict';
  readonly code = 'log-conflict';
}

interface PublicFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const NONE = new Uint8Array();

/** Reads a file that must exist. Another sequencer may have replaced a partial file with the full one. */
const required = async (blobs: Blobs, file: LogFile): Promise<Uint8Array> =>
  (await readFile(blobs, file)) ?? fail('tile-missing', `${logFilePath(file)} is missing`);

/** Returns the entries of the partial bundle; none if it cannot be read. */
const edgeEntries = async (blobs: Blobs, size: number): Promise<readonly Uint8Array[]> => {
  const width = partialWidth(size, 0);
  if (width === 0) return [];
  const bytes = await required(blobs, { bundle: { index: Math.floor(size / TILE_WIDTH), width } });
  return ifValid(() => decodeBundle(bytes, width)) ?? [];
};

/** Returns a file at the edge of a tree that was altered since its publication; undefined if there is none. */
const alteredAtEdge = ({ size, peaks }: Frontier, readTile: ReadTile, entries: readonly Uint8Array[]): string | undefined => {
  const cut = edgeTiles(size).find((tile) => readTile(tile)?.length !== tile.width * HASH_BYTES);
  if (cut !== undefined) return tilePath(cut);
  const nodes = spanNodes(0, size);
  const found = hashReader(size, readTile)(nodes);
  const isOther = (_: unknown, index: number): boolean => Buffer.compare(found[index] ?? NONE, peaks[index] ?? NONE) !== 0;
  const [tile] = tilesFor(nodes.filter(isOther), size);
  if (tile !== undefined) return tilePath(tile);
  const width = partialWidth(size, 0);
  const bundle = { index: Math.floor(size / TILE_WIDTH), width };
  const leaves = width === 0 ? NONE : readTile({ level: 0, ...bundle });
  return Buffer.compare(leaves ?? NONE, concat(entries.map(leafHash))) === 0 ? undefined : bundlePath(bundle);
};

const filesFor = async (blobs: Blobs, tree: Frontier, entries: readonly StoredCommit[]): Promise<readonly PublicFile[]> => {
  const { size: oldSize } = tree;
  const edges = new Map(
    await Promise.all(edgeTiles(oldSize).map(async (tile) => [tilePath(tile), await required(blobs, { tile })] as const)),
  );
  const readTile: ReadTile = (tile) => edges.get(tilePath(tile));
  const before = await edgeEntries(blobs, oldSize);
  const altered = alteredAtEdge(tree, readTile, before);
  if (altered !== undefined) {
    // An alteration would be copied into the next file. The file is written again from the commits.
    await blobs.remove(altered);
    fail('tile-missing', `${altered} was altered since it was published`);
  }
  const leaves = entries.map(({ bytes }) => leafHash(bytes));
  const tiles = growTiles(oldSize, leaves, readTile);
  const all = [...before, ...entries.map(({ bytes }) => bytes)];
  const first = Math.floor(oldSize / TILE_WIDTH);
  const bundles = changedBundles(oldSize, oldSize + entries.length).map((bundle) => {
    const start = (bundle.index - first) * TILE_WIDTH;
    return { path: bundlePath(bundle), bytes: encodeBundle(all.slice(start, start + bundle.width)) };
  });
  return [...bundles, ...tiles.map(({ tile, bytes }) => ({ path: tilePath(tile), bytes }))];
};

/** Puts a file. Throws LogConflict if it exists with other bytes. If it has disappeared, a faster sequencer removed it as outgrown. */
const putFile = async (blobs: Blobs, { path, bytes }: PublicFile): Promise<void> => {
  if (await blobs.putIfAbsent(path, bytes)) return;
  const there = await blobs.get(path);
  if (there !== undefined && Buffer.compare(there, bytes) !== 0) throw new LogConflict(`${path} is published with other bytes`);
};

/**
 * Writes the public files of signed entries after those of a tree, then their indexes. May be repeated and run concurrently: the content is
 * the same.
 */
export const applyEntries = async (
  { blobs, sideStore }: SequencerPorts,
  tree: Frontier,
  entries: readonly StoredCommit[],
): Promise<void> => {
  const files = await filesFor(blobs, tree, entries);
  await Promise.all(files.map((file) => putFile(blobs, file)));
  await Promise.all(
    entries.map(({ stream, version, bytes }, i) =>
      putLogIndex(sideStore, stream, version, { index: tree.size + i, hash: hashOf(bytes) }),
    ),
  );
};

/** Removes partial files that a full one has replaced, as c2sp.org/tlog-tiles allows. */
export const removeOutgrown = async (blobs: Blobs, oldSize: number, newSize: number): Promise<void> => {
  const [first, last] = [Math.floor(oldSize / TILE_WIDTH), Math.floor(newSize / TILE_WIDTH)];
  const grownFull = edgeTiles(oldSize).filter(({ level, index }) => Math.floor(newSize / TILE_WIDTH ** (level + 1)) > index);
  const paths = grownFull.map((tile) => `${tilePath({ ...tile, width: TILE_WIDTH })}.p`);
  if (last > first && partialWidth(oldSize, 0) > 0) paths.push(`${bundlePath({ index: first, width: TILE_WIDTH })}.p`);
  await Promise.all(paths.map((path) => blobs.remove(path)));
};

const DIGEST_PREFIX = 'sha256:';

/** Returns the path of a raw message. */
export const noticePath = (digest: string): string => `notice/${digest.slice(DIGEST_PREFIX.length)}`;

export const documentPath = (digest: string): string => `document/${digest.slice(DIGEST_PREFIX.length)}`;

const publishAttachmentsOf = async (ports: SequencerPorts, entry: StoredCommit): Promise<void> => {
  const commit = commitOf(entry);
  const document = documentCompleted(commit);
  const whole = document === undefined ? undefined : await readDocument(ports.store, document);
  if (document !== undefined && whole !== undefined) await ports.blobs.putIfAbsent(documentPath(document), whole);
  for (const digest of noticeDigests(commit)) {
    const found = entry.attachments.find(({ sha256 }) => sha256 === digest);
    if (found !== undefined) await ports.blobs.putIfAbsent(noticePath(digest), found.bytes);
  }
};

/** The number of commits whose files are written concurrently and share the syncs of their folder. */
const WRITTEN_AT_ONCE = 512;

/** Writes the raw messages and documents that commits name. May be repeated. */
export const publishAttachments = async (ports: SequencerPorts, entries: readonly StoredCommit[]): Promise<void> => {
  for (let first = 0; first < entries.length; first += WRITTEN_AT_ONCE) {
    const some = entries.slice(first, first + WRITTEN_AT_ONCE);
    await allDone(some.map((entry) => publishAttachmentsOf(ports, entry)));
  }
};

/** Parses a checkpoint, unverified; undefined if it is missing or malformed. */
const claimIn = (bytes: Uint8Array | undefined): CheckpointText | undefined => bytes && ifValid(() => claimedCheckpoint(bytes));

const sizeIn = (bytes: Uint8Array | undefined): number => claimIn(bytes)?.size ?? 0;

/** Returns the published log's origin, unverified; undefined before the first publication. */
export const publishedOrigin = async (blobs: Blobs): Promise<string | undefined> =>
  claimIn(await blobs.get(CHECKPOINT_PATH))?.origin;

/** Opens a checkpoint if one of this log's keys signed it; the former key counts until the new one has signed. */
export const openPublished = (bytes: Uint8Array | undefined, signer: LogSigner): SignedCheckpoint | undefined =>
  bytes && ifValid(() => SignedCheckpoint.open(bytes, { origin: signer.key.name, keys: keysAt(signer) }));

export const readPublished = async (blobs: Blobs, signer: LogSigner): Promise<SignedCheckpoint | undefined> =>
  openPublished(await blobs.get(CHECKPOINT_PATH), signer);

/** Returns the published size, unverified; 0 before the first publication. */
export const publishedSize = async (blobs: Blobs): Promise<number> => sizeIn(await blobs.get(CHECKPOINT_PATH));

const isOf = (checkpoint: SignedCheckpoint | undefined, tree: Frontier): boolean =>
  checkpoint?.size === tree.size && Buffer.compare(checkpoint.root, rootOf(tree)) === 0;

const isBy = ({ name, keyId }: NoteSignature, key: VerifierKey): boolean => name === key.name && keyId === key.id;

/** Returns the verifier keys at `now`; without an instant, also a key that no longer signs. */
const keysAt = (signer: LogSigner, now?: string): readonly VerifierKey[] => signersAt(signer, now).map(({ key }) => key);

/** Reports whether exactly the keys that sign at `now` have signed. Cosignatures are ignored. */
const isSignedAsNow = (checkpoint: SignedCheckpoint, signer: LogSigner, now: string): boolean => {
  const { signatures } = parseNote(checkpoint.bytes);
  const signing = keysAt(signer, now);
  return keysAt(signer).every((key) => signatures.some((line) => isBy(line, key)) === signing.includes(key));
};

const signedAnew = async (tree: Frontier, signer: LogSigner, now: string, known: Uint8Array | undefined): Promise<Uint8Array> => {
  const bytes = await signCheckpoint(tree, signer, now);
  const fresh = parseNote(bytes);
  const before = known === undefined || claimIn(known) === undefined ? undefined : parseNote(known);
  if (before?.text !== fresh.text) return bytes;
  const kept = before.signatures.filter(({ name }) => name !== signer.key.name);
  return formatNote({ text: fresh.text, signatures: [...fresh.signatures, ...kept] });
};

/** Maximum tries; another sequencer interferes once or twice. */
const PUBLISHING_TRIES_MAX = 8;

/**
 * Publishes the checkpoint of a tree whose files are all written, never over a larger one. Signs it again if the keys or the origin have
 * changed. While too few witnesses have cosigned, the published one stays. Returns the published checkpoint; throws LogConflict if another
 * tree of this size is published, and StoreUnavailable if each conditional replacement of what was just read is refused.
 */
export const publishCheckpoint = async (ports: SequencerPorts, tree: Frontier): Promise<SignedCheckpoint | undefined> => {
  const { blobs, signer, clock, cosigned } = ports;
  for (let tries = 0; tries < PUBLISHING_TRIES_MAX; tries += 1) {
    const known = await blobs.get(CHECKPOINT_PATH);
    const published = openPublished(known, signer);
    const isThis = isOf(published, tree);
    if ((isThis && published !== undefined && isSignedAsNow(published, signer, clock())) || sizeIn(known) > tree.size)
      return published;
    if (published?.size === tree.size && !isThis) throw new LogConflict(`another tree of ${tree.size} entries is published`);
    const signed = await signedAnew(tree, signer, clock(), known);
    const bytes = await cosigned(signed);
    if (bytes === undefined) return published;
    if (await blobs.replace(CHECKPOINT_PATH, bytes, known)) return openPublished(bytes, signer);
  }
  throw new StoreUnavailable(`${CHECKPOINT_PATH} is not what was read of it, ${PUBLISHING_TRIES_MAX} times`);
};
