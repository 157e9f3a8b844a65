import { parseVerifierKey } from '../../../domain/log/verifierKey.ts';
import { readLogbook } from '../../gate/logbook.ts';
import { freezeLog } from './logbook.ts';
import type { SequencerPorts } from './ports.ts';
import { sequence } from './sequence.ts';

/** How a log ended: when, its published size now, and where it goes on. */
export interface Frozen {
  readonly at: string;
  readonly size: number;
  readonly successor: { readonly origin: string; readonly key: string };
}

/** The log that a verifier key belongs to, as a successor. Throws LogError for what is no such key. */
export const successorOf = (vkey: string): Frozen['successor'] => ({ origin: parseVerifierKey(vkey).name, key: vkey });

/**
 * Ends a log: all that waits goes in, then the entry that names the successor, then the last checkpoint; where others may still be
 * writing (`endAfterMs`), the last two come with a later run of the sequencer. Run again it finishes what a crash left. Refused with the
 * logbook's reason.
 */
export const freeze = async (
  ports: SequencerPorts,
  successor: Frozen['successor'],
): Promise<Frozen | { readonly refused: string }> => {
  const { key } = ports.signer;
  await sequence(ports);
  const done = await freezeLog(ports, key, successor);
  if (!done.ok) return { refused: done.rejection.detail };
  const size = (await sequence(ports))?.size ?? 0;
  const { frozen } = await readLogbook(ports.store, key.name);
  if (frozen === null) throw new Error('broken invariant: the log was frozen and is not');
  return { at: frozen.at, size, successor: frozen.successor };
};
