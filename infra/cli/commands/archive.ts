import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { applyRevocations } from '../../../functions/gate/revocations.ts';
import { stateOf } from '../../../functions/gate/stateOf.ts';
import { recovered } from '../../../functions/log/recovered.ts';
import { UnorderedJudge } from '../../../functions/log/unorderedJudge.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import { inProcessBus } from '../../../functions/platform/bus/inProcessBus.ts';
import { lookThrough, skipTo, type WalkedFeed } from '../../../functions/platform/feed/sweep.ts';
import { jsonLogger } from '../../../functions/platform/logging.ts';
import { SILENT_MAILER } from '../../../functions/platform/mail/port.ts';
import { exportArchive } from '../../../functions/platform/store/archive/exportArchive.ts';
import { importArchive } from '../../../functions/platform/store/archive/importArchive.ts';
import { writeArchive } from '../../../functions/platform/store/archive/writeArchive.ts';
import { KeptRecords } from '../../../functions/platform/store/keptRecords.ts';
import type { UnreadableRow } from '../../../functions/platform/store/port.ts';
import { policyAdopter } from '../../../functions/reactions/adoption/policyChange.ts';
import { notifier } from '../../../functions/reactions/notify/notify.ts';
import { relay } from '../../../functions/reactions/relay/relay.ts';
import { rebuild, refold } from '../../../functions/register/rebuild.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Installation } from '../../local/installation.ts';
import { exportPrivate, importPrivate } from '../../local/private.ts';
import { openSecrets } from '../../local/secrets.ts';
import { sequenceImported } from '../../local/sequencing.ts';
import { logFolder } from '../../local/settings.ts';
import { endImport, marking } from '../../local/unfinishedImport.ts';
import { argument, type Command, type Progress } from '../usage.ts';

async function* counted(lines: AsyncIterable<string>, shown: Progress): AsyncGenerator<string> {
  let done = 0;
  for await (const line of lines) {
    done += 1;
    shown.tick(done);
    yield `${line}\n`;
  }
}

/** Marks imported commits as handled: their mails were sent and their events published elsewhere. */
const skipMail = async ({ ports, secrets }: Installation, walked: WalkedFeed): Promise<void> => {
  const logger = jsonLogger(ports.clock, (line) => void process.stderr.write(line));
  const consumers = [
    notifier({ ...ports, logger, mailer: SILENT_MAILER, linkKey: secrets.linkKey, itMail: undefined }),
    relay(inProcessBus([], logger)),
  ];
  for (const consumer of consumers) await skipTo(ports.sideStore, consumer, walked);
};

/**
 * Removes the texts that were redacted: a private file older than the archive may hold them. A policy whose change was approved is left to
 * the server, which adopts it if it is not in force yet: an import adds no commit.
 */
const followImported = async ({ ports }: Installation, walked: WalkedFeed): Promise<void> => {
  const following = { ...ports, logger: () => undefined };
  await lookThrough({ ...following, isReleased: async () => false }, policyAdopter(ports), walked);
};

/** Waits for all, then throws the first failure. */
const allDone = async (works: readonly Promise<unknown>[]): Promise<void> => {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
};

const PRIVATE_SUFFIX = '.private.json';

/** Commands that move, rebuild and check the data folder. */
export const archiveCommands: readonly Command[] = [
  {
    usage: 'export FILE [--private]',
    does: `all commits in order, with attachments, as NDJSON; --private adds FILE${PRIVATE_SUFFIX} with keys, links and addresses`,
    takes: { private: 'boolean' },
    run: async (args, options, { local, progress }) => {
      const file = argument(args, 0, 'FILE');
      const installation = local();
      const shown = progress('export');
      const leftOut: UnreadableRow[] = [];
      const { store, sideStore } = installation.ports;
      const published = { sideStore, blobs: folderBlobs(logFolder(installation.settings)) };
      const partial = { leftOut: (row: UnreadableRow) => void leftOut.push(row), judge: new UnorderedJudge() };
      const lines = exportArchive(recovered(store, published), partial);
      await writeArchive(file, counted(lines, shown));
      shown.end();
      if (options.private === true) await exportPrivate(installation, `${file}${PRIVATE_SUFFIX}`);
      const missing = leftOut.map(
        ({ stream, version, problem }) => `left out, with all that follows it in ${stream}: version ${version}: ${problem}`,
      );
      return { json: { file, leftOut }, text: [`exported to ${file}`, ...missing].join('\n') };
    },
  },
  {
    usage: 'import FILE [--private]',
    does: 'into an empty data folder: the same commits, byte for byte',
    takes: { private: 'boolean' },
    run: async (args, options, { local, progress }) => {
      const file = argument(args, 0, 'FILE');
      const installation = local({ unfinished: true });
      const { data } = installation.settings;
      const shown = progress('import');
      const open = async function* (): AsyncGenerator<string> {
        let done = 0;
        for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
          done += 1;
          shown.tick(done);
          yield line;
        }
      };
      const [judge, kept] = [new UnorderedJudge(), new KeptRecords()];
      const imported = await importArchive(marking(installation.ports.store, data), open, stateOf, judge, kept);
      shown.end();
      if (!imported.ok) throw new CommandRefused(imported.rejection.detail);
      const walked: WalkedFeed = { newest: kept.newest, cursor: await installation.ports.store.feedEnd() };
      await skipMail(installation, walked);
      if (options.private === true) await importPrivate(installation, `${file}${PRIVATE_SUFFIX}`);
      await followImported(installation, walked);
      await applyRevocations(installation.ports);
      const secrets = openSecrets(join(data, 'keys.json'));
      // One waits for files of the log while the other computes.
      await allDone([
        refold({ ...installation.ports, store: kept.over(installation.ports.store) }, walked),
        sequenceImported({ ...installation, secrets }, { kept, learned: judge.learned(), cursor: walked.cursor }),
      ]);
      endImport(data);
      return { json: { commits: imported.commits }, text: `imported ${imported.commits} commits` };
    },
  },
  {
    usage: 'rebuild',
    does: 'makes the register anew from the commits; exit code 1 if it differed, or if a row of the store is not what was written',
    run: async (_args, _options, { local }) => {
      const result = await rebuild(local().ports);
      const register = result.differed
        ? ['the register differed from the commits and was made anew', ...result.differences]
        : ['the register agrees with the commits'];
      const failed = result.differed || result.rows.length > 0 || result.unreadable.length > 0;
      return { json: result, text: [...register, ...result.rows].join('\n'), failed };
    },
  },
];
