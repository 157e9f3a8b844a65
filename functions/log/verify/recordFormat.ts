// Wire format: `aldergate-record/v1`, one file by which anyone can check an answer of a past day. Published files stand for ever.
import * as z from 'zod';
import { featureStream, prefixesOf } from '../../../domain/feature/keys.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import { Digest, FeatureKey, Instant } from '../../../domain/kernel/zodTypes.ts';
import { logbookStream } from '../../../domain/log/logbookState.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { LogFault } from './fault.ts';

const FORMAT = 'aldergate-record/v1';

/** One commit: the exact text that is an entry of the log, and its receipt (c2sp.org/tlog-proof) under the file's checkpoint. */
const Logged = z.strictObject({ commit: z.string(), proof: z.string() });
export type Logged = z.infer<typeof Logged>;

/**
 * Every commit of one stream up to `at`. `next`: the first after it, which shows that none between was left out; null while the log
 * holds none, and then nothing in this file shows that none exists.
 */
const RecordStream = z.strictObject({ stream: z.string(), commits: z.array(Logged), next: Logged.nullable() });
export type RecordStream = z.infer<typeof RecordStream>;

const shape = {
  format: z.literal(FORMAT),
  key: FeatureKey,
  at: Instant,
  origin: z.string(),
  /** A convenience: whoever verifies pins the key from elsewhere. */
  vkey: z.string(),
  checkpoint: z.string(),
  streams: z.array(RecordStream),
  /** The notice whose words the answer is about, as it was sent, in base64; null where there is none. */
  notice: z.strictObject({ digest: Digest, bytes: z.base64() }).nullable(),
};
const RecordFile = z.strictObject({ ...shape, sha256: Digest });
export type RecordFile = z.infer<typeof RecordFile>;

/** What a record is made of, before it is sealed. */
export type RecordContent = Omit<RecordFile, 'format' | 'sha256'>;

/**
 * The streams on which an answer for a key rests: the feature's chain, root first, the names of the officials, and what befell the log
 * itself, since nothing is on in a log that has ended.
 */
export const streamsOf = (key: string, origin: string): readonly string[] => [
  ...prefixesOf(key).map(featureStream),
  ROSTER_STREAM,
  logbookStream(origin),
];

const seal = (content: Omit<RecordFile, 'sha256'>): string => digestOf(canonical(content));

/** The file's text. Its own digest finds an accident; what it says is proved by the log alone. */
export const formatRecord = (content: RecordContent): string => {
  const whole = { format: FORMAT, ...content } as const;
  return `${canonical({ ...whole, sha256: seal(whole) })}\n`;
};

/** Reads an attacker-controlled file, strictly, without verifying what it claims. Throws LogFault. */
export const parseRecord = (bytes: Uint8Array): RecordFile => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) throw new LogFault(`the file is not JSON: ${parsed.pointer} ${parsed.detail}`);
  const read = RecordFile.safeParse(parsed.value);
  if (!read.success) throw new LogFault(`the file is no ${FORMAT}: ${z.prettifyError(read.error)}`);
  const { sha256, ...content } = read.data;
  if (seal(content) !== sha256) throw new LogFault('the file was altered: it is not what its own digest says');
  if (Buffer.compare(Buffer.from(`${canonical(read.data)}\n`), bytes) !== 0)
    throw new LogFault('the file was altered: it is not in its canonical form');
  return read.data;
};
