import { SignedCheckpoint, type TrustedLog } from './checkpoint.ts';
import {
  concat,
  emptyRoot,
  fail,
  fromBase64,
  fromDecimal,
  HASH_BYTES,
  type Hash,
  hashFromBase64,
  isSize,
  nodeHash,
  sameHash,
  splitHeaderLines,
  toBase64,
  toUtf8,
} from './encoding.ts';

/** The complete subtree over the entries `[index * 2^level, (index + 1) * 2^level)`. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** Returns hashes in the order requested. Synchronous: an asynchronous caller fetches the tiles first. */
export type ReadHashes = (nodes: readonly TreeNode[]) => readonly Hash[];

/** The largest power of two that is smaller than `count` (RFC 6962's k); `count` must be at least 2. */
const splitPoint = (count: number): number => {
  let k = 1;
  while (k * 2 < count) k *= 2;
  return k;
};

/**
 * Returns the complete subtrees that together span `[from, to)` of a subtree that begins at a multiple of its size, left to
 * right.
 */
export const spanNodes = (from: number, to: number): TreeNode[] => {
  const nodes: TreeNode[] = [];
  let start = from;
  while (start < to) {
    let [level, width] = [0, 1];
    while (start % (width * 2) === 0 && start + width * 2 <= to) {
      width *= 2;
      level += 1;
    }
    nodes.push({ level, index: start / width });
    start += width;
  }
  return nodes;
};

/** In the order of RFC 6962: from the leaf's side up to the root's. */
export type Proof = readonly Hash[];

type Range = readonly [from: number, to: number];

