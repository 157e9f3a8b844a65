import { LOG_STREAM } from '../../domain/log/events.ts';
import { REVOCATION_STREAM } from '../../domain/revocation/events.ts';
import { logAggregate } from '../gate/aggregates.ts';
import type { Blobs } from '../platform/blobs/port.ts';
import { EVERY_STREAM, type Lacking, type StreamLimit } from '../platform/ledger.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { type LogOrder, lackingProblem } from './sequencer/judge.ts';
import { hold } from './sequencer/logIndex.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './sequencer/ports.ts';
import { conflictWith } from './verify/history.ts';

const contradictedBy = async (ports: {
  readonly store: Store;
  readonly blobs: Pick<Blobs, 'get'>;
}): Promise<readonly string[]> => {
  const published = await ports.blobs.get(CHECKPOINT_PATH);
  if (published === undefined) return [];
  const { kind, streams } = await conflictWith(ports, published);
  return kind === 'everything' ? [EVERY_STREAM] : [...streams].filter((stream) => stream !== LOG_STREAM);
};

/** Returns the streams of which the published log has what the store does not; all of them if its files cannot be read. */
export const contradictedLimits = async (ports: Parameters<typeof contradictedBy>[0]): Promise<readonly StreamLimit[]> => {
  const detail = 'The public log holds what this store does not.';
  return (await contradictedBy(ports)).map((stream) => ({ stream, from: 0, code: 'log-conflict', detail }));
};

/**
 * Makes every stream unreadable of which the public log has more than the store, or something else, until the store has it. Returns how
 * many.
 */
export const holdContradicted = async ({
  store,
  sideStore,
  blobs,
}: Pick<SequencerPorts, 'store' | 'sideStore' | 'blobs'>): Promise<number> => {
  const streams = (await contradictedBy({ store, blobs })).filter((stream) => stream !== EVERY_STREAM);
  const problem = 'the public log holds what this store does not';
  // The features that recorded revocations concern are held themselves, so those that the store lacks need not stop all others.
  for (const stream of streams) await hold(sideStore, { stream, version: stream === REVOCATION_STREAM ? 1 : 0, problem });
  return streams.length;
};

/**
 * Compares a head with the log when it is asked for, for a process that ends after an answer or two. `judge`: one that learns the log
 * now.
 */
export const comparedWith = (store: Store, judge: Pick<LogOrder, 'catchUp' | 'endOf'>): Lacking => {
  let learned: Promise<void> | undefined;
  const learn = async (): Promise<void> => judge.catchUp(store, (await load(store, logAggregate, LOG_STREAM)).version);
  return async (stream, head) => {
    learned ??= learn();
    await learned;
    const { version, hash } = judge.endOf(stream);
    if (version === 0) return undefined;
    return hash === null ? 'a commit of the log may not stand' : lackingProblem(head, { version, hash });
  };
};
