import { type Frozen, freeze } from '../../functions/log/sequencer/freeze.ts';
import type { Log } from '../../functions/platform/logging.ts';
import type { Installation } from './installation.ts';
import { publishedPorts } from './sequencing.ts';

/** Ends the log of a folder while no server runs on it. */
export const freezeInstallation = async (
  installation: Installation,
  successor: Frozen['successor'],
  log: Log,
): Promise<Frozen | { readonly refused: string }> => freeze(await publishedPorts(installation, log), successor);
