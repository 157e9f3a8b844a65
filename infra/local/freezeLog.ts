import type { Log } from '../../functions/http/log.ts';
import { freezeLog, readLogbook } from '../../functions/sequencer/logbook.ts';
import { sequence } from '../../functions/sequencer/sequence.ts';
import type { House } from './house.ts';
import { publishedPorts } from './sequencing.ts';

/** How a log ended: its size then, and where it goes on. */
export interface Frozen {
  readonly at: string;
  readonly size: number;
  readonly successor: { readonly origin: string; readonly key: string };
}

/**
 * Ends the log of a folder while no server runs on it: all that waits goes in, then the entry that names the successor, then the last
 * checkpoint. Run again it finishes what a crash left. Refused with the logbook's reason.
 */
export const freeze = async (
  house: House,
  successor: Frozen['successor'],
  log: Log,
): Promise<Frozen | { readonly refused: string }> => {
  const ports = await publishedPorts(house, log);
  const origin = ports.signer.key.name;
  await sequence(ports);
  const done = await freezeLog(ports, ports.signer.key, successor);
  if (!done.ok) return { refused: done.rejection.detail };
  const size = (await sequence(ports))?.size ?? 0;
  const { frozen } = await readLogbook(ports.store, origin);
  if (frozen === null) throw new Error('broken invariant: the log was frozen and is not');
  return { at: frozen.at, size, successor: frozen.successor };
};
