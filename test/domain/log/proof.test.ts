import { describe, expect, test } from 'vitest';
import type { Hash } from '../../../domain/log/encoding.ts';
import {
  consistencyNodes,
  consistencyProof,
  inclusionNodes,
  inclusionProof,
  type Proof,
  verifyConsistency,
  verifyInclusion,
} from '../../../domain/log/proof.ts';
import { naiveConsistency, naiveInclusion, naiveRoot, sha256 } from './support/naive.ts';
import { checkpointOver, logsTo, refusal } from './support/testLog.ts';

// Hundreds of thousands of refusals: their stack traces would take most of the time.
Error.stackTraceLimit = 0;

const SIZE_MAX = 35;
const hex = (hashes: readonly Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString('hex'));
const logs = logsTo(SIZE_MAX);
const sizes = Array.from({ length: SIZE_MAX + 1 }, (_, size) => size);
const checkpoints = logs.map((log) => log.checkpoint());
const { leaves } = logs[SIZE_MAX]!;
const inclusionProofs = sizes.map((size) =>
  leaves.slice(0, size).map((_, index) => inclusionProof(index, size, logs[size]!.reader())),
);
const consistencyProofs = sizes.map((to) => sizes.slice(0, to + 1).map((from) => consistencyProof(from, to, logs[to]!.reader())));
const roots = sizes.map((size) => naiveRoot(leaves.slice(0, size)));
const consistencyTexts = consistencyProofs.map((proofs) => proofs.map((proof) => hex(proof).join()));
const prove = (index: number, size: number) => inclusionProofs[size]![index]!;
const proveGrowth = (from: number, to: number) => consistencyProofs[to]![from]!;
const stranger = sha256(Buffer.from('a stranger'));

/** Returns a proof with its hashes spoiled in several ways. A variant equal to the proof (a palindrome) is left out. */
const spoiled = (proof: Proof) => {
  const variants: Proof[] = [
    ...proof.map((_, i) => proof.toSpliced(i, 1)),
    ...proof.map((_, i) => proof.with(i, stranger)),
    ...proof.map((hash, i) => proof.with(i, hash.with(31, hash[31]! ^ 1))),
    ...proof.map((hash, i) => proof.with(i, hash.slice(0, 31))),
    ...proof.map((hash, i) => proof.toSpliced(i, 0, hash)),
    [...proof, stranger],
    [stranger, ...proof],
    proof.toReversed(),
    [],
  ];
  return variants.filter((variant) => hex(variant).join() !== hex(proof).join());
};

const ENTRIES = sizes.flatMap((size) => Array.from({ length: size }, (_, index) => ({ index, size, proof: prove(index, size) })));
const PAIRS = sizes.flatMap((to) => sizes.slice(0, to + 1).map((from) => ({ from, to, proof: proveGrowth(from, to) })));

test('every proof is that of the naive recursion, and verifies', () => {
  for (const { index, size, proof } of ENTRIES) {
    expect(hex(proof)).toStrictEqual(hex(naiveInclusion(index, leaves.slice(0, size))));
    verifyInclusion(checkpoints[size]!, index, leaves[index]!, proof);
  }
  for (const { from, to, proof } of PAIRS) {
    expect(hex(proof)).toStrictEqual(from === 0 ? [] : hex(naiveConsistency(from, leaves.slice(0, to))));
    verifyConsistency(checkpoints[from]!, checkpoints[to]!, proof);
  }
  expect([ENTRIES.length, PAIRS.length]).toStrictEqual([630, 666]);
});

