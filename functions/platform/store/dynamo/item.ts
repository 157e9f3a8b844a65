// Storage format: one item per commit.
import { createHash } from 'node:crypto';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { CorruptStore } from '../errors.ts';
import { commitParts, type Mac, type Macs } from '../mac.ts';
import type { Attachment, StoredCommit } from '../port.ts';
import { type Row, renewedMac, verifiedRecord } from '../record.ts';

export type Item = Record<string, AttributeValue>;

/** Partitions of the time index: each takes 1,000 writes a second, and a throttled index throttles its table. */
export const SHARDS = 4;

/** Returns the item of a record. `stamp`: when it was sent, in ms by the writer's clock; only the feed uses it. */
export const toItem = (record: StoredCommit, stamp: number, macs: Macs): Item => ({
  ...keyOf(record.stream, record.version),
  ...macOf(record, macs),
  bytes: { B: record.bytes },
  state: { S: record.state },
  stateVersion: { N: String(record.stateVersion) },
  attachments: {
    L: record.attachments.map(({ sha256, mediaType, bytes }) => ({
      M: { sha256: { S: sha256 }, mediaType: { S: mediaType }, bytes: { B: bytes } },
    })),
  },
  timeShard: { N: String(shardOf(record.stream)) },
  stamp: { N: String(stamp) },
});

/** Throws CorruptStore on any shape that toItem() does not make, so also on an item that the index of times does not have. */
const rowIn = (item: Item): Row => ({
  stream: indexed(item, text(item.pk, 'pk')),
  version: number(item.sk, 'sk'),
  bytes: binary(item.bytes, 'bytes'),
  state: text(item.state, 'state'),
  stateVersion: number(item.stateVersion, 'stateVersion'),
  attachments: (item.attachments?.L ?? malformed('attachments')).map(toAttachment),
  mac: item.macKey?.S === undefined || item.mac?.B === undefined ? undefined : { keyId: item.macKey.S, tag: item.mac.B },
});

/** Returns the record in an item. Throws CorruptStore. */
export const fromItem = (item: Item, macs: Macs): StoredCommit => verifiedRecord(rowIn(item), macs);

/** Returns a new MAC for an item whose valid MAC was made by an older key. */
export const renewedItemMac = (item: Item, macs: Macs): Mac | undefined => renewedMac(() => rowIn(item), macs);

const macOf = (record: Parameters<typeof commitParts>[0], macs: Macs): Item => {
  const { keyId, tag } = macs.make(...commitParts(record));
  return { macKey: { S: keyId }, mac: { B: tag } };
};

export const keyOf = (stream: string, version: number): Item => ({ pk: { S: stream }, sk: { N: String(version) } });

const shardOf = (stream: string): number => createHash('sha256').update(stream).digest().readUInt8(0) % SHARDS;

const toAttachment = ({ M }: AttributeValue): Attachment => ({
  sha256: text(M?.sha256, 'sha256'),
  mediaType: text(M?.mediaType, 'mediaType'),
  bytes: binary(M?.bytes, 'attachment'),
});

const indexed = ({ timeShard, stamp }: Item, stream: string): string =>
  number(timeShard, 'timeShard') === shardOf(stream) && number(stamp, 'stamp') >= 0 ? stream : malformed('place in the index');

const text = (value: AttributeValue | undefined, name: string): string => value?.S ?? malformed(name);
const binary = (value: AttributeValue | undefined, name: string): Uint8Array => value?.B ?? malformed(name);
const number = (value: AttributeValue | undefined, name: string): number => {
  const found = Number(value?.N ?? malformed(name));
  return Number.isSafeInteger(found) ? found : malformed(name);
};

const malformed = (name: string): never => {
  throw new CorruptStore(`item without a proper ${name}`);
};
