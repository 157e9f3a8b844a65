import { join } from 'node:path';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import { openSqliteStore } from '../../../functions/platform/store/sqlite/sqliteStore.ts';
import { COMMITS, clientAt, createTables } from '../../contract/dynamoTables.ts';
import { startDynoxide } from '../../support/dynoxide.ts';
import { testMacs } from '../../support/macs.ts';
import { makeFolder } from '../folder.ts';
import { castore } from '../peers/castore.ts';
import { emmett } from '../peers/emmett.ts';
import { equinox } from '../peers/equinox.ts';
import { gateCounting } from '../peers/gate.ts';
import { type Counting, INSTALL } from '../peers/peer.ts';
import { compare, spreadOf } from '../rounds.ts';
import type { Measured, Result, Scale } from './result.ts';

const HISTORIES = [10, 1_000, 10_000] as const;
const QUICK_HISTORIES = [10, 1_000] as const;
/** Commands of a round, whose median counts; fewer where a peer reads megabytes for each. */
const paceOf = (length: number) => (length < 10_000 ? { rounds: 5, commands: 10 } : { rounds: 3, commands: 3 });

/** A stream of one side: how many events it holds. */
interface Grown {
  readonly side: Counting;
  readonly stream: string;
  count: number;
}

const next = async (grown: Grown): Promise<void> => {
  await grown.side.command(grown.stream, grown.count);
  grown.count += 1;
};

const commandsASecond = (grown: Grown, commands: number) => async (): Promise<number> => {
  const took: number[] = [];
  for (let n = 0; n < commands; n += 1) {
    const started = performance.now();
    await next(grown);
    took.push(performance.now() - started);
  }
  return 1_000 / spreadOf(took).median;
};

const comparedAt = async (ours: Counting, peer: Counting, length: number) => {
  const stream = `history-${length}`;
  for (const side of [ours, peer]) await side.fill(stream, length);
  const grown = (side: Counting): Grown => ({ side, stream, count: length });
  const { rounds, commands } = paceOf(length);
  return compare(rounds, commandsASecond(grown(ours), commands), commandsASecond(grown(peer), commands));
};

/** One comparison: an engine of its own, the gate's store and the peer on it. The peer is undefined if it is not installed. */
interface Pair {
  readonly peerName: string;
  readonly open: () => Promise<{
    readonly ours: Counting;
    readonly peer: Counting | undefined;
    readonly close: () => Promise<void>;
  }>;
}

const onDynamo = (peerName: string, open: (client: DynamoDBClient, endpoint: string) => Promise<Counting | undefined>): Pair => ({
  peerName,
  open: async () => {
    const engine = await startDynoxide('memory');
    const client = clientAt(engine.endpoint);
    await createTables(client);
    const ours = gateCounting(openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs }));
    const close = async (): Promise<void> => {
      client.destroy();
      await engine.stop();
    };
    return { ours, peer: await open(client, engine.endpoint), close };
  },
});

const onSqlite = (peerName: string, open: (file: string) => Promise<Counting | undefined>): Pair => ({
  peerName,
  open: async () => {
    const path = makeFolder();
    const ours = gateCounting(openSqliteStore(join(path, 'gate.db'), testMacs));
    return { ours, peer: await open(join(path, 'peer.db')), close: async () => undefined };
  },
});

const PAIRS: readonly Pair[] = [
  onDynamo('@castore/event-storage-adapter-dynamodb', castore),
  onDynamo('@equinox-js/dynamo-store, snapshots', equinox),
  onSqlite('@event-driven-io/emmett-sqlite', emmett),
];

/** Compares a peer with the gate's store on the same engine, at each history. */
const resultsOf = async (
  peerName: string,
  ours: Counting,
  peer: Counting,
  histories: readonly number[],
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  for (const length of histories) {
    process.stderr.write(`  ${peerName}, ${length} events …\n`);
    const name = `a command on a history of ${length.toLocaleString('en-US')} events`;
    results.push({ name, peerName, unit: 'commands/s', aim: 1, ...(await comparedAt(ours, peer, length)) });
  }
  return results;
};

/** Measures a command, read and append, on streams of growing histories, against event stores of others. Those not installed are named. */
export const peers = async ({ quick }: Scale): Promise<Measured> => {
  const results: Result[] = [];
  const missing: string[] = [];
  for (const { peerName, open } of PAIRS) {
    const { ours, peer, close } = await open();
    try {
      if (peer === undefined) missing.push(peerName);
      else results.push(...(await resultsOf(peerName, ours, peer, quick ? QUICK_HISTORIES : HISTORIES)));
      await peer?.close();
    } finally {
      await ours.close();
      await close();
    }
  }
  const notes = missing.map((name) => `Left out, since it is not installed: ${name}. To install it: \`${INSTALL}\`.`);
  return { results, notes };
};
