import { createReadStream, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { checkRows } from '../../functions/gate/checkRows.ts';
import { UNNAMED_CITY } from '../../functions/gate/city.ts';
import { stateOf } from '../../functions/gate/stateOf.ts';
import { LOG_FOLDER } from '../../functions/handlers/runtime/publicLog.ts';
import { isInLog } from '../../functions/log/held.ts';
import { recovered } from '../../functions/log/recovered.ts';
import { UnorderedJudge } from '../../functions/log/unorderedJudge.ts';
import { s3Blobs } from '../../functions/platform/blobs/s3Blobs.ts';
import { inProcessBus } from '../../functions/platform/bus/inProcessBus.ts';
import { skipTo, type WalkedFeed } from '../../functions/platform/feed/sweep.ts';
import { clearAltered } from '../../functions/platform/health.ts';
import { jsonLogger } from '../../functions/platform/logging.ts';
import { SILENT_MAILER } from '../../functions/platform/mail/port.ts';
import { exportArchive } from '../../functions/platform/store/archive/exportArchive.ts';
import { importArchive } from '../../functions/platform/store/archive/importArchive.ts';
import { writeArchive } from '../../functions/platform/store/archive/writeArchive.ts';
import { KeptRecords } from '../../functions/platform/store/keptRecords.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import { notifier } from '../../functions/reactions/notify/notify.ts';
import { relay } from '../../functions/reactions/relay/relay.ts';
import type { ProjectorPorts } from '../../functions/register/project.ts';
import { rebuild, refold } from '../../functions/register/rebuild.ts';
import { storedIndex } from '../../functions/register/storedIndex.ts';
import { type OperatorTables, operatorTables } from './operatorTables.ts';

const USAGE = `usage: node infra/aws/archive.ts export FILE --commits TABLE --commit-secret SECRET [--side TABLE --log BUCKET]
       node infra/aws/archive.ts import FILE --commits TABLE --commit-secret SECRET --side TABLE --register TABLE [--private FILE]
       node infra/aws/archive.ts renew-macs --commits TABLE --commit-secret SECRET --side TABLE --register TABLE
       node infra/aws/archive.ts check --commits TABLE --commit-secret SECRET --side TABLE --register TABLE
       node infra/aws/archive.ts rebuild --commits TABLE --commit-secret SECRET --side TABLE --register TABLE`;

/** The file that `aldergate export --private` writes beside an archive. Its keys belong into secrets and not into a table. */
const PrivateFile = z.looseObject({ sideStore: z.array(z.strictObject({ kind: z.string(), id: z.string(), value: z.json() })) });

const clock = (): string => new Date().toISOString();
const logger = jsonLogger(clock, (line) => void process.stderr.write(line));

async function* lined(lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) yield `${line}\n`;
}

/** Moves all consumers past the imported commits, which were mailed and published where they came from. */
const skipAll = async (ports: ProjectorPorts, walked: WalkedFeed): Promise<void> => {
  const silent = {
    register: storedIndex(ports),
    ...ports,
    clock,
    logger,
    mailer: SILENT_MAILER,
    linkKey: new Uint8Array(),
    url: 'https://nowhere.invalid',
    zone: 'UTC',
    city: { name: UNNAMED_CITY, contact: undefined },
    itMail: undefined,
    isReleased: isInLog(ports.sideStore),
  };
  for (const consumer of [notifier(silent), relay(inProcessBus([], logger))]) await skipTo(ports.sideStore, consumer, walked);
};

const refused = (detail: string): number => {
  console.error(`not imported: ${detail}`);
  return 1;
};

const importInto = async (file: string, ports: ProjectorPorts, privateFile: string | undefined): Promise<number> => {
  // Opened at the first read: lines that arrive before a reader waits for them are lost.
  const open = async function* (): AsyncGenerator<string> {
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  };
  const kept = new KeptRecords();
  const imported = await importArchive(ports.store, open, stateOf, new UnorderedJudge(), kept);
  if (!imported.ok) return refused(imported.rejection.detail);
  const walked: WalkedFeed = { newest: kept.newest, cursor: await ports.store.feedEnd() };
  await skipAll(ports, walked);
  if (privateFile !== undefined)
    for (const { kind, id, value } of PrivateFile.parse(JSON.parse(readFileSync(privateFile, 'utf8'))).sideStore)
      await ports.sideStore.put(kind, id, value);
  await refold({ ...ports, store: kept.over(ports.store) }, walked);
  console.log(`imported ${imported.commits} commits`);
  return 0;
};

