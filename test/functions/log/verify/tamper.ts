import { DatabaseSync } from 'node:sqlite';
import { canonical } from '../../../../domain/kernel/canonical.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { remac } from '../../../support/macs.ts';

/** Changes the SQLite file behind the gateway's back, as an operator could. */
export const tamper = (path: string, work: (database: DatabaseSync) => void): void => {
  const database = new DatabaseSync(path);
  work(database);
  database.close();
};

/** Writes other bytes in a commit's place, well formed, in canonical form and with a valid MAC: the operator has the key. */
export const overwrite = (path: string, stream: string, version: number, edit: (commit: JsonObject) => JsonObject): void =>
  tamper(path, (database) => {
    const row = database.prepare('SELECT bytes FROM commits WHERE stream = ? AND version = ?').get(stream, version);
    const commit = JSON.parse(Buffer.from(row?.bytes as Uint8Array).toString()) as JsonObject;
    const bytes = Buffer.from(canonical(edit(commit)));
    database.prepare('UPDATE commits SET bytes = ? WHERE stream = ? AND version = ?').run(bytes, stream, version);
    remac(database, stream, version);
  });
