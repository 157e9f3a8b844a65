import { LOG_STREAM } from '../../domain/log/events.ts';
import { frontierFromJson, rootOf } from '../../domain/log/frontier.ts';
import { logAggregate } from '../gate/logAggregate.ts';
import type { IsHandled } from '../platform/feed/overdue.ts';
import type { HealthCheck } from '../platform/health.ts';
import { load } from '../platform/store/load.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { openPublished, publishedSize } from './sequencer/checkpoint.ts';
import { heldStreams, readLogIndex } from './sequencer/logIndex.ts';
import type { SequencerPorts } from './sequencer/ports.ts';
import { CHECKPOINT_PATH } from './sequencer/ports.ts';

/** Finds streams that are kept out of the public log because a commit of theirs may not stand. */
export const heldCheck =
  (sideStore: SideStore): HealthCheck =>
  async () =>
    (await heldStreams(sideStore)).map(({ stream, version, problem }) => ({
      code: 'judge-failed',
      detail: `Version ${version} of ${stream} may not stand: ${problem}.`,
    }));

/** Finds a published log that is not the store's, or that other keys signed. */
export const publishedCheck =
  ({ blobs, store, signer }: Pick<SequencerPorts, 'blobs' | 'store' | 'signer'>): HealthCheck =>
  async () => {
    const bytes = await blobs.get(CHECKPOINT_PATH);
    if (bytes === undefined) return [];
    const published = openPublished(bytes, signer);
    if (published === undefined)
      return [{ code: 'other-keys', detail: 'The published checkpoint is not signed by the keys of this gate.' }];
    // In this order: another sequencer may publish in between, but never anything that was not in the store before.
    const size = await publishedSize(blobs);
    const { state } = await load(store, logAggregate, LOG_STREAM);
    if (size > state.size)
      return [{ code: 'log-conflict', detail: `${size} entries are published and the store has ${state.size}.` }];
    if (published.size === state.size && Buffer.compare(published.root, rootOf(frontierFromJson(state))) !== 0)
      return [{ code: 'log-conflict', detail: `Another log of ${size} entries is published than the store has.` }];
    return [];
  };

/** The sequencer as a consumer of the feed: it handles every stream but the log's own by giving each commit an index. */
export const sequencerProgress = (
  sideStore: SideStore,
): { readonly name: string; readonly wants: (stream: string) => boolean; readonly isHandled: IsHandled } => ({
  name: 'sequencer',
  wants: (stream) => stream !== LOG_STREAM,
  isHandled: async ({ stream, version }) => {
    if ((await readLogIndex(sideStore, stream, version)) !== undefined) return true;
    return (await heldStreams(sideStore)).some((held) => held.stream === stream && version >= held.version);
  },
});
