import { join } from 'node:path';
import { parseDuration, plusDuration } from '../../../domain/kernel/zone.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { lockFolder } from '../../local/databases.ts';
import { CommandRefused, FolderInUse, withRefusals } from '../../local/errors.ts';
import type { Installation } from '../../local/installation.ts';
import { announceElsewhere, handoverTo, rotateCommitKey, rotateLogKey } from '../../local/logLife.ts';
import {
  type Command,
  type CommandResult,
  type Options,
  optionalOption,
  timed,
  verifierKeyOf,
  WrongUsage,
  withNoun,
} from '../usage.ts';

export const keysCommands: readonly Command[] = [
  {
    usage: 'keys rotate-commit',
    does: 'makes a new key for the MACs by which the gate knows its own commits and records, and a new MAC for each; only while no server runs',
    run: async (_args, _options, { local, progress }) => {
      const installation = local({ alone: true });
      const shown = progress('keys rotate-commit');
      let done = 0;
      const tick = () => {
        done += 1;
        shown.tick(done);
      };
      const renewed = await withoutServer(installation, () => rotateCommitKey(installation.settings, tick));
      const { commits, records } = renewed;
      const both = `${withNoun(commits, 'commit')} and ${withNoun(records, 'record')}`;
      return { json: renewed, text: `${both} with a MAC by the new key; back up keys.json` };
    },
  },
];

/** Time for clients that pinned the key to learn the next one. */
const OVERLAP = 'P30D';

/** Runs work under the server's lock. Throws FolderInUse while a server runs. */
export const underLock = async <T>({ settings }: Installation, work: () => Promise<T>): Promise<T> => {
  const lock = lockFolder(join(settings.data, 'server.lock'));
  try {
    return await work();
  } finally {
    lock.release();
  }
};

/**
 * Runs work while no server runs, since a server would keep using its initial keys and commits. Throws CommandRefused while
 * one runs.
 */
export const withoutServer = async <T>(installation: Installation, work: () => Promise<T>): Promise<T> => {
  try {
    return await underLock(installation, work);
  } catch (error) {
    if (error instanceof FolderInUse) throw new CommandRefused('stop the server first, and wait for an import to end');
    throw error;
  }
};

const refusingLog = <T>(work: () => Promise<T>): Promise<T> => withRefusals([LogError], work, '--to and --signature: ');

const toElsewhere = async (installation: Installation, to: string, overlap: string, options: Options): Promise<CommandResult> => {
  const vkey = to.trim();
  verifierKeyOf('to', vkey);
  const [until, signature] = [optionalOption(options, 'until'), optionalOption(options, 'signature')];
  if (until === undefined || signature === undefined) {
    const end = plusDuration(new Date().toISOString(), overlap, 'UTC');
    const text = await refusingLog(() => handoverTo(installation, vkey, end));
    return {
      json: { text, until: end },
      text: [
        text,
        'Have the key elsewhere sign these four lines (Ed25519, each with its end of line), then run this again with',
        `--until ${end} --signature BASE64`,
      ].join('\n'),
    };
  }
  const elsewhere = { vkey, until, signature: new Uint8Array(Buffer.from(signature, 'base64')) };
  const { from, to: next } = await refusingLog(() =>
    withoutServer(installation, () => announceElsewhere(installation, elsewhere)),
  );
  return {
    json: { from, to: next, until },
    text: [
      `announced: until ${until} the log may be signed by either key`,
      `old ${from}`,
      `new ${next}`,
      'move it to where the new key is: aldergate export FILE --move',
    ].join('\n'),
  };
};

const rotateCommand: Command = {
  usage: 'log rotate-key [--overlap P30D] [--to VKEY [--until T --signature BASE64]]',
  does: 'makes a new key for the public log, which the old one announces in the log; during the overlap both sign. --to names a key elsewhere that takes over, for a move. Only while no server runs',
  takes: { overlap: 'string', to: 'string', until: 'string', signature: 'string' },
  run: async (_args, options, { local, progress }) => {
    const overlap = optionalOption(options, 'overlap') ?? OVERLAP;
    if (parseDuration(overlap) === undefined) throw new WrongUsage('--overlap is a duration such as P30D');
    const to = optionalOption(options, 'to');
    if (to === undefined && (options['until'] ?? options['signature']) !== undefined)
      throw new WrongUsage('--until and --signature are of a key elsewhere: --to is missing');
    const installation = local({ alone: true });
    if (to !== undefined) return toElsewhere(installation, to, overlap, options);
    const rotated = timed(progress('log rotate-key, seconds'), () =>
      withoutServer(installation, () => rotateLogKey(installation, overlap)),
    );
    const { from, to: next, until } = await rotated;
    const others = until > installation.ports.clock() ? `until ${until} by the old one, too` : 'no earlier one counts any more';
    return {
      json: { from, to: next, until },
      text: [
        `the log is signed by a new key; ${others}`,
        `old ${from}`,
        `new ${next}`,
        'back up keys.json, and inform everyone who pinned the old key',
      ].join('\n'),
    };
  },
};

export const logLifeCommands: readonly Command[] = [rotateCommand];
