// A process of its own that, once it is told to on its standard input, opens and closes as many new files as there are paths.
import { once } from 'node:events';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { testMacs } from '../../../../support/macs.ts';

process.stdout.write('ready');
await once(process.stdin, 'data');
for (const path of process.argv.slice(2)) await openSqliteStore(path, testMacs).close();
process.exit(0);
