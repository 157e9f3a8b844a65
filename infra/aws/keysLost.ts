import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { parseVerifierKey } from '../../domain/log/verifierKey.ts';
import { recordedVerifierKey } from '../../functions/handlers/runtime/publicLog.ts';
import { recordKeysLost } from '../../functions/log/sequencer/logbook.ts';
import { messageOf } from '../../functions/platform/logging.ts';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import { progressOn } from '../cli/progress.ts';
import { readLostLog } from '../cli/verify/lostLog.ts';
import { operatorTables } from './operatorTables.ts';

const USAGE = 'usage: node infra/aws/keysLost.ts URL|FOLDER --key VKEY --commits TABLE --side TABLE --commit-secret SECRET';

/** Records in the tables of a new stage that the keys of the installation with that log were lost. Exit code 1 if it is refused. */
const run = async (): Promise<number> => {
  const text = { type: 'string' } as const;
  const options = { key: text, commits: text, side: text, 'commit-secret': text };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const { key, commits, side, 'commit-secret': secret } = values;
  const [where] = positionals;
  if (where === undefined || key === undefined || commits === undefined || side === undefined || secret === undefined) {
    console.error(USAGE);
    return 2;
  }
  const memory = mkdtempSync(join(tmpdir(), 'aldergate-lost-'));
  const tables = await operatorTables(secret);
  try {
    const own = await recordedVerifierKey(tables.sideStoreIn(side));
    if (own === undefined) throw new Error('the sequencer of this stage has not recorded its key yet, wait a minute');
    const verifier = parseVerifierKey(key.trim());
    const trusted = { origin: verifier.name, keys: [verifier] };
    const lost = await readLostLog(where, trusted, join(memory, 'seen.json'), progressOn(process.stderr, 'verify'));
    if (lost.key === own) throw new Error('this stage has the keys of that log: nothing is lost');
    const ports = {
      store: tables.storeIn(commits),
      clock: () => new Date().toISOString(),
      newId: randomUUID,
      queue: new StreamQueue(),
    };
    const recorded = await recordKeysLost(ports, parseVerifierKey(own).name, lost);
    if (!recorded.ok) throw new Error(recorded.detail);
    console.log(`recorded at ${recorded.at}: the keys of ${lost.origin} were lost, with ${lost.size} commits`);
    return 0;
  } catch (error) {
    console.error(`not recorded: ${messageOf(error)}`);
    return 1;
  } finally {
    tables.close();
    rmSync(memory, { recursive: true });
  }
};

process.exitCode = await run();
