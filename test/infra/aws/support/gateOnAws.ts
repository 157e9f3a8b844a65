import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { appOf } from '../../../../functions/web/routes/table.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { clientAt, createTables } from '../../../contract/dynamoTables.ts';
import { type Dynoxide, startDynoxide } from '../../../support/dynoxide.ts';
import { testCommitKey } from '../../../support/macs.ts';
import { programEnv } from '../../local/process.ts';
import { type BusEntry, type Cloud, openCloud } from './cloud.ts';
import { fromBucket } from './cloudFront.ts';
import { CITY_URL, type Deployment, deployed, synthesised } from './deployment.ts';
import type { StartEnvironment } from './environment.ts';
import { matches, type Pattern } from './eventPattern.ts';
import { busEvent, ORIGIN_SECRET, type Reply, requestEvent, streamRecord } from './events.ts';
import { awsEnvironment, type Lambdas, lambdas } from './lambdas.ts';
import { plainEnvironment } from './plainEnvironment.ts';

type StreamRecord = ReturnType<typeof streamRecord>;

/** The city's gate as it is deployed: bundles in processes of their own, a DynamoDB engine, and AWS around them. */
export interface GateOnAws {
  readonly deployment: Deployment;
  readonly cloud: Cloud;
  readonly invoke: Lambdas['invoke'];
  readonly log: readonly string[];
  /** The endpoint of the engine itself, past all permissions. */
  readonly engine: string;
  readonly request: (method: string, path: string, body?: string, headers?: Readonly<Record<string, string>>) => Promise<Reply>;
  readonly restart: (aheadMs: number, change?: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Runs an operator's program on the tables of this gate, or on those of the `--outputs` that are given. */
  readonly operate: (script: string, ...args: readonly string[]) => Promise<string>;
  readonly deliver: (records: readonly StreamRecord[]) => Promise<readonly { readonly batchItemFailures: readonly unknown[] }[]>;
  readonly pump: () => Promise<void>;
  readonly lose: () => void;
  readonly sweep: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

export const makeTables = async (endpoint: string, commits: string, side: string, register: string): Promise<void> => {
  const client = clientAt(endpoint);
  await createTables(client, { commits, side, register });
  client.destroy();
};

const startCloud = async (deployment: () => Deployment, engine: Dynoxide) => {
  await makeTables(engine.endpoint, 'CommitsTable', 'SideTable', 'RegisterTable');
  const cloud = await openCloud(engine.endpoint, deployment);
  for (const name of ['LinkKeySecret', 'TextKeySecret', 'RosterSaltSecret'])
    cloud.secrets.set(name, randomBytes(32).toString('base64'));
  cloud.secrets.set('CommitKeySecret', testCommitKey.toString('base64'));
  cloud.secrets.set('OriginSecret', ORIGIN_SECRET);
  return { engine, cloud };
};

/** Synthesises and starts everything. Resolves with a gate without any data. `started`: the engine, which ends with the gate. */
export const openGateOnAws = async (
  startEnvironment: StartEnvironment = plainEnvironment,
  started?: Dynoxide,
): Promise<GateOnAws> => {
  let deployment = deployed();
  const { engine, cloud } = await startCloud(() => deployment, started ?? (await startDynoxide()));
  let running = lambdas(deployment, cloud, startEnvironment);
  const invoke: Lambdas['invoke'] = (name, event) => running.invoke(name, event);
  let [streamed, heard] = [0, 0];

  const deliver: GateOnAws['deliver'] = async (records) => {
    const batches = deployment.readers.map(({ patterns, target }) => ({
      target,
      batch: records.filter((record) => patterns.some((pattern) => matches(pattern, record))),
    }));
    return Promise.all(
      batches.filter(({ batch }) => batch.length > 0).map(({ target, batch }) => invoke<never>(target, { Records: batch })),
    );
  };
  const hear = async (entries: readonly BusEntry[]): Promise<void> => {
    for (const event of entries.map(busEvent))
      for (const { pattern, target } of deployment.rules)
        if (matches(pattern as Pattern, event) && target in deployment.functions) await invoke(target as FunctionName, event);
  };
  const pump = async (): Promise<void> => {
    while (streamed < cloud.written.length || heard < cloud.published.length) {
      const records = cloud.written.slice(streamed).map((each, index) => streamRecord(each, streamed + index));
      streamed += records.length;
      if (records.length > 0) await deliver(records);
      const entries = cloud.published.slice(heard);
      heard += entries.length;
      await hear(entries);
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
    lose: () => {
      [streamed, heard] = [cloud.written.length, cloud.published.length];
    },
    request: async (method, path, body, headers = {}) => {
      const { pathname } = new URL(path, CITY_URL);
      const file = method === 'GET' ? fromBucket(deployment.templates, cloud, pathname) : undefined;
      if (file !== undefined) return { ...file, body: file.bytes.toString('base64'), isBase64Encoded: true };
      return invoke(appOf(pathname), requestEvent(method, path, body, headers));
    },
    restart: async (aheadMs, change) => {
      await running.stop();
      if (change !== undefined) {
        deployment.remove();
        deployment = synthesised(change);
      }
      running = lambdas(deployment, cloud, (asked) =>
        startEnvironment({ ...asked, variables: { ...asked.variables, CLOCK_AHEAD_MS: String(aheadMs) } }),
      );
    },
    operate: async (script, ...args) => {
      const env = { ...awsEnvironment(cloud.endpointOf('operator')), ...programEnv() };
      const stage = args.includes('--outputs') ? [] : ['--outputs', deployment.outputsFile];
      const { stdout } = await promisify(execFile)(process.execPath, [`infra/aws/${script}`, ...args, ...stage], { env });
      return stdout.trim();
    },
    sweep: async () => {
      for (const name of ['projector', 'sequencer', 'derived', 'notify', 'clock', 'webhooks'] as const)
        await invoke(name, { task: 'sweep' });
    },
    stop: async () => {
      await running.stop();
      await cloud.close();
      await engine.stop();
      deployment.remove();
    },
  };
};
