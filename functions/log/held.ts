import { hashOf } from '../../domain/kernel/commit.ts';
import type { FeedPorts } from '../platform/feed/consumer.ts';
import type { StreamLimit } from '../platform/ledger.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { heldProblem, heldStreams, isAhead, isLacking, readLogIndex } from './sequencer/logIndex.ts';

/** Returns the streams that the sequencer holds. */
export const heldLimits = async (sideStore: SideStore): Promise<readonly StreamLimit[]> =>
  (await heldStreams(sideStore)).map((held) => ({
    stream: held.stream,
    from: held.version,
    code: isLacking(held) ? 'log-conflict' : isAhead(held) ? 'clock-behind' : 'judge-failed',
    detail: `${heldProblem(held)}.`,
  }));

/** Returns whether this very commit is in the log, and so was judged. */
export const isInLog =
  (sideStore: SideStore): FeedPorts['isReleased'] =>
  async ({ stream, version, bytes }) =>
    (await readLogIndex(sideStore, stream, version))?.hash === hashOf(bytes);
