import { canonical } from '../../../domain/kernel/canonical.ts';
import type { LogState } from '../../../domain/log/decide.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { emptyFrontier, type Frontier, frontierFromJson, frontierToJson } from '../../../domain/log/frontier.ts';
import { changedTiles, tilePath } from '../../../domain/log/tile.ts';
import { logAggregate } from '../../gate/logAggregate.ts';
import { commitsAbove } from '../../platform/feed/commitsAbove.ts';
import { eventsOf, type Loaded, load } from '../../platform/store/load.ts';
import { type Entry, signedEntries, stagePath } from './entries.ts';
import { LogConflict, placeEntries } from './place.ts';
import { type Applied, forgetPlaces, putApplied, readApplied } from './places.ts';
import type { SequencerPorts } from './ports.ts';
import { publishedSize } from './publish.ts';

/** Entries that are placed at once while the public files are made anew. */
const AT_ONCE = 1_024;

/** The tree of the log as the store has it. */
export const treeOf = ({ state, version }: Loaded<LogState>): Frontier =>
  version === 0 ? emptyFrontier : frontierFromJson(state);

/** The log as signed, the published size known not to be beyond it. Throws LogConflict when more was published than the store knows. */
export const loadLog = async ({ store, blobs }: SequencerPorts): Promise<Loaded<LogState>> => {
  // In this order: another sequencer may publish in between, but never anything that was not in the store before.
  const published = await publishedSize(blobs);
  const log = await load(store, logAggregate, LOG_STREAM);
  if (published > log.state.size)
    throw new LogConflict(
      `${published} entries are published and the store knows ${log.state.size}: it was put back to an earlier state`,
    );
  return log;
};

/** Whether the files of what was placed and not published are there: a folder put back from an older copy has them not. */
const isPlaced = async ({ blobs }: SequencerPorts, published: number, placed: number): Promise<boolean> => {
  const [newest] = placed > published ? changedTiles(placed - 1, placed) : [];
  return newest === undefined || (await blobs.get(tilePath(newest))) !== undefined;
};

/** From where the public files have to be made: nothing before it can be missing. */
const startOf = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<Applied | undefined> => {
  const applied = await readApplied(ports.sideStore);
  if (applied === undefined) return undefined;
  const published = await publishedSize(ports.blobs);
  const isPublished = log.version === 0 || (published > 0 && (await isPlaced(ports, published, applied.frontier.size)));
  // A side store that is ahead, or that belongs to another store, knows nothing of this one.
  const isOfAnother = applied.version === log.version && canonical(applied.frontier) !== canonical(log.state);
  if (applied.version <= log.version && isPublished && !isOfAnother) return applied;
  await forgetPlaces(ports.sideStore);
  return undefined;
};

const place = async (ports: SequencerPorts, from: number, entries: readonly Entry[], applied: Applied): Promise<void> => {
  await placeEntries(ports, from, entries);
  await putApplied(ports.sideStore, applied);
};

/**
 * Makes the public files and the places for all that was signed and is not placed yet: ordinarily nothing, the last checkpoint after
 * a crash, everything after an import or when the folder was lost. Each checkpoint's tree is compared with the signed root.
 */
export const placeSigned = async (ports: SequencerPorts, log: Loaded<LogState>): Promise<void> => {
  const applied = await startOf(ports, log);
  let frontier = applied === undefined ? emptyFrontier : frontierFromJson(applied.frontier);
  let from = frontier.size;
  let entries: Entry[] = [];
  let last = applied?.version ?? 0;
  for await (const commit of commitsAbove(ports.store, LOG_STREAM, last)) {
    if (commit.version > log.version) break;
    for (const signed of eventsOf(logAggregate, commit)) {
      const added = await signedEntries(ports, frontier, signed);
      frontier = added.frontier;
      entries.push(...added.entries);
      await ports.blobs.remove(stagePath(signed.size, Buffer.from(signed.root, 'base64')));
    }
    last = commit.version;
    if (entries.length < AT_ONCE && last < log.version) continue;
    await place(ports, from, entries, { version: last, frontier: frontierToJson(frontier) });
    from = frontier.size;
    entries = [];
  }
};
