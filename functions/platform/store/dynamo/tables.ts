// Storage format: attribute names, keys and indexes of the tables. Everything that creates the tables (deployment, tests) uses these.

import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import type { Mac } from '../mac.ts';

/** Keys of all tables. Commits: pk = stream, sk = version. Side: pk = kind, sk = id. Register: pk = vendor, sk = key of the feature. */
export const TABLE_KEYS = { pk: 'pk', sk: 'sk' } as const;

/** The index of commits by the time of writing. It holds keys only, so that a write costs little more. */
export const TIME_INDEX = { name: 'by-time', pk: 'timeShard', sk: 'stamp' } as const;

/** Partitions of an index by time: each takes 1,000 writes a second, and a throttled index throttles its table. */
export const SHARDS = 4;

/** Returns the shard of a name, which never changes. */
export const shardOf = (name: string): number => createHash('sha256').update(name).digest().readUInt8(0) % SHARDS;

export const macItem = ({ keyId, tag }: Mac) => ({ macKey: { S: keyId }, mac: { B: tag } });

/** The item is attacker-controlled. */
export const macOfItem = ({ macKey, mac }: Record<string, AttributeValue>): Mac | undefined =>
  macKey?.S === undefined || mac?.B === undefined ? undefined : { keyId: macKey.S, tag: mac.B };

/**
 * The overlap of sweeps: each covers this time before the beginning of the previous one. It must exceed the difference between two writers'
 * clocks plus the retries of a put plus the lag of the index, so that the next sweep covers every commit that one could not see yet.
 */
export const OVERLAP_MS = 10 * 60_000;

/** The index of the register's documents by the time of writing, keys only, spread over the shards of the features. */
export const CHANGE_INDEX = { name: 'by-change', pk: 'docShard', sk: 'changedAt' } as const;
