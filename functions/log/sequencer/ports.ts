import type { Blobs } from '../../platform/blobs/port.ts';
import type { Logger } from '../../platform/logging.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import type { SubmitPorts } from '../../platform/store/submit.ts';
import type { LogOrder } from './judge.ts';
import type { LogSigner } from './signer.ts';

/** The sequencer's ports. `blobs` holds the public files of the log; `sideStore` only what can be derived from the store again. */
export interface SequencerPorts extends SubmitPorts {
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
  readonly judge: LogOrder;
  readonly logger: Logger;
  /** Returns a checkpoint with the cosignatures that must come before publication; undefined while too few witnesses have cosigned. */
  readonly cosigned: (signed: Uint8Array) => Promise<Uint8Array | undefined>;
  readonly published: (commits: readonly Pick<StoredCommit, 'stream' | 'bytes'>[]) => void;
}

/** The ports of a sequencer that is the only writer, asks no witness and measures nothing. */
export const SOLE_WRITER: Pick<SequencerPorts, 'cosigned' | 'published'> = {
  cosigned: async (signed) => signed,
  published: () => undefined,
};

/** The actor of the log's own commits. */
export const SEQUENCER = 'sequencer';

/** Path of the newest checkpoint, the only file of the log that is replaced. */
export const CHECKPOINT_PATH = 'checkpoint';
