// The first entry of a log that continues another one, and the last entry of a log that ends.
import { logbookStream } from '../../../domain/log/logbookState.ts';
import { logbookAggregate } from '../../gate/logbook.ts';
import { load } from '../../platform/store/load.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import { readLogIndex } from './logIndex.ts';
import type { Pending } from './pending.ts';
import type { SequencerPorts } from './ports.ts';

/** Leaves out the end of the log until it may enter. */
const beforeEnd = (waiting: Pending, end: StoredCommit, isSettled: boolean): Pending => {
  const others = waiting.commits.filter(({ stream, version }) => stream !== end.stream || version !== end.version);
  const isHere = others.length < waiting.commits.length;
  if (isHere && isSettled && !waiting.isFull) return { ...waiting, commits: [...others, end] };
  // Without a cursor the feed is read from the same position again, and the end is found again.
  return { ...waiting, commits: others, cursor: undefined };
};

/**
 * Makes the end of a log its last entry: it stays out while anything else is pending, and for `endAfterMs`, within which a process that
 * does not know of it yet may still write. Later commits are logged as an error and stay out; the successor gets them with the archive.
 */
export const beforeEndOfLog = async (ports: SequencerPorts, waiting: Pending): Promise<Pending> => {
  if (waiting.commits.length === 0) return waiting;
  const { state, head } = await load(ports.store, logbookAggregate, logbookStream(ports.signer.key.name));
  if (state.frozen === null || head === undefined) return waiting;
  if ((await readLogIndex(ports.sideStore, head.stream, head.version)) === undefined) {
    const isSettled = Date.parse(ports.clock()) >= Date.parse(state.frozen.at) + ports.endAfterMs;
    return beforeEnd(waiting, head, isSettled);
  }
  const { length: commits } = waiting.commits;
  ports.logger({ level: 'error', event: 'commits after the end of the log stay outside', commits });
  return { ...waiting, commits: [] };
};

/** Puts first the entry by which a log continues another one, in whatever order the feed has its commits. */
export const continuationFirst = async (ports: SequencerPorts, size: number, waiting: Pending): Promise<Pending> => {
  if (size > 0 || waiting.commits.length === 0) return waiting;
  const stream = logbookStream(ports.signer.key.name);
  const [first] = await ports.store.history(stream, { after: 0, limit: 1 });
  if (first?.version !== 1 || commitOf(first).prev !== null) return waiting;
  const others = waiting.commits.filter((commit) => commit.stream !== stream || commit.version !== first.version);
  return { ...waiting, commits: [first, ...others] };
};
