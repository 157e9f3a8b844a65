// A process of its own that commits to a file and acknowledges each commit: it writes its number into another file.
import { openSync, writeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const [path = '', acknowledged = '', commits = '0'] = process.argv.slice(2);

/** What else happens to a file while the gate has it open; a switch of the journal is refused then. */
const UPKEEP = [
  'PRAGMA wal_checkpoint(TRUNCATE)',
  'PRAGMA wal_checkpoint(RESTART)',
  'PRAGMA wal_checkpoint(PASSIVE)',
  'BEGIN IMMEDIATE; UPDATE facts SET n = -1; ROLLBACK',
  'PRAGMA journal_mode = DELETE',
  'VACUUM',
];

const database = new DatabaseSync(path, { timeout: 3_000 });
database.exec('PRAGMA synchronous = NORMAL; PRAGMA cache_size = 4');
const commit = database.prepare("UPDATE facts SET n = ? WHERE name = 'theirs'");
const file = openSync(acknowledged, 'r+');
const pause = new Int32Array(new SharedArrayBuffer(4));

for (let n = 1; n <= Number(commits); n += 1) {
  commit.run(n);
  writeSync(file, Uint32Array.of(n), 0, 4, 0);
  if (n % 3 === 0) Atomics.wait(pause, 0, 0, n % 7 === 0 ? 1 : 0.1);
  if (n % 50 === 0) {
    try {
      database.exec(UPKEEP[(n / 50) % UPKEEP.length] ?? '');
    } catch {
      // The gate reads: busy.
    }
  }
}
database.close();
