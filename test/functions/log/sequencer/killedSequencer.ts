import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { fileMemory, JUDGED_PATH, SequencerJudge } from '../../../../functions/log/sequencer/judge.ts';
import { SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../../../functions/log/sequencer/signer.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { macsUnder } from '../../../../functions/platform/store/mac.ts';
import { StreamQueue } from '../../../../functions/platform/store/queue.ts';
import { openSqliteSideStore } from '../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { testCommitKey, testGuard, testMacs } from '../../../support/macs.ts';

// A sequencer on a data folder in a process of its own, which a test has killed at one point: `node killedSequencer.ts FOLDER ORIGIN AT POINT`.

const [folder = '', origin = '', at = '', point = 'never'] = process.argv.slice(2);

const killedAt = (reached: string): void => {
  if (reached === point) process.kill(process.pid, 'SIGKILL');
};

const store = openSqliteStore(join(folder, 'aldergate.db'), testMacs);
const sideStore = openSqliteSideStore(join(folder, 'side.db'), testGuard);
const files = folderBlobs(join(folder, 'log'));
const blobs: typeof files = {
  ...files,
  replace: async (path, bytes, known) => {
    const replaced = await files.replace(path, bytes, known);
    if (path === JUDGED_PATH) killedAt('saved');
    return replaced;
  },
};
await sequence({
  ...SOLE_WRITER,
  store: {
    ...store,
    append: async (record) => {
      if (record.stream === LOG_STREAM) killedAt('judged');
      const outcome = await store.append(record);
      if (record.stream === LOG_STREAM) killedAt('signed');
      return outcome;
    },
  },
  sideStore,
  blobs,
  judge: new SequencerJudge(fileMemory(blobs, macsUnder([testCommitKey], 'judged'))),
  signer: logSigner(readFileSync(join(folder, 'log-key.pem'), 'utf8'), origin),
  clock: () => at,
  newId: randomUUID,
  queue: new StreamQueue(),
  logger: () => undefined,
});
await store.close();
await sideStore.close();
