// Storage format: what the sequencer's judge has learned, as one file beside those of the log, under a MAC. Derived from the log; if it is
// lost, altered or of another version, the whole log is judged again.
import { DefaultSerializer, deserialize } from 'node:v8';
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

/** Keeps what a judge has learned in a file, of which nothing stays in memory. `macs`: of a purpose of their own. */
export const fileMemory = (blobs: Blobs, macs: Macs): JudgeMemory => ({
  load: async () => {
    const bytes = await blobs.get(JUDGED_PATH);
    if (bytes === undefined || bytes.length < KEY_ID_BYTES + TAG_BYTES) return undefined;
    const [keyId, tag] = [
      Buffer.from(bytes.subarray(0, KEY_ID_BYTES)).toString('latin1'),
      bytes.subarray(KEY_ID_BYTES, KEY_ID_BYTES + TAG_BYTES),
    ];
    const content = bytes.subarray(KEY_ID_BYTES + TAG_BYTES);
    // Nothing unauthenticated is deserialized.
    if (macs.problem({ keyId, tag }, FORMAT, content) !== undefined) return undefined;
    return deserialize(content) as Learned;
  },
  save: async (learned) => {
    const bytes = encode(learned, macs);
    // If another sequencer writes meanwhile, its file stays: either is right for its version of the log.
    await blobs.replace(JUDGED_PATH, bytes, await blobs.get(JUDGED_PATH));
    return bytes.length;
  },
});

/** Returns the bytes of the file, some 1.5 kB a feature, in one buffer. */
const encode = (learned: Learned, macs: Macs): Uint8Array => {
  const serializer = new DefaultSerializer();
  serializer.writeRawBytes(new Uint8Array(KEY_ID_BYTES + TAG_BYTES));
  serializer.writeHeader();
  serializer.writeValue(learned);
  const bytes = serializer.releaseBuffer();
  const { keyId, tag } = macs.make(FORMAT, bytes.subarray(KEY_ID_BYTES + TAG_BYTES));
  bytes.write(keyId, 'latin1');
  bytes.set(tag, KEY_ID_BYTES);
  return bytes;
};
