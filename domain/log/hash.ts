import { createHash } from 'node:crypto';

/** A SHA-256 digest: always 32 bytes. Treat as immutable. */
export type Hash = Uint8Array;

/** Bytes in a {@link Hash}. */
export const HASH_BYTES = 32;

// RFC 6962 section 2.1: the prefixes keep a leaf from being passed off as a node (second preimage).
const LEAF_PREFIX = Uint8Array.of(0);
const NODE_PREFIX = Uint8Array.of(1);

const view = (digest: Uint8Array): Hash => new Uint8Array(digest.buffer, digest.byteOffset, HASH_BYTES);

/** SHA-256(0x00 ‖ entry): RFC 6962 section 2.1. */
export const leafHash = (entry: Uint8Array): Hash => view(createHash('sha256').update(LEAF_PREFIX).update(entry).digest());

/** SHA-256(0x01 ‖ left ‖ right): RFC 6962 section 2.1. */
export const nodeHash = (left: Hash, right: Hash): Hash =>
  view(createHash('sha256').update(NODE_PREFIX).update(left).update(right).digest());

/** The root of the tree without leaves: SHA-256 of nothing. A fresh array each time, so that nobody can change it for others. */
export const emptyRoot = (): Hash => view(createHash('sha256').digest());

/** The root of a complete subtree, given all hashes of one of its levels; their number must be a power of two. */
export const completeRoot = (hashes: readonly Hash[]): Hash => {
  let level = hashes;
  while (level.length > 1) {
    const above: Hash[] = [];
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i], level[i + 1]];
      if (left === undefined || right === undefined) break;
      above.push(nodeHash(left, right));
    }
    if (above.length * 2 !== level.length) throw new RangeError('the number of hashes is not a power of two');
    level = above;
  }
  const [root] = level;
  if (root === undefined) throw new RangeError('a complete subtree has at least one hash');
  return root;
};

/** Whether two hashes are the same bytes. Nothing here is secret, so the comparison need not take constant time. */
export const sameHash = (a: Hash, b: Hash): boolean => Buffer.compare(a, b) === 0;
