import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import * as z from 'zod';
import { object } from '../../domain/kernel/zodTypes.ts';
import { LOG_STREAM } from '../../domain/log/events.ts';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { publishedCheck } from '../log/health.ts';
import { fileMemory, SequencerJudge } from '../log/sequencer/judge.ts';
import { kmsClientFor, kmsSigner } from '../log/sequencer/kmsSigner.ts';
import { hold, markCompared } from '../log/sequencer/logIndex.ts';
import { CHECKPOINT_PATH, SEQUENCER, type SequencerPorts, SOLE_WRITER } from '../log/sequencer/ports.ts';
import { LogConflict, publishedOrigin } from '../log/sequencer/publicFiles.ts';
import { handOver, publishDelay, sequence } from '../log/sequencer/sequence.ts';
import { cosignPublished, quorumCheck, WitnessText, withWitnesses } from '../log/sequencer/witnesses.ts';
import { holdContradicted, nameOfLog } from '../log/verify/history.ts';
import { s3Blobs } from '../platform/blobs/s3Blobs.ts';
import { eventBridgeBus } from '../platform/bus/eventBridgeBus.ts';
import { Unavailable } from '../platform/feed/consumer.ts';
import { runConsumers } from '../platform/feed/consumers.ts';
import { type Finding, report } from '../platform/health.ts';
import { EVERY_FEATURE } from '../platform/ledger.ts';
import { CorruptStore, StoreUnavailable } from '../platform/store/errors.ts';
import { macsUnder } from '../platform/store/mac.ts';
import type { StoredCommit } from '../platform/store/port.ts';
import { wholeNumber } from '../platform/wholeNumber.ts';
import { storeTampered } from '../reactions/relay/cloudEvents.ts';
import { relay } from '../reactions/relay/relay.ts';
import { logOriginAt } from '../web/routes/pages.ts';
import { type Chore, chores, type Nudge, nudgeOf, tamperingWatch } from './runtime/consumers.ts';
import {
  BOUNDED,
  BusName,
  CitySettings,
  LOG_FOLDER,
  LogBucket,
  readEnvironment,
  recordPublished,
  recordVerifierKey,
  Tables,
  VKEY_PATH,
} from './runtime/environment.ts';
import { invoked, publishDelayLine } from './runtime/invocation.ts';
import { gatePorts } from './runtime/ports.ts';
import { readMacKeys } from './runtime/secrets.ts';
import { whenOpen } from './runtime/stage.ts';

const env = readEnvironment(
  object(() => ({
    ...Tables.shape,
    ...CitySettings.shape,
    ...LogBucket.shape,
    ...BusName.shape,
    ALDERGATE_LOG_ORIGIN: z.string().min(1).optional(),
    ALDERGATE_LOG_KEY: z.string().min(1),
    ALDERGATE_LOG_FORMER_KEY: z.string().min(1).optional(),
    ALDERGATE_WITNESSES: WitnessText.optional(),
    ALDERGATE_WITNESS_QUORUM: wholeNumber(0).optional(),
  })),
);
const blobs = s3Blobs(new S3Client(BOUNDED), env.ALDERGATE_LOG_BUCKET, LOG_FOLDER);
const gate = await gatePorts(env);

const bus = eventBridgeBus(new EventBridgeClient(BOUNDED), env.ALDERGATE_BUS);
const publisher = relay(bus);
const feed = { ...gate, store: gate.everything };
const relaying = runConsumers(feed, [publisher]);
const relayChore = chores(feed, publisher);

/** The part compared with the log each minute. Finds a removed or planted row even if no stream record of it arrived. */
const COMPARING = { isMarked: true, everyMs: 50_000, streams: 100, streamsAtStart: 100, rows: 1_000 };

const entered = (commits: readonly Pick<StoredCommit, 'stream' | 'bytes'>[]): void => {
  const name = process.env.AWS_LAMBDA_FUNCTION_NAME ?? 'unknown';
  process.stdout.write(`${publishDelayLine(publishDelay(commits, Date.now()), name, Date.now())}\n`);
  for (const stream of new Set(commits.map(({ stream }) => stream))) relaying.nudge(stream);
};

const openLog = async (): Promise<SequencerPorts> => {
  const named = await nameOfLog({ store: gate.everything, blobs }, env.ALDERGATE_LOG_ORIGIN, logOriginAt(env.ALDERGATE_URL));
  if (!named.ok) throw new Error(named.detail);
  const origin = named.name;
  const signerOf = (keyArn: string) => kmsSigner(kmsClientFor(keyArn, BOUNDED), keyArn, origin);
  const newest = await signerOf(env.ALDERGATE_LOG_KEY);
  const base = {
    ...gate,
    store: gate.everything,
    ...SOLE_WRITER,
    judge: new SequencerJudge(fileMemory(blobs, macsUnder(await readMacKeys(env.ALDERGATE_COMMIT_SECRET), 'judged')), COMPARING),
    blobs,
    published: entered,
  };
  const published = await blobs.get(VKEY_PATH);
  const isPublished = (key: string): boolean => published !== undefined && Buffer.from(key).equals(published);
  const former = env.ALDERGATE_LOG_FORMER_KEY && (await signerOf(env.ALDERGATE_LOG_FORMER_KEY));
  const done = isPublished(formatVerifierKey(newest.key));
  const signer = former ? await handOver({ ...base, signer: former }, newest, done) : newest;
  const key = formatVerifierKey(signer.key);
  if (!isPublished(key)) await blobs.replace(VKEY_PATH, Buffer.from(key), published);
  await recordVerifierKey(base.sideStore, key);
  return { ...base, signer };
};