describe('forged inclusion proofs are refused', () => {
  const accepted = (index: number, size: number, leaf: Hash, proof: Proof) =>
    refusal(() => verifyInclusion(checkpoints[size]!, index, leaf, proof)) === undefined;

  test('any other index, also far outside', () => {
    for (const { index, size, proof } of ENTRIES) {
      const others = [...Array(size + 2).keys(), -1, 0.5, NaN, 2 ** 32 + index, 2 ** 53 - 1].filter((other) => other !== index);
      expect(others.filter((other) => accepted(other, size, leaves[index]!, proof))).toStrictEqual([]);
    }
  });

  test('other leaves of the log, a stranger, and a node passed off as a leaf', () => {
    for (const { index, size, proof } of ENTRIES) {
      const neighbours = leaves.filter((_, i) => i !== index && (Math.abs(i - index) < 3 || i === 0 || i >= size - 1));
      const others = [...neighbours, stranger, roots[size]!, ...proof];
      const wrong = size === 1 ? others.filter((leaf) => !Buffer.from(leaf).equals(leaves[0]!)) : others;
      expect(wrong.filter((leaf) => accepted(index, size, leaf, proof))).toStrictEqual([]);
    }
  });

  test('truncated, extended, reversed, doubled and altered ones', () => {
    for (const { index, size, proof } of ENTRIES)
      expect(spoiled(proof).filter((other) => accepted(index, size, leaves[index]!, other))).toStrictEqual([]);
  });

  test('a leaf that is shorter or longer than a hash', () => {
    const [longer, shorter] = [Buffer.concat([leaves[5]!, Buffer.of(0)]), leaves[5]!.slice(0, 31)];
    const codes = [longer, shorter].map((leaf) => refusal(() => verifyInclusion(checkpoints[9]!, 5, leaf, prove(5, 9))));
    expect(codes).toStrictEqual(['inclusion-not-proved', 'inclusion-not-proved']);
  });

  test('the proof of another entry, and one against the checkpoint of any other size', () => {
    for (const { index, size, proof } of ENTRIES) {
      const others = inclusionProofs[size]!.filter((_, other) => other !== index);
      expect(others.filter((other) => accepted(index, size, leaves[index]!, other))).toStrictEqual([]);
      const elsewhere = sizes.filter((other) => other !== size);
      expect(elsewhere.filter((other) => accepted(index, other, leaves[index]!, proof))).toStrictEqual([]);
    }
  });
});

describe('forged consistency proofs are refused', () => {
  const code = (from: number, to: number, proof: Proof) =>
    refusal(() => verifyConsistency(checkpoints[from]!, checkpoints[to]!, proof));

  test('truncated, extended, reversed, doubled and altered ones', () => {
    for (const { from, to, proof } of PAIRS)
      expect(spoiled(proof).filter((other) => code(from, to, other) === undefined)).toStrictEqual([]);
  });

  const GROWN = PAIRS.filter(({ from, to }) => from > 0 && from < to);

  test('the proof from any other size, where something is to be proved', () => {
    for (const { from, to } of GROWN) {
      const texts = consistencyTexts[to]!;
      const others = sizes.slice(1, to).filter((other) => texts[other] !== texts[from]);
      expect(others.filter((other) => code(from, to, proveGrowth(other, to)) === undefined)).toStrictEqual([]);
    }
  });

  test('another history of either size, with a proof that is true of the other', () => {
    const forged = sizes.map((size) =>
      checkpointOver(size, naiveRoot(size === 0 ? [] : leaves.slice(0, size).with(0, stranger))),
    );
    for (const { from, to, proof } of GROWN) {
      const codes = [
        refusal(() => verifyConsistency(forged[from]!, checkpoints[to]!, proof)),
        refusal(() => verifyConsistency(checkpoints[from]!, forged[to]!, proof)),
      ];
      expect(codes).toStrictEqual(['consistency-not-proved', 'consistency-not-proved']);
    }
  });

  test('a log that became smaller was rolled back', () => {
    for (const from of sizes.slice(1)) expect(code(from, from - 1, [])).toBe('log-rolled-back');
  });

  test('two roots of one size are a fork', () => {
    expect(refusal(() => verifyConsistency(checkpoints[5]!, checkpointOver(5, stranger), []))).toBe('log-forked');
  });
});

test.each([
  [0, 0],
  [1, 1],
  [-1, 4],
  [0.5, 4],
  [0, 2 ** 53],
])('there is no inclusion proof for index %d of %d', (index, size) => {
  expect(refusal(() => inclusionProof(index, size, () => []))).toBe('index-out-of-range');
  expect(refusal(() => inclusionNodes(index, size))).toBe('index-out-of-range');
});

test.each([
  [2, 1],
  [-1, 1],
  [0, 2 ** 53],
  [0.5, 1],
])('there is no consistency proof from %d to %d', (from, to) => {
  expect(refusal(() => consistencyProof(from, to, () => []))).toBe('log-shrinks');
  expect(refusal(() => consistencyNodes(from, to))).toBe('log-shrinks');
});

test('the nodes of the largest logs are named at once, and no more than twice their height', () => {
  const size = Number.MAX_SAFE_INTEGER;
  expect(inclusionNodes(size - 1, size).length).toBeLessThan(110);
  expect(inclusionNodes(0, size).every(({ level, index }) => Number.isSafeInteger((index + 1) * 2 ** level - 1))).toBe(true);
  expect(consistencyNodes(2 ** 52 + 1, size).length).toBeLessThan(1500);
});

test('a reader that leaves out hashes is a fault of the program', () => {
  expect(() => inclusionProof(0, 8, () => [])).toThrow('one hash for each node');
});
