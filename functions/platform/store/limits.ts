import { BODY_BYTES_MAX, ITEM_BYTES_MAX, STATE_BYTES_MAX } from '../../../domain/kernel/commit.ts';
import type { StoredCommit } from './port.ts';

/** DynamoDB's partition key ends at 2,048 bytes. */
export const STREAM_BYTES_MAX = 1_024;

const ITEM_OVERHEAD_BYTES = 512;
const ATTACHMENT_OVERHEAD_BYTES = 128;

/** Returns the size of the whole item in bytes, an upper estimate of what DynamoDB counts. */
export const itemBytes = ({ stream, bytes, state, attachments }: StoredCommit): number =>
  attachments.reduce(
    (sum, { sha256, mediaType, bytes }) =>
      sum + ATTACHMENT_OVERHEAD_BYTES + sha256.length + Buffer.byteLength(mediaType) + bytes.length,
    ITEM_OVERHEAD_BYTES + Buffer.byteLength(stream) + bytes.length + Buffer.byteLength(state),
  );

/** Returns what is too large about a record. Checked before the write and after the read. */
export const sizeProblem = (record: StoredCommit): string | undefined => {
  if (record.bytes.length > BODY_BYTES_MAX) return `body above ${BODY_BYTES_MAX} bytes`;
  if (Buffer.byteLength(record.state) > STATE_BYTES_MAX) return `state above ${STATE_BYTES_MAX} bytes`;
  if (itemBytes(record) > ITEM_BYTES_MAX) return `item above ${ITEM_BYTES_MAX} bytes`;
  return streamProblem(record.stream);
};

/** Returns the problem with the size of a stream's name, or undefined. */
export const streamProblem = (stream: string): string | undefined =>
  Buffer.byteLength(stream) > STREAM_BYTES_MAX ? `stream name above ${STREAM_BYTES_MAX} bytes` : undefined;
