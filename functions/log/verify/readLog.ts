import { type Commit, decodeCommit } from '../../../domain/kernel/commit.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { claimedCheckpoint, SignedCheckpoint, type TrustedLog } from '../../../domain/log/checkpoint.ts';
import { appendAll, emptyFrontier, type Frontier, rootOf } from '../../../domain/log/decide.ts';
import { completeRoot, type Hash, LogError, leafHash, sameHash } from '../../../domain/log/encoding.ts';
import { isLogbookStream, LogKeyAnnounced, logbookStream } from '../../../domain/log/events.ts';
import { formatVerifierKey, parseVerifierKey, type VerifierKey, verifyHandover } from '../../../domain/log/note.ts';
import {
  type Bundle,
  bundlePath,
  bundlesOf,
  decodeBundle,
  decodeTile,
  TILE_WIDTH,
  type Tile,
  tilePath,
} from '../../../domain/log/tile.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { readFile } from '../sequencer/publicFiles.ts';

/** Returns attacker-controlled text of a log as one line, so that it cannot imitate lines of the verifier. */
export const toSingleLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ');

/** `index`: the entry with the fault. */
export class LogFault extends Error {
  override readonly name = 'LogFault';
  readonly index: number | undefined;
  constructor(detail: string, index?: number, options?: ErrorOptions) {
    super(toSingleLine(index === undefined ? detail : `entry ${index}: ${detail}`), options);
    this.index = index;
  }
}

/** The log is smaller than what was verified earlier, or differs from it. */
export class NotContinued extends LogFault {}

/** Throws LogFault unless a tile has these hashes. Tiles are attacker-controlled. */
const assertTile = async (source: Pick<Blobs, 'get'>, tile: Tile, made: readonly Hash[]): Promise<void> => {
  const bytes = await readFile(source, { tile });
  if (bytes === undefined) throw new LogFault(`${tilePath(tile)} is missing`);
  let hashes: readonly Hash[];
  try {
    hashes = decodeTile(bytes, tile.width);
  } catch (error) {
    if (error instanceof LogError) throw new LogFault(`${tilePath(tile)}: ${error.message}`, undefined, { cause: error });
    throw error;
  }
  const at = made.findIndex((hash, i) => !sameHash(hash, hashes[i] ?? new Uint8Array()));
  if (at < 0) return;
  const place = (tile.index * TILE_WIDTH + at) * TILE_WIDTH ** tile.level;
  throw new LogFault(`is not what was signed: ${tilePath(tile)} has another hash`, place);
};

export interface LoggedEntry {
  readonly index: number;
  readonly bytes: Uint8Array;
}

/** `root`: 32 bytes. */
export interface LogTree {
  readonly size: number;
  readonly root: Uint8Array;
}

const entriesOf = async (source: Pick<Blobs, 'get'>, bundle: Bundle): Promise<readonly Uint8Array[]> => {
  try {
    const bytes = await readFile(source, { bundle });
    if (bytes === undefined) throw new LogFault(`${bundlePath(bundle)} is missing`, bundle.index * TILE_WIDTH);
    return decodeBundle(bytes, bundle.width);
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    throw new LogFault(`${bundlePath(bundle)}: ${error.message}`, bundle.index * TILE_WIDTH, { cause: error });
  }
};

const checkSeen = (tree: Frontier, seen: LogTree | undefined): void => {
  if (seen?.size === tree.size && !sameHash(rootOf(tree), seen.root))
    throw new NotContinued(`the log was forked: its first ${seen.size} entries are not those that were seen before`);
};

type Edge = Map<number, Hash[]>;

const raise = async (source: Pick<Blobs, 'get'>, edge: Edge, { index }: Bundle, leaves: Hash[]): Promise<void> => {
  for (let [level, full] = [1, leaves]; full.length === TILE_WIDTH; level += 1) {
    full = [...(edge.get(level) ?? []), completeRoot(full)];
    const isFull = full.length === TILE_WIDTH;
    edge.set(level, isFull ? [] : full);
    if (isFull) await assertTile(source, { level, index: Math.floor(index / TILE_WIDTH ** level), width: TILE_WIDTH }, full);
  }
};

/**
 * Yields every entry of a log. Compares each entry with its tile, each tile with those beneath it, and finally the root with the signed
 * one; yielded entries are unverified until the end. `seen`: a tree that was verified earlier. Throws LogFault, which names the first bad
 * entry.
 */
