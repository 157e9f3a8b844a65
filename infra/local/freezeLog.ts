import { type EndOfLog, type FreezeOutcome, freeze } from '../../functions/log/sequencer/logbook.ts';
import type { Log } from '../../functions/platform/logging.ts';
import type { Installation } from './installation.ts';
import { publishedPorts } from './sequencing.ts';

/** Ends the log of a folder. Requires that no server runs on it. */
export const freezeInstallation = async (
  installation: Installation,
  successor: EndOfLog['successor'],
  log: Log,
): Promise<FreezeOutcome> => freeze(await publishedPorts(installation, log), successor);
