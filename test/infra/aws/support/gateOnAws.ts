import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import { appOf } from '../../../../functions/web/routes/table.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { clientAt, createTables, openTables as openTablesOf } from '../../../contract/dynamoTables.ts';
import { type Dynoxide, startDynoxide } from '../../../support/dynoxide.ts';
import { testCommitKey } from '../../../support/macs.ts';
import { programEnv } from '../../local/process.ts';
import { CITY_URL } from './city.ts';
import type { Keys } from './cloud/kms.ts';
import { type Moto, openMoto } from './cloud/moto.ts';
import { type Cloud, openCloud } from './cloud.ts';
import { fromBucket } from './cloudFront.ts';
import { type Deployment, deployed, synthesised } from './deployment.ts';
import { matches } from './eventPattern.ts';
import { busEvent, ORIGIN_SECRET, type Reply, requestEvent, streamRecord } from './events.ts';
import { awsEnvironment, type Lambdas, lambdas, plainEnvironment, type StartEnvironment } from './lambdas.ts';

type StreamRecord = ReturnType<typeof streamRecord>;

const TABLES = { commits: 'CommitsTable', side: 'SideTable', register: 'RegisterTable' };

export const openTables = (endpoint: string) => {
  const client = clientAt(endpoint);
  return { client, ...openTablesOf(client, TABLES) };
};

const madeSecret = () => randomBytes(32).toString('base64');

/** The secrets of a stage, as CloudFormation makes them, and the two that the tests know. */
const secretsOfStage = (): Readonly<Record<string, string>> => ({
  LinkKeySecret: madeSecret(),
  TextKeySecret: madeSecret(),
  RosterSaltSecret: madeSecret(),
  CommitKeySecret: testCommitKey.toString('base64'),
  OriginSecret: ORIGIN_SECRET,
});

/** What the streams and the rules of a stage bring to its functions. */
interface Feed {
  readonly records: () => Promise<readonly StreamRecord[]>;
  readonly events: () => Promise<readonly { readonly target: string; readonly event: JsonValue }[]>;
  readonly lose: () => void;
}

const ownFeed = (cloud: Cloud, deployment: () => Deployment): Feed => {
  let [streamed, heard] = [0, 0];
  return {
    records: async () => {
      const records = cloud.written.slice(streamed).map((each, index) => streamRecord(each, streamed + index));
      streamed += records.length;
      return records;
    },
    events: async () => {
      const entries = cloud.published.slice(heard);
      heard += entries.length;
      return entries.map(busEvent).flatMap((event) => {
        const fitting = deployment().rules.filter(({ pattern }) => matches(pattern, event));
        return fitting.map(({ target }) => ({ target, event }));
      });
    },
    lose: () => {
      [streamed, heard] = [cloud.written.length, cloud.published.length];
    },
  };
};

/** moto delivers nothing to functions: its stream is read here, and each rule leads to a queue of its own. */
const motoFeed = async (moto: Moto, { rules }: Deployment): Promise<Feed> => {
  const heard = await Promise.all(
    rules.map(async ({ bus, pattern, target }, index) => ({ target, read: await moto.rule(bus, `rule-${index}`, pattern) })),
  );
  return {
    records: moto.recordsOf('CommitsTable'),
    events: async () => {
      const all = await Promise.all(heard.map(async ({ target, read }) => (await read()).map((event) => ({ target, event }))));
      return all.flat();
    },
    lose: () => {
      throw new Error('moto loses nothing');
    },
  };
};

const startMoto = async (): Promise<Moto> => {
  const moto = await openMoto();
  await moto.makeBucket('PublicLogBucket');
  await moto.makeBus('EventsBus');
  await moto.verifyDomain('city.example');
  for (const [name, text] of Object.entries(secretsOfStage())) await moto.makeSecret(name, text);
  return moto;
};

/**
 * `started`: the engine, which ends with the gate; `isForeign`: all but KMS is an AWS of others; `keys`: those of an account in which
 * another stage is; `change`: of the context.
 */
export interface StageOptions {
  readonly started?: Dynoxide;
  readonly isForeign?: boolean;
  readonly keys?: Keys;
  readonly change?: Readonly<Record<string, unknown>>;
}