/** PATH(index, D[size]) of RFC 6962 section 2.1.1, as the ranges its hashes cover. */
const inclusionRanges = (index: number, size: number): Range[] => {
  const ranges: Range[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + splitPoint(to - from);
    ranges.unshift(index < middle ? [middle, to] : [from, middle]);
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return ranges;
};

/** PROOF(oldSize, D[newSize]) of RFC 6962 section 2.1.2 for 0 < oldSize < newSize. */
const consistencyRanges = (oldSize: number, newSize: number): Range[] => {
  const ranges: Range[] = [];
  let [from, to] = [0, newSize];
  while (to !== oldSize) {
    const middle = from + splitPoint(to - from);
    ranges.unshift(oldSize <= middle ? [middle, to] : [from, middle]);
    [from, to] = oldSize <= middle ? [from, middle] : [middle, to];
  }
  // The rest is the end of the old tree. If that is the whole old tree, the verifier knows its root already.
  return from === 0 ? ranges : [[from, to], ...ranges];
};

const nodesOf = (ranges: readonly Range[]): TreeNode[] => ranges.flatMap(([from, to]) => spanNodes(from, to));

const hashRanges = (ranges: readonly Range[], readHashes: ReadHashes): Proof => {
  const nodes = nodesOf(ranges);
  const hashes = readHashes(nodes);
  if (hashes.length !== nodes.length) throw new Error('readHashes gives one hash for each node');
  let at = 0;
  return ranges.map(([from, to]) => {
    const end = at + spanNodes(from, to).length;
    const parts = hashes.slice(at, end);
    at = end;
    return parts.reduceRight((right, left) => nodeHash(left, right));
  });
};

const checkIndex = (index: number, size: number): void => {
  if (!isSize(index) || !isSize(size) || index >= size) fail('index-out-of-range', `no entry ${index} in a log of ${size}`);
};

const checkSizes = (oldSize: number, newSize: number): void => {
  if (!isSize(oldSize) || !isSize(newSize) || oldSize > newSize)
    fail('log-shrinks', `a log of ${oldSize} cannot become ${newSize}`);
};

/** Returns the nodes that {@link inclusionProof} reads, so that `tilesFor` can fetch them first. Throws `index-out-of-range`. */
export const inclusionNodes = (index: number, size: number): TreeNode[] => {
  checkIndex(index, size);
  return nodesOf(inclusionRanges(index, size));
};

/** Proves that a log of `size` entries has the leaf at `index`. Throws `index-out-of-range`. */
export const inclusionProof = (index: number, size: number, readHashes: ReadHashes): Proof => {
  checkIndex(index, size);
  return hashRanges(inclusionRanges(index, size), readHashes);
};

const rangesBetween = (oldSize: number, newSize: number): Range[] => {
  checkSizes(oldSize, newSize);
  return oldSize === 0 || oldSize === newSize ? [] : consistencyRanges(oldSize, newSize);
};

/** Returns the nodes that {@link consistencyProof} reads. Throws `log-shrinks`. */
export const consistencyNodes = (oldSize: number, newSize: number): TreeNode[] => nodesOf(rangesBetween(oldSize, newSize));

/**
 * Proves that the log of `newSize` entries begins with that of `oldSize`; empty if there is nothing to prove. Throws `log-shrinks`.
 */
export const consistencyProof = (oldSize: number, newSize: number, readHashes: ReadHashes): Proof =>
  hashRanges(rangesBetween(oldSize, newSize), readHashes);

/** A turn on the path from the root down to the start of a proof: after a left turn the proof's hash is on the right. */
type Turn = 'left' | 'right';

const turnsToLeaf = (index: number, size: number): Turn[] => {
  const turns: Turn[] = [];
  let [at, width] = [index, size];
  while (width > 1) {
    const k = splitPoint(width);
    turns.push(at < k ? 'left' : 'right');
    [at, width] = at < k ? [at, k] : [at - k, width - k];
  }
  return turns;
};

const turnsToOldEnd = (oldSize: number, newSize: number): Turn[] => {
  const turns: Turn[] = [];
  let [old, width] = [oldSize, newSize];
  while (old !== width) {
    const k = splitPoint(width);
    turns.push(old <= k ? 'left' : 'right');
    [old, width] = old <= k ? [old, k] : [old - k, width - k];
  }
  return turns;
};

const climb = (turns: readonly Turn[], proof: Proof): { readonly turn: Turn; readonly hash: Hash }[] => {
  if (proof.length !== turns.length || proof.some((hash) => hash.length !== HASH_BYTES)) {
    return fail('proof-length-wrong', `the proof has ${proof.length} hashes where ${turns.length} of 32 bytes are needed`);
  }
  return turns.toReversed().flatMap((turn, i) => {
    const hash = proof[i];
    return hash === undefined ? [] : [{ turn, hash }];
  });
};

/**
 * Returns only if the signed log has this leaf at this index (RFC 6962 section 2.1.1). Throws `index-out-of-range`,
 * `proof-length-wrong`, `inclusion-not-proved`.
 */
export const verifyInclusion = (checkpoint: SignedCheckpoint, index: number, leaf: Hash, proof: Proof): void => {
  const { size } = checkpoint;
  if (!isSize(index) || index >= size) fail('index-out-of-range', `no entry ${index} in a log of ${size}`);
  if (leaf.length !== HASH_BYTES) fail('inclusion-not-proved', `what is shown as entry ${index} is no hash`);
  const steps = climb(turnsToLeaf(index, size), proof);
  const root = steps.reduce((below, { turn, hash }) => (turn === 'left' ? nodeHash(below, hash) : nodeHash(hash, below)), leaf);
  if (!sameHash(root, checkpoint.root)) fail('inclusion-not-proved', `entry ${index} is not what the log of ${size} entries has`);
};

const verifyEmpty = (checkpoint: SignedCheckpoint): void => {
  if (checkpoint.size === 0 && !sameHash(checkpoint.root, emptyRoot())) {
    fail('empty-root-wrong', 'the root of an empty log is the hash of nothing');
  }
};

const verifyGrowth = (older: SignedCheckpoint, newer: SignedCheckpoint, proof: Proof): void => {
  const turns = turnsToOldEnd(older.size, newer.size);
  // If every turn is to the left, the old tree is a complete subtree of the new one, and the proof omits its root.
  const isComplete = !turns.includes('right');
  const [start, ...rest] = isComplete ? [older.root, ...proof] : proof;
  if (start?.length !== HASH_BYTES) fail('proof-length-wrong', 'the proof does not begin with a hash of 32 bytes');
  let [oldRoot, newRoot] = [start, start];
  for (const { turn, hash } of climb(turns, rest)) {
    newRoot = turn === 'left' ? nodeHash(newRoot, hash) : nodeHash(hash, newRoot);
    if (turn === 'right') oldRoot = nodeHash(hash, oldRoot);
  }
  if (!sameHash(oldRoot, older.root) || !sameHash(newRoot, newer.root)) {
    fail('consistency-not-proved', `the log of ${newer.size} entries is not shown to begin with that of ${older.size}`);
  }
};

/**
 * Returns only if the newer log begins with the whole older one (RFC 6962 section 2.1.2). Throws `origin-unknown`,
 * `log-rolled-back`, `log-forked` for two roots of one size, `proof-length-wrong`, `consistency-not-proved`, `empty-root-wrong`.
 */
export const verifyConsistency = (older: SignedCheckpoint, newer: SignedCheckpoint, proof: Proof): void => {
  if (older.origin !== newer.origin) fail('origin-unknown', `${older.origin} and ${newer.origin} are different logs`);
  verifyEmpty(older);
  verifyEmpty(newer);
  if (older.size > newer.size) fail('log-rolled-back', `the log had ${older.size} entries and now claims ${newer.size}`);
  if (older.size === newer.size && !sameHash(older.root, newer.root)) {
    fail('log-forked', `two different logs of ${older.size} entries were signed`);
  }
  if (older.size !== 0 && older.size !== newer.size) verifyGrowth(older, newer, proof);
  else if (proof.length > 0) fail('proof-length-wrong', 'nothing is to be proved, so the proof must be empty');
};

// Wire format: c2sp.org/tlog-proof, `c2sp.org/tlog-proof@v1`.

/**
 * A claim until {@link verifyTlogProof}. The checkpoint stays bytes, so that its size cannot be used before its signature is
 * verified. `extra` is not authenticated.
 */
interface TlogProof {
  readonly index: number;
  readonly hashes: Proof;
  readonly checkpoint: Uint8Array;
  readonly extra?: Uint8Array;
}

const HEADER = 'c2sp.org/tlog-proof@v1';
const HASHES_MAX = 63;

/** Returns the bytes of a receipt (file name extension `.tlog-proof`). Throws `tlog-proof-malformed`. */
export const formatTlogProof = ({ index, hashes, checkpoint, extra }: TlogProof): Uint8Array => {
  if (!isSize(index)) return fail('tlog-proof-malformed', 'an index is an integer from 0 to 2^53-1');
  if (hashes.length > HASHES_MAX) return fail('tlog-proof-malformed', `at most ${HASHES_MAX} hashes`);
  const extraLine = extra === undefined || extra.length === 0 ? [] : [`extra ${toBase64(extra)}`];
  const head = [HEADER, ...extraLine, `index ${index}`, ...hashes.map(toBase64), ''];
  return concat([toUtf8(`${head.join('\n')}\n`), checkpoint]);
};

const parseExtra = (line: string): Uint8Array => {
  const extra = fromBase64(line.slice('extra '.length));
  // Without extra data the line is omitted, so an empty one would be a second encoding of the same receipt.
  if (extra === undefined || extra.length === 0) return fail('tlog-proof-malformed', 'extra data is canonical base64');
  return extra;
};

const parseIndex = (line: string | undefined): number => {
  const decimal = line?.startsWith('index ') ? line.slice('index '.length) : '';
  return fromDecimal(decimal) ?? fail('tlog-proof-malformed', '"index <n>" with n from 0 to 2^53-1 is expected');
};

const parseHash = (line: string): Hash =>
  hashFromBase64(line) ?? fail('tlog-proof-malformed', 'a hash is the canonical base64 of 32 bytes');

/** Parses an attacker-controlled receipt strictly, without verifying anything. Throws `tlog-proof-malformed`. */
export const parseTlogProof = (bytes: Uint8Array): TlogProof => {
  const { lines, rest } =
    splitHeaderLines(bytes) ?? fail('tlog-proof-malformed', 'lines of text, an empty line and a checkpoint make a receipt');
  if (lines.shift() !== HEADER) return fail('tlog-proof-malformed', `the first line is not ${HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? parseExtra(lines.shift() ?? '') : undefined;
  const index = parseIndex(lines.shift());
  if (lines.length > HASHES_MAX) return fail('tlog-proof-malformed', `at most ${HASHES_MAX} hashes`);
  const claim = { index, hashes: lines.map(parseHash), checkpoint: rest };
  return extra === undefined ? claim : { ...claim, extra };
};

interface VerifiedTlogProof {
  readonly index: number;
  readonly checkpoint: SignedCheckpoint;
}

/**
 * Verifies a receipt offline, with the leaf of the entry that the verifier received. Throws `tlog-proof-malformed`, and everything that
 * `SignedCheckpoint.open` and `verifyInclusion` throw.
 */
export const verifyTlogProof = (bytes: Uint8Array, leaf: Hash, log: TrustedLog): VerifiedTlogProof => {
  const { index, hashes, checkpoint: claim } = parseTlogProof(bytes);
  const checkpoint = SignedCheckpoint.open(claim, log);
  verifyInclusion(checkpoint, index, leaf, hashes);
  return { index, checkpoint };
};
