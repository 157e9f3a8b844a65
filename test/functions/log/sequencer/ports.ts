import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import type { JsonObject } from '../../../../domain/kernel/json.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { logAggregate } from '../../../../functions/gate/aggregates.ts';
import type { LogOrder } from '../../../../functions/log/sequencer/judge.ts';
import { logSigner, type SequencerPorts, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import { commitsAbove, eventsOf } from '../../../../functions/platform/store/load.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import type { LoggedEnd } from '../../../../functions/platform/store/record.ts';
import { newRecord } from '../../../../functions/platform/store/record.ts';
import { openSqliteSideStore } from '../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { StreamQueue } from '../../../../functions/platform/store/submit.ts';
import { folderUntil } from '../../../support/folders.ts';
import { testGuard, testMacs } from '../../../support/macs.ts';
import { atEndOfTest } from '../../../support/shared.ts';

export const ORIGIN = 'city.example/log';
const newKey = () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
export const PRIVATE_KEY = newKey();

export const newSigner = () => logSigner(newKey(), ORIGIN);

export const NO_MEMORY = { load: async () => undefined, save: async () => 0 };

/** Takes every commit in the order given, for tests of the log whose events are of no importance. Reads from the log what is in it. */
export const acceptAll = (): LogOrder => {
  const ends = new Map<string, LoggedEnd>();
  let known = 0;
  let judged: readonly StoredCommit[] = [];
  const reset = () => {
    ends.clear();
    known = 0;
  };
  const learn = ({ stream, version, bytes }: StoredCommit) => void ends.set(stream, { version, hash: hashOf(bytes) });
  return {
    get learnedUpTo() {
      return known;
    },
    stopped: [],
    ends,
    catchUp: async (store, version) => {
      if (version < known) reset();
      for await (const commit of commitsAbove(store, LOG_STREAM, known)) {
        if (commit.version > version) break;
        for (const { runs } of eventsOf(logAggregate, commit))
          for (const { stream, to } of runs)
            for (const last of await store.history(stream, { after: to - 1, upTo: to, limit: 1 })) learn(last);
      }
      known = version;
    },
    endOf: (stream) => ends.get(stream) ?? { version: 0, hash: null },
    compare: async () => [],
    markCompared: async () => undefined,
    judge: (commits) => {
      judged = commits;
      return { commits, refused: [], stopped: [] };
    },
    advanceTo: (version) => {
      for (const commit of judged) learn(commit);
      known = version;
    },
    reset,
    remember: async () => undefined,
  };
};

export interface Bench extends SequencerPorts {
  readonly folder: string;
  readonly database: string;
  readonly logged: readonly LogEntry[];
  /** Appends the next commits of a stream, from outside the sequencer. */
  readonly write: (stream: string, count?: number) => Promise<void>;
}

/** The next commit of a stream; without `events` its event is of no importance to the log. */
export const nextCommit = (
  stream: string,
  before: StoredCommit | undefined,
  events: readonly JsonObject[] = [{ type: 'Tested', v: 1 }],
): StoredCommit =>
  newRecord(
    {
      stream,
      version: (before?.version ?? 0) + 1,
      id: randomUUID(),
      commandId: randomUUID(),
      at: '2026-03-02T12:00:00.000Z',
      actor: 'operator',
      prev: before === undefined ? null : hashOf(before.bytes),
      events,
    },
    { state: '{}', stateVersion: 1, attachments: [] },
  );

export const writeTo = async (store: Store, stream: string, count = 1): Promise<void> => {
  let head = await store.head(stream);
  const records = Array.from({ length: count }, () => {
    head = nextCommit(stream, head);
    return head;
  });
  // In one turn: the adapter keeps the order and shares its fsync.
  await Promise.all(records.map((record) => store.append([record])));
};

/** A sequencer's surroundings on a data folder of its own, gone at the end. */
export const bench = (own?: string, atEnd = atEndOfTest): Bench => {
  const data = own ?? folderUntil('sequencer', atEnd);
  const database = join(data, 'aldergate.db');
  const store = openSqliteStore(database, testMacs);
  const sideStore = openSqliteSideStore(join(data, 'side.db'), testGuard);
  const folder = join(data, 'log');
  const logged: LogEntry[] = [];
  atEnd(async () => {
    await store.close();
    await sideStore.close();
  });
  return {
    store,
    sideStore,
    folder,
    database,
    blobs: folderBlobs(folder),
    ...SOLE_WRITER,
    judge: acceptAll(),
    signer: logSigner(PRIVATE_KEY, ORIGIN),
    clock: () => '2026-03-02T12:00:00.000Z',
    newId: randomUUID,
    queue: new StreamQueue(),
    logger: (entry) => void logged.push(entry),
    logged,
    write: (stream, count) => writeTo(store, stream, count),
  };
};
