import { type Frozen, freeze } from '../../functions/log/sequencer/freeze.ts';
import type { Log } from '../../functions/platform/logging.ts';
import type { House } from './house.ts';
import { publishedPorts } from './sequencing.ts';

/** Ends the log of a folder while no server runs on it. */
export const freezeHouse = async (
  house: House,
  successor: Frozen['successor'],
  log: Log,
): Promise<Frozen | { readonly refused: string }> => freeze(await publishedPorts(house, log), successor);
