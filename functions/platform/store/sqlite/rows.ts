import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import { parseStrict } from '../../../../domain/kernel/json.ts';
import { CorruptStore } from '../errors.ts';
import type { Mac, Macs } from '../mac.ts';
import type { Attachment } from '../port.ts';
import { type Row, renewedMac } from '../record.ts';
import { rowsBy } from './database.ts';

// Storage format: two columns of a commit's row. A list, [sha256, media type, number of bytes] for each, and the bytes in that order.

const List = z.array(z.tuple([z.string(), z.string(), z.int().min(0)])).min(1);

const encoder = new TextEncoder();

/** Returns the two columns of a commit's attachments; both are null without any. */
export const columnsOf = (attachments: readonly Attachment[]): readonly [string | null, Uint8Array | null] =>
  attachments.length === 0
    ? [null, null]
    : [
        JSON.stringify(attachments.map(({ sha256, mediaType, bytes }) => [sha256, mediaType, bytes.length])),
        Buffer.concat(attachments.map(({ bytes }) => bytes)),
      ];

/** Returns the attachments in two columns, which are attacker-controlled. Throws CorruptStore; the caller compares the digests. */
export const attachmentsIn = (list: string | null, attached: Uint8Array | null): readonly Attachment[] => {
  if (list === null && attached === null) return [];
  const parsed = list === null ? undefined : parseStrict(encoder.encode(list));
  const entries = parsed?.ok ? List.safeParse(parsed.value).data : undefined;
  if (entries === undefined || attached === null) throw new CorruptStore('the attachments of a commit cannot be read');
  let end = 0;
  const attachments = entries.map(([sha256, mediaType, length]): Attachment => {
    const begin = end;
    end += length;
    return { sha256, mediaType, bytes: attached.subarray(begin, end) };
  });
  if (end !== attached.length) throw new CorruptStore('the attachments of a commit are longer or shorter than their list');
  return attachments;
};

/** The columns of a commit, in the order in which rows are written. */
export const COLUMNS = 'stream, version, bytes, state, state_version, mac_key, mac, attachments, attached';
const RENEWED_AT_ONCE = 500;
const SEQ_MIN = -(2n ** 63n);

/** Gives every row whose valid MAC an earlier key made a new one. Returns their number. */
export const renewRowMacs = (database: DatabaseSync, macs: Macs): number => {
  const above = rowsBy(database, `SELECT seq, ${COLUMNS} FROM commits WHERE seq > ? ORDER BY seq LIMIT ?`);
  const replaceMac = database.prepare('UPDATE commits SET mac_key = ?, mac = ? WHERE seq = ?');
  let renewed = 0;
  let last = SEQ_MIN;
  for (let page = above.all(last, RENEWED_AT_ONCE); page.length > 0; page = above.all(last, RENEWED_AT_ONCE)) {
    for (const found of page) {
      last = found.seq as bigint;
      const fresh = renewedMac(() => toRow(found), macs);
      if (fresh === undefined) continue;
      replaceMac.run(fresh.keyId, fresh.tag, last);
      renewed += 1;
    }
  }
  return renewed;
};

/** STRICT tables enforce the types of columns; the values remain to be verified. */
export const toRow = (row: Record<string, unknown>): Row => ({
  stream: row.stream as string,
  version: Number(row.version),
  bytes: row.bytes as Uint8Array,
  state: row.state as string,
  stateVersion: Number(row.state_version),
  mac: toMac(row.mac_key as string | null, row.mac as Uint8Array | null),
  attachments: attachmentsIn(row.attachments as string | null, row.attached as Uint8Array | null),
});

const toMac = (keyId: string | null, tag: Uint8Array | null): Mac | undefined =>
  keyId === null || tag === null ? undefined : { keyId, tag };
