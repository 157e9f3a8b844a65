// A process of its own that appends until it is killed and says which commits were acknowledged: one line "stream version id" each.
import { randomUUID } from 'node:crypto';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn } from '../../../../contract/underTest.ts';
import { testMacs } from '../../../../support/macs.ts';

const [path = '', prefix = '', streams = '4', count = 'Infinity'] = process.argv.slice(2);
const ports = portsOn(openSqliteStore(path, testMacs));

const write = async (stream: string): Promise<void> => {
  for (let index = 0; index < Number(count); index += 1) {
    // The ledger's state would grow without end; a stream is left before it is full.
    const name = `${stream}/${Math.floor(index / 200)}`;
    const entry = randomUUID();
    const answer = await submit(ports, ledger, enter(name, [entry]));
    if (answer.ok) process.stdout.write(`${name} ${answer.version} ${entry}\n`);
  }
};

await Promise.all(Array.from({ length: Number(streams) }, (_, index) => write(`${prefix}${index}`)));
