import { LOG_STREAM } from '../../domain/log/events.ts';
import { REVOCATION_STREAM } from '../../domain/revocation/events.ts';
import { hold } from './sequencer/logIndex.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './sequencer/ports.ts';
import { conflictWith } from './verify/history.ts';

const PROBLEM = 'the public log holds what this store does not';

/**
 * Holds every stream of which the public log has more than the store, or something else, as after a table was restored to an earlier time:
 * for every function of the gate it is unreadable until the store has what was published. Returns how many there are.
 */
export const holdContradicted = async ({
  store,
  sideStore,
  blobs,
}: Pick<SequencerPorts, 'store' | 'sideStore' | 'blobs'>): Promise<number> => {
  const published = await blobs.get(CHECKPOINT_PATH);
  if (published === undefined) return 0;
  const { streams } = await conflictWith({ store, blobs }, published);
  const held = [...streams].filter((stream) => stream !== LOG_STREAM);
  // The features that recorded revocations concern are held themselves, so those that the store lacks need not stop all others.
  for (const stream of held) await hold(sideStore, { stream, version: stream === REVOCATION_STREAM ? 1 : 0, problem: PROBLEM });
  return held.length;
};
