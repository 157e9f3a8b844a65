// A process of its own that appends so many commits to a stream and says which were acknowledged: one line "version entry" each.
import { randomUUID } from 'node:crypto';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn } from '../../../../contract/underTest.ts';
import { testMacs } from '../../../../support/macs.ts';

const [path = '', stream = '', count] = process.argv.slice(2);
const ports = portsOn(openSqliteStore(path, testMacs));
for (let index = 0; index < Number(count); index += 1) {
  const entry = randomUUID();
  const answer = await submit(ports, ledger, enter(stream, [entry]));
  if (answer.ok) process.stdout.write(`${answer.version} ${entry}\n`);
}
