import { logbookStream } from '../../../domain/log/logbookState.ts';
import { logbookAggregate } from '../../gate/logbook.ts';
import { load } from '../../platform/store/load.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { readPlace } from './places.ts';
import type { SequencerPorts } from './ports.ts';
import type { Waiting } from './waiting.ts';

/** What of it goes into the next checkpoint, unless the log has ended: all. */
const beforeEnd = (waiting: Waiting, end: StoredCommit, isSettled: boolean): Waiting => {
  const others = waiting.commits.filter(({ stream, version }) => stream !== end.stream || version !== end.version);
  const isHere = others.length < waiting.commits.length;
  if (isHere && isSettled && !waiting.isFull) return { ...waiting, commits: [...others, end] };
  // The feed is read from the same place again, so that the end is found again.
  return { ...waiting, commits: others, cursor: undefined };
};

/**
 * In a log that ends the end is the last entry: it stays out while anything else waits, and for `endAfterMs`, within which whoever had
 * not heard of it yet may still have written. What comes even later is told, and stays outside; the successor gets it with the archive.
 */
export const upToEnd = async (ports: SequencerPorts, waiting: Waiting): Promise<Waiting> => {
  if (waiting.commits.length === 0) return waiting;
  const { state, head } = await load(ports.store, logbookAggregate, logbookStream(ports.signer.key.name));
  if (state.frozen === null || head === undefined) return waiting;
  if ((await readPlace(ports.sideStore, head.stream, head.version)) === undefined) {
    const isSettled = Date.parse(ports.clock()) >= Date.parse(state.frozen.at) + (ports.endAfterMs ?? 0);
    return beforeEnd(waiting, head, isSettled);
  }
  const { length: commits } = waiting.commits;
  ports.log({ level: 'error', event: 'commits after the end of the log stay outside', commits });
  return { ...waiting, commits: [] };
};

/** The first entry of a log that goes on where another ended is the one that says so, in whatever order the store tells its commits. */
export const fromBeginning = async (ports: SequencerPorts, size: number, waiting: Waiting): Promise<Waiting> => {
  if (size > 0 || waiting.commits.length === 0) return waiting;
  const stream = logbookStream(ports.signer.key.name);
  const [first] = await ports.store.history(stream, { after: 0, limit: 1 });
  if (first?.version !== 1 || commitOf(first).prev !== null) return waiting;
  const others = waiting.commits.filter((commit) => commit.stream !== stream || commit.version !== first.version);
  return { ...waiting, commits: [first, ...others] };
};
