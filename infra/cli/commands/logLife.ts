import { join } from 'node:path';
import { parseDuration } from '../../../domain/kernel/duration.ts';
import { LogError } from '../../../domain/log/errors.ts';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import { recordKeysLost, successorOf } from '../../../functions/log/sequencer/logbook.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Installation } from '../../local/installation.ts';
import { FolderInUse, lockFolder } from '../../local/lock.ts';
import { freezeInstallation, rotateLogKey } from '../../local/logLife.ts';
import { rotateCommitKey } from '../../local/rotateCommitKey.ts';
import { publishedPorts } from '../../local/sequencing.ts';
import { argument, type Command, optionalOption, requiredOption, trustedLog, WrongUsage } from '../usage.ts';
import { readLostLog } from '../verify/lostLog.ts';
import { memoryPath } from '../verify/memory.ts';

/** Commands for the installation's internal keys. */
export const keysCommands: readonly Command[] = [
  {
    usage: 'keys rotate-commit',
    does: 'a new key for the MACs by which the gate knows its own commits and records, and a new MAC for each. While no server runs',
    run: async (_args, _options, { local }) => {
      const installation = local();
      const renewed = await alone(installation, () => rotateCommitKey(installation.settings));
      const { commits, records } = renewed;
      return { json: renewed, text: `${commits} commits and ${records} records have a MAC by the new key; back up keys.json` };
    },
  },
];

/** Time for those who pinned the key to learn of the next one. */
const OVERLAP = 'P30D';

/** Runs work under the server's lock: a running sequencer must not continue with the keys it started with. */
export const alone = async <T>(installation: Installation, work: () => Promise<T>): Promise<T> => {
  try {
    const lock = lockFolder(join(installation.settings.data, 'server.lock'));
    try {
      return await work();
    } finally {
      lock.release();
    }
  } catch (error) {
    if (error instanceof FolderInUse) throw new CommandRefused('stop the server first: it signs with the key it started with');
    throw error;
  }
};

const quiet = () => undefined;

const rotateCommand: Command = {
  usage: 'log rotate-key [--overlap P30D]',
  does: 'a new key for the public log, announced in the log by the old one; for the overlap both sign. While no server runs',
  takes: { overlap: 'string' },
  run: async (_args, options, { local }) => {
    const overlap = optionalOption(options, 'overlap') ?? OVERLAP;
    if (parseDuration(overlap) === undefined) throw new WrongUsage('--overlap is a duration such as P30D');
    const installation = local();
    const rotated = await alone(installation, () => rotateLogKey(installation, overlap, quiet));
    if (!rotated.ok) throw new CommandRefused(rotated.detail);
    const { from, to, until } = rotated;
    return {
      json: { from, to, until },
      text: `the log is signed by a new key; until ${until} by the old one, too\nold ${from}\nnew ${to}\nback up keys.json, and inform everyone who pinned the old key`,
    };
  },
};

const successorIn = (vkey: string) => {
  try {
    return successorOf(vkey);
  } catch (error) {
    if (error instanceof LogError) throw new WrongUsage(`--successor: ${error.message}`);
    throw error;
  }
};

const freezeCommand: Command = {
  usage: 'log freeze --successor VKEY',
  does: 'ends the public log: nothing is written here any more, every answer is no, and the log of that key continues it. While no server runs',
  takes: { successor: 'string' },
  run: async (_args, options, { local }) => {
    const successor = successorIn(requiredOption(options, 'successor').trim());
    const installation = local();
    const frozen = await alone(installation, () => freezeInstallation(installation, successor, quiet));
    if (!frozen.ok) throw new CommandRefused(frozen.detail);
    const { end } = frozen;
    return {
      json: end,
      text: `the log ended at ${end.at} with ${end.size} commits; it goes on at ${successor.origin}\nexport it here, and import it where the successor's key is`,
    };
  },
};

const keysLostCommand: Command = {
  usage: 'log keys-lost URL|FOLDER --key VKEY',
  does: 'records, in a new installation, that the keys of the one with that log were lost: public, and nothing that was approved there counts here',
  takes: { key: 'string', state: 'string' },
  run: async (args, options, { local, progress }) => {
    const where = argument(args, 0, 'URL or FOLDER');
    const log = trustedLog(requiredOption(options, 'key'));
    const installation = local();
    const ports = await publishedPorts(installation, quiet);
    const own = formatVerifierKey(ports.signer.key);
    const lost = await readLostLog(where, log, optionalOption(options, 'state') ?? memoryPath(process.env), progress('verify'));
    if (lost.key === own) throw new CommandRefused('this installation has the keys of that log: nothing is lost');
    const recorded = await recordKeysLost(ports, ports.signer.key.name, lost);
    if (!recorded.ok) throw new CommandRefused(recorded.detail);
    const { origin, size } = lost;
    return {
      json: { at: recorded.at, key: own, lost: { origin, key: lost.key, size, root: lost.root } },
      text: `recorded at ${recorded.at}: the keys of ${origin} were lost, with ${size} commits. Nothing that was approved there is on here.\nNow enter the roster, the policy and the vendors; officials set up their passkeys again and decide again.\nkeep the files of the old log served, and publish the new key: ${own}`,
    };
  },
};

/** Commands for key rotations, the end of the log, and a log after lost keys. */
export const logLifeCommands: readonly Command[] = [rotateCommand, freezeCommand, keysLostCommand];
