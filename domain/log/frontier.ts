// Storage format: anything that appends to a log stores the JSON of a frontier.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { hashFromBase64, isSize, toBase64 } from './encoding.ts';
import { fail } from './errors.ts';
import { emptyRoot, type Hash, nodeHash } from './hash.ts';
import { type ReadHashes, spanNodes } from './treeNode.ts';

/** All that an append needs: the roots of the complete subtrees, largest (leftmost) first, one for each bit set in `size`. */
export interface Frontier {
  readonly size: number;
  readonly peaks: readonly Hash[];
}

export const emptyFrontier: Frontier = { size: 0, peaks: [] };

/**
 * Each trailing 1 bit of the size is a subtree that the next leaf completes (the carry of a binary counter). Throws
 * `size-too-large` at 2^53-1.
 */
export const appendAll = (frontier: Frontier, leaves: readonly Hash[]): Frontier => {
  const size = frontier.size + leaves.length;
  if (!isSize(size)) return fail('size-too-large', 'a log has at most 2^53-1 entries');
  const peaks = [...frontier.peaks];
  for (const [i, leaf] of leaves.entries()) {
    let carry = leaf;
    for (let rest = frontier.size + i; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = peaks.pop();
      if (left === undefined) throw new Error('a frontier has a peak for each bit of its size');
      carry = nodeHash(left, carry);
    }
    peaks.push(carry);
  }
  return { size, peaks };
};

export const append = (frontier: Frontier, leaf: Hash): Frontier => appendAll(frontier, [leaf]);

/** RFC 6962 section 2.1: the peaks hashed together from the right. */
export const rootOf = (frontier: Frontier): Hash => {
  const [last, ...others] = frontier.peaks.toReversed();
  return last === undefined ? emptyRoot() : others.reduce((right, left) => nodeHash(left, right), last);
};

/** Returns the frontier of a log of `size` entries from hashes stored elsewhere. */
export const frontierAt = (size: number, readHashes: ReadHashes): Frontier => ({
  size,
  peaks: readHashes(spanNodes(0, size)),
});

/** `{size, peaks: [base64, …]}`: the shape alone; {@link frontierFromJson} checks the content. */
export const FrontierJson = strictObject(() => ({ size: z.number(), peaks: z.array(z.string()).max(53) }));

/** A frontier as JSON: `{size, peaks: [base64, …]}`. */
export type FrontierJson = z.infer<typeof FrontierJson>;

export const frontierToJson = ({ size, peaks }: Frontier): FrontierJson => ({ size, peaks: peaks.map(toBase64) });

/** Throws `frontier-malformed`, also for a wrong number of peaks. */
export const frontierFromJson = (json: unknown): Frontier => {
  const parsed = FrontierJson.safeParse(json);
  if (!parsed.success) return fail('frontier-malformed', 'a frontier is {size, peaks}');
  const { size } = parsed.data;
  if (!isSize(size)) return fail('frontier-malformed', 'the size of a frontier is an integer from 0 to 2^53-1');
  const peaks = parsed.data.peaks.map(
    (text) => hashFromBase64(text) ?? fail('frontier-malformed', 'a peak is the canonical base64 of 32 bytes'),
  );
  if (peaks.length !== spanNodes(0, size).length) return fail('frontier-malformed', 'one peak for each bit set in the size');
  return { size, peaks };
};
