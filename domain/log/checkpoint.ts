// Wire format: c2sp.org/tlog-checkpoint.
import { fromDecimal, hashFromBase64, isSize, toBase64 } from './encoding.ts';
import { fail } from './errors.ts';
import { emptyRoot, HASH_BYTES, type Hash, sameHash } from './hash.ts';
import { isKeyName } from './verifierKey.ts';

/**
 * Only a claim: no function that verifies proofs accepts it. Extension lines are opaque, and kept so that a witness can sign
 * them.
 */
export interface CheckpointText {
  readonly origin: string;
  readonly size: number;
  readonly root: Hash;
  readonly extensions: readonly string[];
}

/**
 * Returns the three lines that a log signs. The origin is its public prefix without the scheme. Throws `checkpoint-malformed`,
 * `empty-root-wrong`.
 */
export const formatCheckpoint = (origin: string, size: number, root: Hash): string => {
  if (!isKeyName(origin)) return fail('checkpoint-malformed', 'an origin is not empty and has neither spaces nor plus signs');
  if (!isSize(size)) return fail('checkpoint-malformed', 'a size is an integer from 0 to 2^53-1');
  if (root.length !== HASH_BYTES) return fail('checkpoint-malformed', `a root has ${HASH_BYTES} bytes`);
  if (size === 0 && !sameHash(root, emptyRoot()))
    return fail('empty-root-wrong', 'the root of an empty log is the hash of nothing');
  return `${origin}\n${size}\n${toBase64(root)}\n`;
};

/** Parses the attacker-controlled text of a checkpoint strictly. Throws `checkpoint-malformed`. */
export const parseCheckpoint = (text: string): CheckpointText => {
  const lines = text.split('\n');
  const [origin, decimal, base64, ...extensions] = lines.slice(0, -1);
  if (origin === undefined || decimal === undefined || base64 === undefined || lines.at(-1) !== '') {
    return fail('checkpoint-malformed', 'a checkpoint has three lines: origin, size, root');
  }
  if (origin === '') return fail('checkpoint-malformed', 'the origin of a checkpoint is not empty');
  const size = fromDecimal(decimal) ?? fail('checkpoint-malformed', 'a size is a decimal from 0 to 2^53-1');
  const root = hashFromBase64(base64) ?? fail('checkpoint-malformed', 'a root is the canonical base64 of 32 bytes');
  if (extensions.includes('')) return fail('checkpoint-malformed', 'extension lines are not empty');
  return { origin, size, root, extensions };
};