export async function* readLog(source: Pick<Blobs, 'get'>, checkpoint: LogTree, seen?: LogTree): AsyncGenerator<LoggedEntry> {
  if (seen !== undefined && checkpoint.size < seen.size)
    throw new NotContinued(`the log was rolled back: it had ${seen.size} entries and shows ${checkpoint.size}`);
  let tree = emptyFrontier;
  checkSeen(tree, seen);
  const edge: Edge = new Map();
  for (const bundle of bundlesOf(checkpoint.size)) {
    const entries = await entriesOf(source, bundle);
    const leaves = entries.map(leafHash);
    await assertTile(source, { level: 0, ...bundle }, leaves);
    const before = tree;
    tree = appendAll(before, leaves);
    for (const [i, bytes] of entries.entries()) {
      const index = before.size + i;
      if (seen?.size === index + 1) checkSeen(appendAll(before, leaves.slice(0, i + 1)), seen);
      yield { index, bytes };
    }
    await raise(source, edge, bundle, leaves);
  }
  for (const [level, hashes] of edge) {
    const index = Math.floor(checkpoint.size / TILE_WIDTH ** (level + 1));
    if (hashes.length > 0) await assertTile(source, { level, index, width: hashes.length }, hashes);
  }
  if (!sameHash(rootOf(tree), checkpoint.root)) throw new LogFault('the entries do not make the root that was signed');
}

/** The key rotations of a log. The logbook of an earlier log, if imported, consists of ordinary entries. */
export class LogLife {
  readonly #own: string;
  readonly handovers: LogKeyAnnounced[] = [];
  /** The latest instant of any commit. */
  latest = '';

  constructor(origin: string) {
    this.#own = logbookStream(origin);
  }

  /** Throws LogError for a handover that does not verify. */
  take({ stream, at, events }: Pick<Commit, 'stream' | 'at' | 'events'>): void {
    this.latest = latest(this.latest, at);
    if (!isLogbookStream(stream)) return;
    for (const json of events) {
      const event = LogKeyAnnounced.parse(json);
      verifyHandover(event, event.note);
      if (logbookStream(parseVerifierKey(event.by).name) !== stream)
        throw new Error('the logbook of one log holds an event of another');
      if (stream === this.#own) this.handovers.push(event);
    }
  }
}

const takeHandovers = (life: LogLife, bytes: Uint8Array, { width }: Bundle, stream: string): boolean => {
  try {
    for (const commit of decodeBundle(bytes, width).map((entry) => decodeCommit(entry)))
      if (commit.stream === stream) life.take(commit);
    return true;
  } catch {
    return false;
  }
};

/** Reads handovers unverified; each carries its own signatures. */
const claimedHandovers = async (source: Pick<Blobs, 'get'>, checkpoint: Uint8Array): Promise<readonly LogKeyAnnounced[]> => {
  const { origin, size } = claimedCheckpoint(checkpoint);
  const life = new LogLife(origin);
  for (const bundle of bundlesOf(size)) {
    const bytes = await readFile(source, { bundle });
    if (bytes === undefined || !takeHandovers(life, bytes, bundle, logbookStream(origin))) break;
  }
  return life.handovers;
};

/** Follows the chain of handovers to its last key. `until`: when the first key stopped signing. */
export const followHandovers = (
  from: VerifierKey,
  handovers: readonly Pick<LogKeyAnnounced, 'by' | 'key' | 'until'>[],
): { readonly key: VerifierKey; readonly until: string | undefined } => {
  let key = formatVerifierKey(from);
  let until: string | undefined;
  for (const handover of handovers) {
    if (handover.by !== key) continue;
    key = handover.key;
    if (until === undefined || handover.until < until) until = handover.until;
  }
  return { key: parseVerifierKey(key), until };
};

/** Returns the key that signed a checkpoint, if handovers lead to it from the pinned key, and when that stopped signing. */
export const keyAfter = async (
  source: Pick<Blobs, 'get'>,
  checkpoint: Uint8Array,
  { origin, keys: [pinned] }: TrustedLog,
): Promise<{ readonly key: VerifierKey; readonly until: string } | undefined> => {
  if (pinned === undefined) return undefined;
  try {
    const { key, until } = followHandovers(pinned, await claimedHandovers(source, checkpoint));
    if (until === undefined) return undefined;
    SignedCheckpoint.open(checkpoint, { origin, keys: [key] });
    return { key, until };
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};
