// Storage format: attribute names, keys and the indexes of the tables. Everything that creates the tables (deployment, tests)
// uses these.

/** Keys of all tables. Commits: pk = stream, sk = version. Side: pk = kind, sk = id. Register: pk = vendor, sk = key of the feature. */
export const TABLE_KEYS = { pk: 'pk', sk: 'sk' } as const;

/**
 * The index of commits by the time of writing. It holds keys only, and the rest is read from the table, so that a write costs
 * little more.
 */
export const TIME_INDEX = { name: 'by-time', pk: 'timeShard', sk: 'stamp' } as const;

/**
 * The time by which each sweep overlaps the one before: it begins this long before that one began. It must exceed the
 * difference between two writers' clocks plus the retries of a put plus the lag of the index: then a commit that one sweep
 * could not see yet lies within the next one.
 */
export const OVERLAP_MS = 10 * 60_000;

/**
 * The indexes of the register, keys only: by when a document was written, by the next moment at which time changes something in it, by
 * status, and of what waits. Each is spread over the shards of its features; `nextMoment` and `waitingShard` are absent from most documents.
 */
export const REGISTER_INDEXES = {
  change: { name: 'by-change', pk: 'docShard', pkType: 'N', sk: 'changedAt', skType: 'N' },
  moment: { name: 'by-moment', pk: 'docShard', pkType: 'N', sk: 'nextMoment', skType: 'S' },
  status: { name: 'by-status', pk: 'statusShard', pkType: 'S', sk: TABLE_KEYS.sk, skType: 'S' },
  waiting: { name: 'by-waiting', pk: 'waitingShard', pkType: 'N', sk: TABLE_KEYS.sk, skType: 'S' },
} as const;
