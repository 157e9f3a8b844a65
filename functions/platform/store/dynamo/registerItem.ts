// Storage format: one item for each document of the register, and one for each vendor that has any.
import { createHash, randomInt, randomUUID } from 'node:crypto';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { assertSideStoreKey, encodeSideValue, macOfRecord, REGISTER_KIND, type RecordGuard, type SideRow } from '../sideStore.ts';
import { type Item, SHARDS } from './item.ts';

/** The attributes by which a document is found. `moment`: the next at which time changes something; null for none. */
export interface RegisterAttributes {
  readonly status: string;
  readonly moment: string | null;
  readonly isWaiting: boolean;
}

/** What makes items of documents. `now`: the wall clock in ms. */
export interface RegisterWriter {
  readonly guard: RecordGuard;
  readonly now: () => number;
  readonly attributesOf: (key: string, value: JsonValue) => RegisterAttributes;
}

/** The partition that lists the vendors; no vendor has this name. */
export const VENDORS = '#vendors';
const VENDOR_KIND = 'register-vendor';

const shardOf = (key: string): number => createHash('sha256').update(key).digest().readUInt8(0) % SHARDS;

/** Returns the key of a document's item. */
export const itemKey = (key: string): Item => {
  assertSideStoreKey(REGISTER_KIND, key);
  return { pk: { S: vendorOf(key) }, sk: { S: key } };
};

/** Returns the record in an item of the register's table. An item of another shape gives a row that no MAC fits. */
export const registerRowIn = ({ pk, sk, value, macKey, mac }: Item): SideRow => ({
  kind: pk?.S === VENDORS ? VENDOR_KIND : REGISTER_KIND,
  id: sk?.S ?? '',
  value: value?.S ?? '',
  mac: macKey?.S === undefined || mac?.B === undefined ? undefined : { keyId: macKey.S, tag: mac.B },
});

const macOf = (guard: RecordGuard, kind: string, id: string, text: string): Item => {
  const { keyId, tag } = macOfRecord(guard, kind, id, text);
  return { value: { S: text }, writer: { S: randomUUID() }, macKey: { S: keyId }, mac: { B: tag } };
};

/** Returns the item of a document. */
export const documentItem = ({ guard, now, attributesOf }: RegisterWriter, key: string, value: JsonValue): Item => {
  const { status, moment, isWaiting } = attributesOf(key, value);
  const shard = shardOf(key);
  return {
    ...itemKey(key),
    ...macOf(guard, REGISTER_KIND, key, encodeSideValue(value)),
    docShard: { N: String(shard) },
    // The fraction, at random, distinguishes two writes in one millisecond.
    changedAt: { N: String(now() + randomInt(1_000) / 1_000) },
    statusShard: { S: `${shard}/${status}` },
    ...(moment !== null && { nextMoment: { S: moment } }),
    ...(isWaiting && { waitingShard: { N: String(shard) } }),
  };
};

/** Returns the item that lists a vendor. */
export const vendorItem = (guard: RecordGuard, vendor: string): Item => ({
  pk: { S: VENDORS },
  sk: { S: vendor },
  ...macOf(guard, VENDOR_KIND, vendor, 'true'),
});
