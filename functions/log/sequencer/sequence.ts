import { LogError } from '../../../domain/log/errors.ts';
import { LOG_STREAM } from '../../../domain/log/events.ts';
import { frontierToJson, rootOf } from '../../../domain/log/frontier.ts';
import type { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import { logAggregate } from '../../gate/logAggregate.ts';
import { submit } from '../../platform/store/submit.ts';
import { fromBeginning, upToEnd } from './bounds.ts';
import { grown, stageEntries, stagePath } from './entries.ts';
import { loadLog, placeSigned, treeOf } from './heal.ts';
import { placeEntries, removeOutgrown } from './place.ts';
import { forgetPlaces, heldStreams, hold, putApplied, putCursor, readCursor, release } from './places.ts';
import { SEQUENCER, type SequencerPorts } from './ports.ts';
import { publishCheckpoint } from './publish.ts';
import { signCheckpoint } from './signer.ts';
import { gather, runsOf, type Waiting } from './waiting.ts';

/** Rounds that may be lost to other sequencers before this one leaves it to them. */
const LOST_MAX = 16;

type Round = 'nothing-waits' | 'more' | 'lost';

/** Brings everything public to what was signed; after a crash this is where it heals. */
const settleSigned = async (ports: SequencerPorts) => {
  const log = await loadLog(ports);
  try {
    await placeSigned(ports, log);
  } catch (error) {
    if (!(error instanceof LogError && error.code === 'tile-missing')) throw error;
    // Somebody removed public files: all of them are made anew from the store.
    ports.log({ level: 'warn', event: 'files of the public log are missing and are made anew', error: error.message });
    await forgetPlaces(ports.sideStore);
    await placeSigned(ports, log);
  }
  return { log, published: await publishCheckpoint(ports, treeOf(log)) };
};

/** Notes how far the feed was read, and which streams do not hold. */
const remember = async (ports: SequencerPorts, { cursor, held, released }: Waiting): Promise<void> => {
  const known = new Map((await heldStreams(ports.sideStore)).map(({ stream, version }) => [stream, version]));
  for (const one of held) {
    if (known.get(one.stream) === one.version) continue;
    ports.log({ level: 'error', event: 'stream is kept out of the public log', ...one });
    await hold(ports.sideStore, one);
  }
  for (const stream of released) await release(ports.sideStore, stream);
  if (cursor !== undefined && cursor !== (await readCursor(ports.sideStore))) await putCursor(ports.sideStore, cursor);
};

/**
 * One checkpoint. A crash at any step heals at the next round: before the append nothing has happened (what was staged is ignored),
 * after it `settleSigned` places and publishes what was signed. The append is conditional on the tree it was made for, so of two
 * sequencers one loses and starts again, and an index is given once.
 */
const round = async (
  ports: SequencerPorts,
): Promise<{ readonly outcome: Round; readonly published: SignedCheckpoint | undefined }> => {
  const { log, published } = await settleSigned(ports);
  const waiting = await upToEnd(ports, await fromBeginning(ports, log.state.size, await gather(ports)));
  const { commits } = waiting;
  if (commits.length === 0) {
    await remember(ports, waiting);
    return { outcome: 'nothing-waits', published };
  }
  const before = treeOf(log);
  const frontier = grown(before, commits);
  const staged = stagePath(frontier.size, rootOf(frontier));
  // 1. Stage. A crash here leaves a file that nobody will read.
  await stageEntries(ports, staged, commits);
  // 2. Sign and append. From here on the entries are in the log, whatever happens.
  const checkpoint = Buffer.from(await signCheckpoint(frontier, ports.signer, ports.clock())).toString('utf8');
  const submitted = await submit(ports, logAggregate, {
    stream: LOG_STREAM,
    commandId: staged.slice('staging/'.length),
    actor: SEQUENCER,
    loaded: log,
    command: () => ({ oldSize: before.size, frontier, runs: runsOf(commits), checkpoint }),
  });
  if (!submitted.ok || submitted.state.size !== frontier.size) {
    await ports.blobs.remove(staged);
    return { outcome: 'lost', published };
  }
  // 3. Place. A crash here leaves some files in place; the next round writes the same ones.
  await placeEntries(ports, before.size, commits);
  await putApplied(ports.sideStore, { version: submitted.version, frontier: frontierToJson(frontier) });
  // 4. Publish. Whoever sees the new checkpoint finds everything it stands for.
  const next = await publishCheckpoint(ports, frontier);
  ports.published?.(commits);
  // 5. Tidy up. What a crash leaves here is harmless.
  await remember(ports, waiting);
  await ports.blobs.remove(staged);
  await removeOutgrown(ports.blobs, before.size, frontier.size);
  return { outcome: 'more', published: next };
};

/**
 * Takes everything that waits into the log, as few checkpoints as it takes, and returns what is published then. May run beside
 * another sequencer. Throws when store, side or blobs cannot be reached, CorruptStore when the feed cannot be read, LogConflict when
 * the public files and the store are not the same log; nothing is signed then.
 */
export const sequence = async (ports: SequencerPorts): Promise<SignedCheckpoint | undefined> => {
  let lost = 0;
  for (;;) {
    const { outcome, published } = await round(ports);
    if (outcome === 'nothing-waits') return published;
    lost = outcome === 'lost' ? lost + 1 : 0;
    if (lost > LOST_MAX) return published;
  }
};
