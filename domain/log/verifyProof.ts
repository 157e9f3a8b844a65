import { isSize } from './encoding.ts';
import { fail } from './errors.ts';
import { emptyRoot, HASH_BYTES, type Hash, nodeHash, sameHash } from './hash.ts';
import type { Proof } from './proof.ts';
import type { SignedCheckpoint } from './signedCheckpoint.ts';
import { splitPoint } from './treeNode.ts';

/** A turn on the path from the root down to where a proof starts: after a left turn the proof's hash is on the right. */
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