/** Moves all commits between a table and an archive, with the permissions of the account. */
const run = async (): Promise<number> => {
  const options = {
    commits: { type: 'string' },
    'commit-secret': { type: 'string' },
    side: { type: 'string' },
    register: { type: 'string' },
    private: { type: 'string' },
    log: { type: 'string' },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const [what, file] = positionals;
  const { commits, 'commit-secret': secret, side: sideTable, register } = values;
  if (commits === undefined || secret === undefined) return misused();
  const tables = await operatorTables(secret);
  try {
    return await runOn(tables, { what, file, commits, sideTable, register, privateFile: values.private, bucket: values.log });
  } finally {
    tables.close();
  }
};

interface Task {
  readonly what: string | undefined;
  readonly file: string | undefined;
  readonly commits: string;
  readonly sideTable: string | undefined;
  readonly register: string | undefined;
  readonly privateFile: string | undefined;
  /** The bucket of the public log. */
  readonly bucket: string | undefined;
}

/** The tables of a task that needs all three. */
interface AllTables {
  readonly commits: string;
  readonly sideTable: string;
  readonly register: string;
}

/** Checks every row and record, and judges every commit; ends the alarms about those that were mended. */
const check = async (tables: OperatorTables, { commits, sideTable, register }: AllTables): Promise<number> => {
  const judge = new UnorderedJudge();
  const { rows, problems } = await checkRows(tables.storeIn(commits), (row) => judge.next(row));
  const refused = judge.refused();
  const records = [...(await tables.recordMacsIn(sideTable).altered()), ...(await tables.registerMacsIn(register).altered())];
  for (const { problem } of [...problems, ...refused]) console.log(problem);
  for (const { kind, id, problem } of records) console.log(`record ${kind}/${id}: ${problem}`);
  if (problems.length + refused.length + records.length > 0) return 1;
  await clearAltered(tables.sideStoreIn(sideTable));
  console.log(`${rows} commits and all records are as this gate wrote them, and may stand`);
  return 0;
};

const renew = async (tables: OperatorTables, { commits, sideTable, register }: AllTables): Promise<number> => {
  const rows = await tables.renewMacs(commits);
  const records = (await tables.recordMacsIn(sideTable).renewMacs()) + (await tables.registerMacsIn(register).renewMacs());
  console.log(`gave ${rows} commits and ${records} records a MAC by the newest key`);
  return 0;
};

/** Folds the register anew from the commits, as `aldergate rebuild` does. */
const rebuildIn = async (ports: ProjectorPorts): Promise<number> => {
  const { features, changes, differed, differences, unreadable, rows } = await rebuild(ports);
  for (const each of [...differences.map((id) => `differed: ${id}`), ...unreadable.map((key) => `unreadable: ${key}`), ...rows])
    console.log(each);
  console.log(`rebuilt ${features} features and ${changes} changes`);
  return differed || unreadable.length + rows.length > 0 ? 1 : 0;
};

/** The store to export: with the bucket of the public log, a row that fails is what was published of it. */
const sourceOf = (tables: OperatorTables, commits: string, sideTable: string | undefined, bucket: string | undefined): Store => {
  const store = tables.storeIn(commits);
  if (sideTable === undefined || bucket === undefined) return store;
  return recovered(store, { sideStore: tables.sideStoreIn(sideTable), blobs: s3Blobs(new S3Client({}), bucket, LOG_FOLDER) });
};

const runOn = async (tables: OperatorTables, task: Task): Promise<number> => {
  const { what, file, commits, sideTable, register, privateFile, bucket } = task;
  if (what === 'export' && file !== undefined) {
    const archive = exportArchive(sourceOf(tables, commits, sideTable, bucket), {
      leftOut: ({ problem }) => console.error(`left out, with all that follows it: ${problem}`),
      judge: new UnorderedJudge(),
    });
    await writeArchive(file, lined(archive));
    console.log(`exported to ${file}`);
    return 0;
  }
  if (sideTable === undefined || register === undefined) return misused();
  const ports = { store: tables.storeIn(commits), sideStore: tables.sideStoreIn(sideTable, register) };
  if (what === 'import' && file !== undefined) return importInto(file, ports, privateFile);
  if (what === 'rebuild') return rebuildIn(ports);
  if (what === 'renew-macs') return renew(tables, { commits, sideTable, register });
  return what === 'check' ? check(tables, { commits, sideTable, register }) : misused();
};

const misused = (): number => {
  console.error(USAGE);
  return 2;
};

process.exitCode = await run();
