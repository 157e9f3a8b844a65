import type { DatabaseSync } from 'node:sqlite';
import { commitParts, macsUnder } from '../../functions/platform/store/mac.ts';
import type { RecordGuard } from '../../functions/platform/store/sideStore.ts';

/** The key of every store that tests make, whichever process opens it. */
export const testCommitKey = Buffer.alloc(32, 'aldergate test ');
export const testMacs = macsUnder([testCommitKey], 'commits');

/** MACs of a forger, who has everything except the key. */
export const forgedMacs = macsUnder([Buffer.alloc(32, 'of a forger')], 'commits');

/** The guard of every side store that tests make. */
export const testGuard: RecordGuard = { macs: macsUnder([testCommitKey], 'records'), altered: () => undefined };

export const forgedGuard: RecordGuard = {
  macs: macsUnder([Buffer.alloc(32, 'of a forger')], 'records'),
  altered: () => undefined,
};

type MacColumns = readonly [macKey: string, mac: Uint8Array];

/** Returns the columns of a valid MAC for a row, as written with the key. */
export const macColumns = (row: Parameters<typeof commitParts>[0], macs = testMacs): MacColumns => {
  const { keyId, tag } = macs.make(...commitParts(row));
  return [keyId, tag];
};

/** Gives a row of the SQLite file a MAC over its present contents. */
export const remac = (database: DatabaseSync, stream: string, version: number, macs = testMacs): void => {
  const row = database
    .prepare('SELECT bytes, state, state_version, attachments FROM commits WHERE stream = ? AND version = ?')
    .get(stream, version);
  if (row === undefined) throw new Error(`${stream}@${version} is not there`);
  const listed = JSON.parse((row.attachments as string | null) ?? '[]') as readonly (readonly [string, string, number])[];
  const columns = macColumns(
    {
      stream,
      version,
      bytes: row.bytes as Uint8Array,
      state: row.state as string,
      stateVersion: row.state_version as number,
      attachments: listed.map(([sha256, mediaType]) => ({ sha256, mediaType, bytes: new Uint8Array() })),
    },
    macs,
  );
  database.prepare('UPDATE commits SET mac_key = ?, mac = ? WHERE stream = ? AND version = ?').run(...columns, stream, version);
};
