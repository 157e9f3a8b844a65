import type { Hash } from './hash.ts';

/** The complete subtree over the entries `[index * 2^level, (index + 1) * 2^level)`. */
export interface TreeNode {
  readonly level: number;
  readonly index: number;
}

/** In the order requested. Synchronous: an asynchronous caller fetches the tiles first. */
export type ReadHashes = (nodes: readonly TreeNode[]) => readonly Hash[];

/** The largest power of two that is smaller than `count` (RFC 6962's k); `count` must be at least 2. */
export const splitPoint = (count: number): number => {
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