const startCloud = async (deployment: () => Deployment, { isForeign = false, started, keys }: StageOptions) => {
  const moto = isForeign ? await startMoto() : undefined;
  const engine = moto ?? started ?? (await startDynoxide());
  const client = clientAt(engine.endpoint);
  await createTables(client, TABLES);
  client.destroy();
  const cloud = await openCloud(engine.endpoint, deployment, moto, keys);
  if (moto !== undefined) return { engine, cloud, moto, feed: await motoFeed(moto, deployment()) };
  for (const [name, text] of Object.entries(secretsOfStage())) cloud.secrets.set(name, text);
  return { engine, cloud, moto, feed: ownFeed(cloud, deployment) };
};

const EACH_MINUTE = [
  'projector',
  'sequencer',
  'derived',
  'notify',
  'clock',
  'webhooks',
] as const satisfies readonly FunctionName[];

/**
 * Synthesises and starts a city's gate as it is deployed: bundles in processes of their own, a DynamoDB engine, and AWS around them.
 * Resolves with a gate without any data.
 */
export const openGateOnAws = async (startEnvironment: StartEnvironment = plainEnvironment, options: StageOptions = {}) => {
  let deployment = options.change === undefined ? deployed() : synthesised(options.change);
  const { engine, cloud, feed, moto } = await startCloud(() => deployment, options);
  let running = lambdas(deployment, cloud, startEnvironment);
  const invoke: Lambdas['invoke'] = (name, event) => running.invoke(name, event);

  const deliver = (records: readonly StreamRecord[]): Promise<readonly { readonly batchItemFailures: readonly unknown[] }[]> =>
    Promise.all(
      deployment.readers.flatMap(({ patterns, target }) => {
        const batch = records.filter((record) => patterns.some((pattern) => matches(pattern, record)));
        return batch.length === 0 ? [] : [invoke<never>(target, { Records: batch })];
      }),
    );
  const pump = async () => {
    for (;;) {
      const records = await feed.records();
      if (records.length > 0) await deliver(records);
      const events = await feed.events();
      for (const { target, event } of events) if (target in deployment.functions) await invoke(target as FunctionName, event);
      if (records.length + events.length === 0) return;
    }
  };
  return {
    get deployment() {
      return deployment;
    },
    cloud,
    invoke,
    get log() {
      return running.log;
    },
    engine: engine.endpoint,
    deliver,
    pump,
    lose: feed.lose,
    /** The AWS of others, where it is asked for. */
    moto,
    request: async (
      method: string,
      path: string,
      body?: string,
      headers: Readonly<Record<string, string>> = {},
    ): Promise<Reply> => {
      const { pathname } = new URL(path, CITY_URL);
      const file = method === 'GET' ? fromBucket(deployment.templates, cloud, pathname) : undefined;
      if (file !== undefined) return { ...file, body: file.bytes.toString('base64'), isBase64Encoded: true };
      return invoke(appOf(pathname), requestEvent(method, path, body, headers));
    },
    restart: async (aheadMs: number, change?: Readonly<Record<string, unknown>>) => {
      await running.stop();
      if (change !== undefined) {
        deployment.remove();
        deployment = synthesised(change);
      }
      running = lambdas(deployment, cloud, (asked) =>
        startEnvironment({ ...asked, variables: { ...asked.variables, CLOCK_AHEAD_MS: String(aheadMs) } }),
      );
    },
    /** Runs an operator's program on the tables of this gate, or on those of the `--outputs` that are given. */
    operate: async (script: string, ...args: readonly string[]) => {
      const env = { ...awsEnvironment(cloud.endpointOf('operator')), ...programEnv() };
      const stage = args.includes('--outputs') ? [] : ['--outputs', deployment.outputsFile];
      const { stdout } = await promisify(execFile)(process.execPath, [`infra/aws/${script}`, ...args, ...stage], { env });
      return stdout.trim();
    },
    /** Runs what is run each minute, or some of it. */
    sweep: async (...names: readonly FunctionName[]) => {
      for (const name of names.length === 0 ? EACH_MINUTE : names) await invoke(name, { task: 'sweep' });
    },
    stop: async () => {
      await running.stop();
      await cloud.close();
      await engine.stop();
      deployment.remove();
    },
  };
};
export type GateOnAws = Awaited<ReturnType<typeof openGateOnAws>>;
