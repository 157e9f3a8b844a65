import { LogError } from '../../../domain/log/errors.ts';
import type { TrustedLog } from '../../../domain/log/signedCheckpoint.ts';
import { formatVerifierKey } from '../../../domain/log/verifierKey.ts';
import type { LostLog } from '../../../functions/log/sequencer/logbook.ts';
import { LogFault } from '../../../functions/log/verify/fault.ts';
import { CommandRefused } from '../../local/errors.ts';
import type { Progress } from '../usage.ts';
import { checkLog } from './check.ts';
import { logSource } from './source.ts';

/** Verifies the whole public log of an installation whose keys were lost, in a folder or at a URL, and returns where it stands. */
export const readLostLog = async (where: string, log: TrustedLog, state: string, progress: Progress): Promise<LostLog> => {
  const source = logSource(where);
  const [key] = log.keys;
  try {
    const { checkpoint } = await checkLog({ source, where, log, state, notices: false, progress });
    return {
      origin: checkpoint.origin,
      key: key === undefined ? '' : formatVerifierKey(key),
      size: checkpoint.size,
      root: Buffer.from(checkpoint.root).toString('base64'),
      checkpoint: Buffer.from((await source.get('checkpoint')) ?? []).toString('utf8'),
    };
  } catch (error) {
    if (error instanceof LogFault || error instanceof LogError)
      throw new CommandRefused(`the log of the lost keys does not verify: ${error.message}`);
    throw error;
  }
};
