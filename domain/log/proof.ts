import { isSize } from './encoding.ts';
import { fail } from './errors.ts';
import { type Hash, nodeHash } from './hash.ts';
import { type ReadHashes, spanNodes, splitPoint, type TreeNode } from './treeNode.ts';

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
 * Proves that the log of `newSize` entries begins with that of `oldSize`; empty where nothing is to be proved. Throws
 * `log-shrinks`.
 */
export const consistencyProof = (oldSize: number, newSize: number, readHashes: ReadHashes): Proof =>
  hashRanges(rangesBetween(oldSize, newSize), readHashes);
