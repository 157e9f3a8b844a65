import { expect, test } from 'vitest';
import { BODY_BYTES_MAX, ITEM_BYTES_MAX, NOTICE_BYTES_MAX, STATE_BYTES_MAX } from '../../../domain/kernel/commit.ts';

/** C2SP tlog-tiles: an entry's length is an unsigned 16-bit number. */
const LOG_ENTRY_BYTES_MAX = 65_535;
/** DynamoDB, "Service, account, and table quotas": item size, names included. */
const DYNAMODB_ITEM_BYTES_MAX = 400 * 1024;

test('a commit fits into a log entry', () => {
  expect(BODY_BYTES_MAX).toBeLessThan(LOG_ENTRY_BYTES_MAX);
});

test('a body, a state and a notice fit together into an item, and an item into DynamoDB', () => {
  expect(BODY_BYTES_MAX + STATE_BYTES_MAX + NOTICE_BYTES_MAX).toBeLessThan(ITEM_BYTES_MAX);
  expect(ITEM_BYTES_MAX).toBeLessThan(DYNAMODB_ITEM_BYTES_MAX);
});
