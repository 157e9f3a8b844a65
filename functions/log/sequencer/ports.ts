import type { Blobs } from '../../platform/blobs/port.ts';
import type { Log } from '../../platform/logging.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import type { SubmitPorts } from '../../platform/store/submit.ts';
import type { LogSigner } from './signer.ts';

/** What the sequencer stands on. `blobs` holds the public files of the log, `side` only what can be made again from the store. */
export interface SequencerPorts extends SubmitPorts {
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
  readonly log: Log;
  /**
   * A signed checkpoint with the cosignatures of witnesses under it, where a policy wants them before it is published; undefined: too
   * few gave theirs, so it is not published yet. Absent: nothing waits for witnesses.
   */
  readonly cosigned?: (signed: Uint8Array) => Promise<Uint8Array | undefined>;
  /** How long the end of a log waits for what others may still be writing when it comes. Absent: nobody else writes. */
  readonly endAfterMs?: number;
  /** Told of the commits that a checkpoint has just made public; for measuring. */
  readonly published?: (commits: readonly { readonly bytes: Uint8Array }[]) => void;
}

/** Who the log's commits are by. */
export const SEQUENCER = 'sequencer';

/** Where the newest checkpoint is published: the one file of the log that is ever replaced. */
export const CHECKPOINT_PATH = 'checkpoint';
