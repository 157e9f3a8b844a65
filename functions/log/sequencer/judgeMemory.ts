// Storage format: what the sequencer's judge has learned, as one file beside those of the log, under a MAC. Derived from the log; if it is
// lost, altered or of another version, the whole log is judged again.
import { deserialize, serialize } from 'node:v8';
import { JUDGE_STATE_VERSION } from '../../../domain/judge/judge.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import type { Macs } from '../../platform/store/mac.ts';
import type { CommitJudgeState } from '../judging.ts';
import type { HeldStream } from './logIndex.ts';

/** The judge's state up to a version of stream `log`, at which the tree has this root (base64). */
export interface Learned {
  readonly version: number;
  readonly root: string;
  readonly commits: CommitJudgeState;
  readonly faults: ReadonlyMap<string, HeldStream>;
}

/** Keeps what a judge has learned, so that a new process need not judge the whole log again. */
export interface JudgeMemory {
  /** Returns what was kept last; undefined for nothing that can be relied on. */
  load(): Promise<Learned | undefined>;
  /** Keeps what was learned. Returns its size in bytes. */
  save(learned: Learned): Promise<number>;
}

/** Keeps nothing. */
export const NO_MEMORY: JudgeMemory = { load: async () => undefined, save: async () => 0 };

/** Path of the file, which no server gives out. */
export const JUDGED_PATH = 'judged';

const FORMAT = `aldergate-judged/1.${JUDGE_STATE_VERSION}`;
const KEY_ID_BYTES = 8;
const TAG_BYTES = 32;

/** Keeps what a judge has learned in a file. `macs`: of a purpose of their own. */
export const fileMemory = (blobs: Blobs, macs: Macs): JudgeMemory => {
  let known: Uint8Array | undefined;
  return {
    load: async () => {
      known = await blobs.get(JUDGED_PATH);
      if (known === undefined || known.length < KEY_ID_BYTES + TAG_BYTES) return undefined;
      const [keyId, tag] = [
        Buffer.from(known.subarray(0, KEY_ID_BYTES)).toString('latin1'),
        known.subarray(KEY_ID_BYTES, KEY_ID_BYTES + TAG_BYTES),
      ];
      const content = known.subarray(KEY_ID_BYTES + TAG_BYTES);
      // Nothing unauthenticated is deserialized.
      if (macs.problem({ keyId, tag }, FORMAT, content) !== undefined) return undefined;
      return deserialize(content) as Learned;
    },
    save: async (learned) => {
      const content = serialize(learned);
      const { keyId, tag } = macs.make(FORMAT, content);
      const bytes = Buffer.concat([Buffer.from(keyId, 'latin1'), tag, content]);
      // Another sequencer may have written meanwhile: either is right for its version of the log.
      if (await blobs.replace(JUDGED_PATH, bytes, known)) known = bytes;
      else known = await blobs.get(JUDGED_PATH);
      return bytes.length;
    },
  };
};