const policy = { witnesses: env.ALDERGATE_WITNESSES ?? [], quorum: env.ALDERGATE_WITNESS_QUORUM ?? 0 };

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : 'unknown');

const failure = (error: unknown): Finding =>
  error instanceof LogConflict
    ? { code: 'log-conflict', detail: 'The published log is not the log of the store.' }
    : {
        code: 'consumers-stuck',
        detail: `The sequencer fails: ${nameOf(error instanceof StoreUnavailable ? (error.cause ?? error) : error)}.`,
      };

/** Adds commits to the log. Leaves a log unchanged that other keys signed under its name. */
const publisherOf = (ports: SequencerPorts) => {
  const sequencing = withWitnesses(ports, policy);
  const checkPublished = publishedCheck(ports);
  const checkQuorum = quorumCheck(ports, policy);
  return async (nudged: readonly string[], changed: readonly string[]): Promise<number> => {
    const findings = await checkPublished();
    const isOther = findings.some(({ code }) => code === 'other-keys');
    if (isOther && (await publishedOrigin(blobs)) === ports.signer.key.name) {
      await report(ports, SEQUENCER, findings);
      throw new CorruptStore('other keys signed the published log');
    }
    try {
      const done = await sequence(sequencing, nudged, changed);
      if (done !== undefined) await recordPublished(ports.sideStore, done.size);
      await report(ports, SEQUENCER, [...findings, ...(await checkQuorum())]);
      return done?.size ?? 0;
    } catch (error) {
      if (error instanceof LogConflict) {
        await holdContradicted(sequencing);
        await markCompared(ports.sideStore, ports.clock());
      }
      await report(ports, SEQUENCER, [...findings, failure(error)]);
      throw error;
    }
  };
};

/** Throws until the bus accepts the report, so that the record is delivered again. */
const tampered = async ({ id, at, stream, version, change }: Nudge): Promise<void> => {
  if (change === 'INSERT' || change === 'RENEWED') return;
  gate.logger({ level: 'error', event: 'store tampered', stream, version, change });
  const [failed] = await bus.publish([storeTampered(id, at, { stream, version, change })]);
  if (failed !== undefined) throw new Unavailable(`${failed.code} ${failed.message}`);
};
const watch = tamperingWatch(gate.logger, SEQUENCER, tampered);

const streamsOf = (nudges: readonly Nudge[]): readonly string[] => [...new Set(nudges.map(({ stream }) => stream))];

const open = async () => {
  const ports = await openLog();
  const publish = publisherOf(ports);
  /** First in the log, then on the bus. */
  const advance = async (nudged: readonly string[], changed: readonly string[]): Promise<number> => {
    try {
      return await publish(nudged, changed);
    } finally {
      await relaying.settled();
    }
  };
  const onStream = async ({ Records: records }: DynamoDBStreamEvent) => {
    const nudges = records.map(nudgeOf);
    const reported = await watch(nudges);
    const { inserted = [], changed = [] } = Object.groupBy(
      nudges.filter(({ change, stream }) => change !== 'RENEWED' && stream !== LOG_STREAM),
      ({ change }) => (change === 'INSERT' ? 'inserted' : 'changed'),
    );
    if (inserted.length + changed.length > 0) await advance(streamsOf(inserted), streamsOf(changed));
    return reported;
  };
  const onSchedule = async () => {
    try {
      const size = await advance([], []);
      await cosignPublished(ports, policy);
      return { size };
    } finally {
      await relayChore({ task: 'sweep' });
    }
  };
  return async (event: DynamoDBStreamEvent | Chore) => {
    if ('Records' in event) return onStream(event);
    return event.task === 'replay' ? relayChore(event) : onSchedule();
  };
};

/** A stage whose log has a checkpoint is open, even if the roster and the policy were removed since. */
const stage = { ...gate, isPublished: async () => (await blobs.get(CHECKPOINT_PATH)) !== undefined };

/** While the store cannot be compared with the log, the removal of a commit that ended an approval would go unnoticed. */
const failingClosed =
  <E, R>(handle: (event: E) => Promise<R>) =>
  async (event: E): Promise<R> => {
    try {
      return await handle(event);
    } catch (error) {
      if (error instanceof CorruptStore) {
        await hold(gate, [{ stream: EVERY_FEATURE, version: 0, problem: error.message }]);
      }
      throw error;
    }
  };

/** No sweep repeats the report of a changed row. */
const whileClosed = async (event: DynamoDBStreamEvent | Chore) =>
  'Records' in event ? watch(event.Records.map(nudgeOf)) : undefined;

/**
 * Invoked by the stream of the commits table, whose records other than INSERT it also reports, and by a schedule. Of two concurrent
 * runs one gives up.
 */
export const handler = invoked(failingClosed(whenOpen(stage, open, whileClosed)));
