import { createHash } from 'node:crypto';

/** SHA-256 for RFC 6962 section 2.1 as the RFC states it: recursive, slow, and without code of the implementation under test. */
export const sha256 = (...parts: readonly Uint8Array[]): Buffer => createHash('sha256').update(Buffer.concat(parts)).digest();

const split = (n: number) => {
  let k = 1;
  while (k << 1 < n) k <<= 1;
  return k;
};

/** MTH(D[n]), of leaf hashes. */
export const naiveRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return only;
  const k = split(leaves.length);
  return sha256(Buffer.from([1]), naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
};

/** PATH(m, D[n]). */
export const naiveInclusion = (m: number, leaves: readonly Uint8Array[]): Uint8Array[] => {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  return m < k
    ? [...naiveInclusion(m, leaves.slice(0, k)), naiveRoot(leaves.slice(k))]
    : [...naiveInclusion(m - k, leaves.slice(k)), naiveRoot(leaves.slice(0, k))];
};

const subproof = (m: number, leaves: readonly Uint8Array[], isWhole: boolean): Uint8Array[] => {
  if (m === leaves.length) return isWhole ? [] : [naiveRoot(leaves)];
  const k = split(leaves.length);
  return m <= k
    ? [...subproof(m, leaves.slice(0, k), isWhole), naiveRoot(leaves.slice(k))]
    : [...subproof(m - k, leaves.slice(k), false), naiveRoot(leaves.slice(0, k))];
};

/** PROOF(m, D[n]) for 0 < m ≤ n. */
export const naiveConsistency = (m: number, leaves: readonly Uint8Array[]): Uint8Array[] => subproof(m, leaves, true);
