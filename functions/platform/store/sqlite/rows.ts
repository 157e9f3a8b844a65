import type { DatabaseSync } from 'node:sqlite';
import { commitParts, type Mac, type Macs } from '../mac.ts';
import type { Row } from '../record.ts';
import { attachmentsIn } from './attachments.ts';
import { rowsBy } from './database.ts';

/** The columns of a commit, in the order in which rows are written. */
export const COLUMNS = 'stream, version, bytes, state, state_version, mac_key, mac, attachments, attached';
const RENEWED_AT_ONCE = 500;
/** The lowest number of a row. */
export const SEQ_MIN = -(2n ** 63n);

/** Gives every row whose valid MAC an earlier key made a new one. Returns their number. */
export const renewRowMacs = (database: DatabaseSync, macs: Macs): number => {
  const above = rowsBy(database, `SELECT seq, ${COLUMNS} FROM commits WHERE seq > ? ORDER BY seq LIMIT ?`);
  const replaceMac = database.prepare('UPDATE commits SET mac_key = ?, mac = ? WHERE seq = ?');
  let renewed = 0;
  let last = SEQ_MIN;
  for (let page = above.all(last, RENEWED_AT_ONCE); page.length > 0; page = above.all(last, RENEWED_AT_ONCE)) {
    for (const found of page) {
      last = found.seq as bigint;
      const row = toRow({ ...found, attachments: null, attached: null });
      if (macs.isCurrent(row.mac) || macs.problem(row.mac, ...commitParts(row)) !== undefined) continue;
      const { keyId, tag } = macs.make(...commitParts(row));
      replaceMac.run(keyId, tag, last);
      renewed += 1;
    }
  }
  return renewed;
};

/** Returns a row for verification. STRICT tables enforce the types of columns, so only the values remain to be verified. */
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
