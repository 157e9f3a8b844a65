// Wire format: `aldergate-record/v1`, one file by which anyone can check an answer of a past day. Published files must stay readable.
import * as z from 'zod';
import { CITY, featureStream, POLICY_KEY, prefixesOf, vendorOf } from '../../../domain/feature/keys.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { parseStrict } from '../../../domain/kernel/json.ts';
import { Digest, FeatureKey, Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { logbookStream } from '../../../domain/log/events.ts';
import { POLICY_STREAM } from '../../../domain/policy/decide.ts';
import { REVOCATION_STREAM } from '../../../domain/revocation/events.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { SETTINGS_STREAM } from '../../../domain/settings/events.ts';
import { vendorStream } from '../../../domain/vendors/events.ts';
import { inTurns } from '../../platform/turns.ts';
import { LogFault } from './readLog.ts';

const FORMAT = 'aldergate-record/v1';

/** One commit: the exact text of the log entry, and its proof (c2sp.org/tlog-proof) under the file's checkpoint. */
const ProvenCommit = strictObject(() => ({ commit: z.string(), proof: z.string() }));
export type ProvenCommit = z.infer<typeof ProvenCommit>;

/**
 * Every commit of a stream that counts by `at`; of one on which judging rests, every commit. `next`: the first after `at`, which proves
 * that none before it is missing; null if the log holds none.
 */
const RecordStream = strictObject(() => ({ stream: z.string(), commits: z.array(ProvenCommit), next: ProvenCommit.nullable() }));
export type RecordStream = z.infer<typeof RecordStream>;

const shape = {
  format: z.literal(FORMAT),
  key: FeatureKey,
  at: Instant,
  origin: z.string(),
  /** A convenience: verifiers pin the key from another source. */
  vkey: z.string(),
  checkpoint: z.string(),
  streams: z.array(RecordStream),
  /** Commits of other streams, which prove that commits of these entered the log late. */
  witnesses: z.array(ProvenCommit),
  /** As it was sent, in base64; null if the key has none, or an order withholds it. */
  notice: strictObject(() => ({ digest: Digest, bytes: z.base64() })).nullable(),
};
const RecordFile = strictObject(() => ({ ...shape, sha256: Digest }));
export type RecordFile = z.infer<typeof RecordFile>;

/** The content of a record file without its format and digest. */
export type RecordContent = Omit<RecordFile, 'format' | 'sha256'>;

/** Returns the streams on which an answer for a key rests: the key and its prefixes, recorded revocations, and the logbook. */
export const streamsOf = (key: string, origin: string): readonly string[] => [
  ...prefixesOf(key).map(featureStream),
  REVOCATION_STREAM,
  logbookStream(origin),
];

/** Returns the streams on which the judging of these commits rests, beside those of the passkeys. */
export const rulesOf = (key: string): readonly string[] =>
  [
    SETTINGS_STREAM,
    ROSTER_STREAM,
    POLICY_STREAM,
    ...(vendorOf(key) === CITY ? [] : [vendorStream(vendorOf(key))]),
    featureStream(POLICY_KEY),
  ].filter((stream) => !prefixesOf(key).map(featureStream).includes(stream));

const PASSKEY_STREAM = /^access\/(?:passkeys|credential|public-key)\//;

/** A file holds those of the persons who act in it. */
export const isPasskeyStream = (stream: string): boolean => PASSKEY_STREAM.test(stream);

const seal = (content: Omit<RecordFile, 'sha256'>): string => digestOf(canonical(content));

const PER_TURN = 200;

const streamText = async ({ stream, commits, next }: RecordStream): Promise<string> => {
  const parts = await inTurns(commits, PER_TURN, async (part) => part.map((commit) => canonical(commit)).join(','));
  return `{"commits":[${parts.join(',')}],"next":${canonical(next)},"stream":${canonical(stream)}}`;
};

const objectText = (values: Readonly<Record<string, string>>): string =>
  `{${Object.keys(values)
    .sort()
    .map((name) => `${canonical(name)}:${values[name]}`)
    .join(',')}}`;

/** Returns the file's text. Its digest detects accidental damage only. */
export const formatRecord = async ({ streams, ...content }: RecordContent): Promise<string> => {
  const texts: string[] = [];
  for (const stream of streams) texts.push(await streamText(stream));
  const others = Object.entries({ format: FORMAT, ...content }).map(([name, value]) => [name, canonical(value)]);
  const values = { ...Object.fromEntries(others), streams: `[${texts.join(',')}]` };
  return `${objectText({ ...values, sha256: canonical(digestOf(objectText(values))) })}\n`;
};

/** Parses an attacker-controlled file strictly, without verifying its proofs. Throws LogFault. */
export const parseRecord = (bytes: Uint8Array): RecordFile => {
  const parsed = parseStrict(bytes);
  if (!parsed.ok) throw new LogFault(`the file is not JSON: ${parsed.pointer} ${parsed.detail}`);
  const read = RecordFile.safeParse(parsed.value);
  if (!read.success) throw new LogFault(`the file is not in the format ${FORMAT}: ${z.prettifyError(read.error)}`);
  const { sha256, ...content } = read.data;
  if (seal(content) !== sha256) throw new LogFault('the file was altered: its digest differs');
  if (Buffer.compare(Buffer.from(`${canonical(read.data)}\n`), bytes) !== 0)
    throw new LogFault('the file was altered: it is not in its canonical form');
  return read.data;
};
