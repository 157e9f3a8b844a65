import { canonical } from '../../../domain/kernel/canonical.ts';
import { type LogState, treeOfLog } from '../../../domain/log/decide.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { emptyFrontier, type Frontier, frontierFromJson, frontierToJson } from '../../../domain/log/frontier.ts';
import { changedTiles, tilePath } from '../../../domain/log/tile.ts';
import { logAggregate } from '../../gate/aggregates.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import { eventsOf, type Loaded, load } from '../../platform/store/load.ts';
import { publishedSize } from './checkpoint.ts';
import { type Applied, forgetLogIndex, putApplied, readApplied } from './logIndex.ts';
import type { SequencerPorts } from './ports.ts';
import { applyEntries, LogConflict, publishAttachments } from './publicFiles.ts';
import { type CommitEntry, signedEntries, stagePath } from './staging.ts';

/** Entries that are applied at once while the public files are rebuilt. */
const AT_ONCE = 1_024;

/** Returns the tree of the log in the store. */
export const treeOf = ({ state, version }: Loaded<LogState>): Frontier => (version === 0 ? emptyFrontier : treeOfLog(state));

/** Loads the signed log. Throws LogConflict if more is published than the store holds. */
export const loadLog = async ({ store, blobs }: SequencerPorts): Promise<Loaded<LogState>> => {
  // Published size first: another sequencer may publish in between, but only what the store already holds.
  const published = await publishedSize(blobs);
  const log = await load(store, logAggregate, LOG_STREAM);
  if (published > log.state.size)
    throw new LogConflict(
      `${published} entries are published and the store holds ${log.state.size}: it was restored to an earlier state`,
    );
  return log;
};

/** Reports whether the files of entries that were applied and not published exist: a folder restored from an older copy lacks them. */
const isApplied = async ({ blobs }: SequencerPorts, published: number, placed: number): Promise<boolean> => {
  const [newest] = placed > published ? changedTiles(placed - 1, placed) : [];
  return newest === undefined || (await blobs.get(tilePath(newest))) !== undefined;
};

/** Returns the progress from which the public files must be written; undefined to rebuild all of them. */
const startOf = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<Applied | undefined> => {
  const applied = await readApplied(ports.sideStore);
  if (applied === undefined) return undefined;
  const published = await publishedSize(ports.blobs);
  const isPublished = log.version === 0 || (published > 0 && (await isApplied(ports, published, applied.frontier.size)));
  // Progress that is ahead of the store, or belongs to another store, is void.
  const isOfAnother = applied.version === log.version && canonical(applied.frontier) !== canonical(frontierToJson(treeOf(log)));
  if (applied.version <= log.version && isPublished && !isOfAnother) return applied;
  await forgetLogIndex(ports.sideStore);
  return undefined;
};

const applyUpTo = async (
  ports: SequencerPorts,
  from: number,
  entries: readonly CommitEntry[],
  applied: Applied,
): Promise<void> => {
  await publishAttachments(ports, entries);
  await applyEntries(ports, from, entries);
  await putApplied(ports.sideStore, applied);
};

/**
 * Writes the public files and indexes of everything that was signed and not applied: usually nothing, the last checkpoint after a crash,
 * everything after an import or the loss of the folder. The tree of each checkpoint is compared with the signed root.
 */
export const applySigned = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<void> => {
  const applied = await startOf(ports, log);
  let frontier = applied === undefined ? emptyFrontier : frontierFromJson(applied.frontier);
  let from = frontier.size;
  let entries: CommitEntry[] = [];
  let last = applied?.version ?? 0;
  for await (const commit of commitsAbove(ports.store, LOG_STREAM, last)) {
    if (commit.version > log.version) break;
    const read = entries.length;
    for (const signed of eventsOf(logAggregate, commit)) {
      const added = await signedEntries(ports, frontier, signed);
      frontier = added.frontier;
      entries.push(...added.entries);
      await ports.blobs.remove(stagePath(signed.size, Buffer.from(signed.root, 'base64')));
    }
    await ports.judge.follow(ports.store, commit.version, entries.slice(read));
    last = commit.version;
    if (entries.length < AT_ONCE && last < log.version) continue;
    await applyUpTo(ports, from, entries, { version: last, frontier: frontierToJson(frontier) });
    from = frontier.size;
    entries = [];
  }
};
