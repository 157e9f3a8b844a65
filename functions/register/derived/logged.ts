import { CheckpointSigned, type CommitRun, LOG_STREAM } from '../../../domain/log/events.ts';
import { CorruptStore, ifReadable } from '../../platform/store/errors.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import { commitOf } from '../../platform/store/record.ts';
import type { FoldedEntry } from './unit.ts';

/** Returns what a commit of stream `log` signed. Throws CorruptStore. */
export const signedIn = (commit: StoredCommit): CheckpointSigned => {
  const [event] = commitOf(commit).events;
  const signed = CheckpointSigned.safeParse(event);
  if (signed.success) return signed.data;
  throw new CorruptStore(`${LOG_STREAM}@${commit.version}: event is not one of its stream`, { cause: signed.error });
};

const PAGE = 500;

/**
 * Yields the entries of a checkpoint in the order of the log, also those whose commits cannot be read. Throws CorruptStore if nothing of the
 * store can be.
 */
export async function* loggedEntries(store: Store, runs: readonly CommitRun[]): AsyncGenerator<FoldedEntry> {
  for (const { stream, from, to: upTo } of runs) {
    for (let after = from - 1; after < upTo; ) {
      const read = (limit: number): Promise<readonly StoredCommit[]> => store.history(stream, { after, upTo, limit });
      const page = await ifReadable(read(PAGE), () => ifReadable(read(1), () => []));
      if (page[0]?.version !== after + 1) {
        await store.head(LOG_STREAM);
        after += 1;
        yield { stream, version: after, commit: undefined };
      }
      for (const commit of page) {
        if (commit.version !== after + 1) break;
        after = commit.version;
        yield { stream, version: after, commit };
      }
    }
  }
}
