import type { Blobs } from '../../platform/blobs/port.ts';
import type { Logger } from '../../platform/logging.ts';
import type { Store, StoredCommit } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import type { SubmitPorts } from '../../platform/store/submit.ts';
import type { HeldStream } from './logIndex.ts';
import type { LogSigner } from './signer.ts';

/** The commits that may enter the log, in the order in which they do, and the streams that are held because the next one may not. */
export interface Judged {
  readonly commits: readonly StoredCommit[];
  readonly held: readonly HeldStream[];
}

/** The last commit of a stream that is in the log; version 0 and no hash if none is. */
export interface LoggedEnd {
  readonly version: number;
  readonly hash: string | null;
}

/** Judges the commits of one log and puts them in its order; see `SequencerJudge`. */
export interface LogOrder {
  /** The version of stream `log` up to which all entries are learned. */
  readonly learnedUpTo: number;
  catchUp(store: Store, version: number): Promise<void>;
  endOf(stream: string): LoggedEnd;
  compare(ports: Pick<SequencerPorts, 'store' | 'sideStore'>, suspects: readonly string[]): Promise<readonly string[]>;
  follow(store: Store, version: number, entries: readonly Pick<StoredCommit, 'stream' | 'version' | 'bytes'>[]): Promise<void>;
  judge(pending: readonly StoredCommit[], now: string, newest: string | null): Judged;
  advanceTo(version: number, commits: number): void;
  remember(root: string): Promise<void>;
  reset(): void;
}

/** The sequencer's ports. `blobs` holds the public files of the log; `sideStore` only what can be derived from the store again. */
export interface SequencerPorts extends SubmitPorts {
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
  /** Judges every commit before it is signed. One of these serves one sequencer. */
  readonly judge: LogOrder;
  readonly logger: Logger;
  /**
   * Returns a signed checkpoint with the witnesses' cosignatures that a policy requires before publication, or undefined while too few
   * have cosigned. Without such a policy it returns the checkpoint as it is.
   */
  readonly cosigned: (signed: Uint8Array) => Promise<Uint8Array | undefined>;
  /** Called with the commits that a checkpoint has just made public; for measuring. */
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
