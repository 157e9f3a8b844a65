import { createHash } from 'node:crypto';
import { createReadStream, readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { askForEveryone } from '../../functions/gate/links.ts';
import { readKey, readSecret } from '../../functions/handlers/runtime/secrets.ts';
import {
  assertNoOtherImport,
  clearImporting,
  FIRST_ACT,
  type ImportSource,
  markImporting,
  OtherImport,
  StageIsOpen,
  stageStanding,
  whileImporting,
} from '../../functions/handlers/runtime/stage.ts';
import {
  awaitLogged,
  type FileDraft,
  importLog,
  linesIn,
  linesOf,
  loggedCommits,
  type Trust,
  trustIn,
  unloggedVersions,
  writeArchive,
} from '../../functions/log/archive.ts';
import {
  AgeError,
  BadPrivatePart,
  type CopiedKeys,
  draftEncrypted,
  type MovedKeys,
  movedKeysOf,
  privateLinesIn,
  privatePart,
  readPrivatePart,
  writePrivatePart,
} from '../../functions/log/privatePart.ts';
import { checkStore } from '../../functions/log/verify/fsck.ts';
import { skipTo, type WalkedFeed, walkFeed } from '../../functions/platform/feed/consumers.ts';
import { clearAltered } from '../../functions/platform/health.ts';
import { underLease } from '../../functions/platform/lease.ts';
import { jsonLogger, messageOf } from '../../functions/platform/logging.ts';
import type { Store, StoredCommit } from '../../functions/platform/store/port.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import { NOTIFY } from '../../functions/reactions/notify/notify.ts';
import { RELAY } from '../../functions/reactions/relay/relay.ts';
import {
  DERIVED_CONSUMER,
  derivedProgress,
  refoldDerived,
  requestRefold,
  startFold,
} from '../../functions/register/derived/follow.ts';
import type { ProjectorPorts } from '../../functions/register/project.ts';
import { rebuild, refold } from '../../functions/register/rebuild.ts';
import { type OperatorTables, operatorProgram, withTables } from './operatorProgram.ts';
import { type RecordsOutputs, recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

const USAGE = `node infra/aws/archive.ts export FILE [--to RECIPIENT] [--logged]
       node infra/aws/archive.ts import FILE --expect CHECKPOINT --old-key VKEY [--private FILE --identity FILE [--keep-links]]
       node infra/aws/archive.ts renew-macs
       node infra/aws/archive.ts check
       node infra/aws/archive.ts rebuild
--to: also the private part, as FILE.private.age, encrypted to a recipient of age.
--commits TABLE, --side TABLE: in place of the stage's own, such as one that was restored to a point in time.`;

const LOGGED = { tries: 60, pauseMs: 1_000 };
const DIFFERENCES_MAX = 100;

const clock = (): string => new Date().toISOString();
const logger = jsonLogger(clock, (line) => void process.stderr.write(line));

const refused = (detail: string): number => {
  console.error(`not imported: ${detail}`);
  return 1;
};

/** `besides`: the private part and its keys. */
interface Source {
  readonly file: string;
  readonly trust: Trust;
  readonly besides: (PrivateImport & { readonly keys: CopiedKeys }) | undefined;
}

const fileDigest = async (file: string): Promise<string> => {
  const digest = createHash('sha256');
  for await (const part of createReadStream(file)) digest.update(part);
  return `sha256:${digest.digest('hex')}`;
};

const importSource = async ({ file, besides }: Source): Promise<ImportSource> => ({
  archive: await fileDigest(file),
  privatePart: besides === undefined ? null : await fileDigest(besides.file),
  keepLinks: besides?.keepLinks === true,
});

/** Keeps the stage closed until the last write: its functions write nothing and answer 503. */
const importInto = async (stage: RecordsOutputs, ports: ProjectorPorts, from: Source): Promise<number> => {
  const stagePorts = { ...ports, commits: ports.store };
  if ((await stageStanding(stagePorts)) === 'open') throw new StageIsOpen();
  const { file, trust, besides } = from;
  const source = await importSource(from);
  await assertNoOtherImport(ports.sideStore, source);
  const open = () => linesIn(createReadStream(file));
  const beforeWriting = () => markImporting(stagePorts, source);
  const fold = await startFold({ ...ports, clock, logger });
  const follow = (commits: readonly StoredCommit[]) => fold.take(...commits);
  const imported = await importLog(ports.store, open, trust, { now: clock(), beforeWriting, follow });
  if (!imported.ok) return refused(imported.code === 'not-empty' ? `${imported.detail}; ${FIRST_ACT}` : imported.detail);
  const walked: WalkedFeed = { newest: imported.newest, cursor: (await walkFeed(ports.store)).cursor };
  const closed = { ...ports, sideStore: whileImporting(ports.sideStore, source) };
  for (const consumer of [NOTIFY, RELAY]) await skipTo(closed.sideStore, consumer, walked);
  const records = besides && (await importPrivatePart({ ...closed, clock }, stage, besides));
  await refold(closed, walked);
  await refoldDerived({ ...closed, clock, logger }, fold);
  await skipTo(closed.sideStore, derivedProgress, walked);
  await clearImporting(ports.sideStore);
  console.log(`imported ${imported.commits} commits${records === undefined ? '' : ` and ${records} private records`}`);
  return 0;
};

/** Reads the whole private part before anything is written. */
const withKeys = async (besides: PrivateImport | undefined): Promise<Source['besides']> => {
  if (besides === undefined) return undefined;
  const { keys } = await readPrivatePart(privateLinesIn(besides.file, besides.identity));
  if (besides.keepLinks && keys.link === undefined)
    throw new BadPrivatePart(1, 'it has no key of links, as that of a daily copy: leave out --keep-links');
  return { ...besides, keys };
};

const REFUSALS = [BadPrivatePart, AgeError, OtherImport, StageIsOpen];

/** Prints why nothing was done: the private part is unusable, a key is invalid, or the stage does not accept an import. */
const refusing = async (what: 'exported' | 'imported', work: () => Promise<number>): Promise<number> => {
  try {
    return await work();
  } catch (error) {
    if (!REFUSALS.some((refusal) => error instanceof refusal)) throw error;
    console.error(`not ${what}: ${messageOf(error)}`);
    return 1;
  }
};

/**
 * Writes the log of a stage to a file and, with a `recipient`, its private part to another next to it. Both get their names once both
 * are complete. Returns exit code 1 if the log lacks an acknowledged commit, unless only logged commits were requested.
 */
const exportFrom = async (
  file: string,
  { store, sideStore }: OperatorTables,
  {
    isPartial,
    recipient,
    stage,
  }: { readonly isPartial: boolean; readonly recipient: string | undefined; readonly stage: RecordsOutputs },
): Promise<number> => {
  const outside = isPartial
    ? await unloggedVersions(store)
    : await awaitLogged(store, () => setTimeout(LOGGED.pauseMs), LOGGED.tries);
  for (const [stream, version] of outside) console.error(`not in the log: ${stream}@${version}`);
  if (!isPartial && outside.size > 0) return 1;
  const besides = async (to: string): Promise<FileDraft> => draftEncrypted(file, to, privatePart(sideStore, await keysIn(stage)));
  await writeArchive(file, linesOf(loggedCommits(store)), recipient === undefined ? undefined : () => besides(recipient));
  console.log(`exported to ${file}`);
  return 0;
};

const check = async ({ store, sideStore, recordMacs }: OperatorTables): Promise<number> => {
  const { rows, problems } = await checkStore(store);
  const records = (await Promise.all(recordMacs.map((macs) => macs.altered()))).flat();
  for (const { problem } of problems) console.log(problem);
  for (const { kind, id, problem } of records) console.log(`record ${kind}/${id}: ${problem}`);
  if (problems.length + records.length > 0) return 1;
  await clearAltered(sideStore);
  console.log(`${rows} commits and all records are as this gate wrote them, and may stand`);
  return 0;
};

const renew = async ({ renewMacs, recordMacs }: OperatorTables): Promise<number> => {
  const rows = await renewMacs();
  const records = await Promise.all(recordMacs.map((macs) => macs.renewMacs()));
  console.log(`gave ${rows} commits and ${records.reduce((sum, each) => sum + each, 0)} records a MAC by the newest key`);
  return 0;
};

/**
 * Rebuilds what is derived from the log under its lease, and returns what differed. While `derived` holds the lease, it rebuilds at its
 * next run instead.
 */
const rebuildDerived = async (ports: ProjectorPorts): Promise<readonly string[]> => {
  const alone = { sideStore: ports.sideStore, wallMs: Date.now };
  const refolded = await underLease(alone, DERIVED_CONSUMER, () => refoldDerived({ ...ports, clock, logger }));
  if (refolded !== undefined) return refolded.differing.slice(0, DIFFERENCES_MAX);
  await requestRefold(ports.sideStore);
  console.log('the function `derived` makes anew what is derived from the log');
  return [];
};

const rebuildIn = async (ports: ProjectorPorts): Promise<number> => {
  const { features, changes, differed, differences, unreadable, rows } = await rebuild(ports);
  const derived = await rebuildDerived(ports);
  const different = [...differences, ...derived].map((id) => `differed: ${id}`);
  for (const each of [...different, ...unreadable.map((key) => `unreadable: ${key}`), ...rows]) console.log(each);
  console.log(`rebuilt ${features} features and ${changes} changes`);
  return differed || derived.length + unreadable.length + rows.length > 0 ? 1 : 0;
};

const OPTIONS = {
  ...STAGE_OPTIONS,
  commits: { type: 'string' },
  side: { type: 'string' },
  to: { type: 'string' },
  private: { type: 'string' },
  identity: { type: 'string' },
  'keep-links': { type: 'boolean', default: false },
  expect: { type: 'string' },
  'old-key': { type: 'string' },
  logged: { type: 'boolean', default: false },
} as const;

type KeySecrets = Pick<RecordsOutputs, 'LinkSecret' | 'TextSecret' | 'RosterSecret'>;

const keysIn = async ({ LinkSecret, TextSecret, RosterSecret }: KeySecrets): Promise<MovedKeys> => {
  const [linkKey, textKey, rosterSalt] = await Promise.all([readKey(LinkSecret), readKey(TextSecret), readKey(RosterSecret)]);
  return movedKeysOf({ linkKey, textKey, rosterSalt });
};

const SEEN = { tries: 30, pauseMs: 1_000 };

/** Puts a value into a secret and waits until reads return it, because a function reads it once. */
const put = async (client: SecretsManagerClient, SecretId: string, value: string): Promise<void> => {
  if ((await readSecret(SecretId)) === value) return;
  await client.send(new PutSecretValueCommand({ SecretId, SecretString: value }));
  for (let left = SEEN.tries; (await readSecret(SecretId)) !== value; left -= 1) {
    if (left === 0) throw new Error(`the secret ${SecretId} does not show the value that was put into it: run the import again`);
    await setTimeout(SEEN.pauseMs);
  }
};

/** A private part to import. `keepLinks`: also import the key of its links, so that links in earlier mails keep working. */
interface PrivateImport {
  readonly file: string;
  readonly identity: string | undefined;
  readonly keepLinks: boolean;
}

/**
 * Imports a private part into a closed stage: its keys into the secrets, then its records. Without the key of its links, everyone
 * is mailed new links once the stage is open. Returns the number of records in the part.
 */
const importPrivatePart = async (
  ports: { readonly store: Store; readonly sideStore: SideStore; readonly clock: () => string },
  secrets: KeySecrets,
  { file, identity, keepLinks, keys: { link, text, roster } }: PrivateImport & { readonly keys: CopiedKeys },
): Promise<number> => {
  const client = new SecretsManagerClient({});
  try {
    await put(client, secrets.TextSecret, text);
    await put(client, secrets.RosterSecret, roster);
    if (keepLinks && link !== undefined) await put(client, secrets.LinkSecret, link);
  } finally {
    client.destroy();
  }
  const { records } = await writePrivatePart(ports.sideStore, privateLinesIn(file, identity), keepLinks ? [] : ['link']);
  if (!keepLinks) await askForEveryone(ports);
  return records;
};

await operatorProgram(USAGE, async () => {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [what, file] = positionals;
  const { expect, 'old-key': oldKey, private: besides, identity, 'keep-links': keepLinks } = values;
  if (besides === undefined && (identity !== undefined || keepLinks)) return undefined;
  const named = recordsOutputs(values);
  const stage = { ...named, CommitsTable: values.commits ?? named.CommitsTable, SideTable: values.side ?? named.SideTable };
  return withTables(stage, async (tables) => {
    if (what === 'export' && file !== undefined)
      return refusing('exported', () => exportFrom(file, tables, { isPartial: values.logged, recipient: values.to, stage }));
    if (what === 'import' && file !== undefined && expect !== undefined && oldKey !== undefined)
      return refusing('imported', async () =>
        importInto(stage, tables, {
          file,
          trust: trustIn(readFileSync(expect), oldKey),
          besides: await withKeys(besides === undefined ? undefined : { file: besides, identity, keepLinks }),
        }),
      );
    if (what === 'rebuild') return rebuildIn(tables);
    if (what === 'renew-macs') return renew(tables);
    return what === 'check' ? check(tables) : undefined;
  });
});
