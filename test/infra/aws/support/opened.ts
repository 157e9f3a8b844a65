import { randomUUID } from 'node:crypto';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect } from 'vitest';
import { SignedCheckpoint } from '../../../../domain/log/checkpoint.ts';
import { parseVerifierKey, type VerifierKey } from '../../../../domain/log/note.ts';
import { readLog } from '../../../../functions/log/verify/readLog.ts';
import type { CloudEvent } from '../../../../functions/platform/bus/port.ts';
import { StreamQueue } from '../../../../functions/platform/store/submit.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { clientAt } from '../../../contract/dynamoTables.ts';
import { ROSTER } from '../../../functions/web/site/support/city.ts';
import { actorsOf, now, POLICY } from './actors.ts';
import { type GateOnAws, openGateOnAws, openTables } from './gateOnAws.ts';
import type { StartEnvironment } from './lambdas.ts';

/**
 * Opens a gate for the tests of a file and its people to `take`. When they end, checks that no permission was missing, whichever
 * test needed it.
 */
export const withGateOnAws = (
  take: (opened: { readonly gate: GateOnAws; readonly actors: ReturnType<typeof actorsOf> }) => void,
  start?: StartEnvironment,
  aws?: { readonly isForeign: boolean },
): void => {
  let gate: GateOnAws;
  beforeAll(async () => {
    gate = await openGateOnAws(start, aws);
    take({ gate, actors: actorsOf(gate) });
  });
  afterAll(async () => {
    const { denied } = gate.cloud;
    await gate.stop();
    expect(denied).toStrictEqual([]);
  });
};

/** Opens a gate by the shortest way: a token, the roster, a vendor and a policy. */
export const beginStage = async (
  gate: GateOnAws,
  actors: ReturnType<typeof actorsOf>,
  policy: object = POLICY,
): Promise<void> => {
  const { client, store, sideStore } = openTables(gate.engine);
  const ports = { store, sideStore, clock: now, newId: randomUUID, queue: new StreamQueue() };
  actors.hasToken((await createToken(ports, { name: 'operator', scopes: ['admin'], person: null })).token);
  client.destroy();
  expect((await actors.operator('PUT', '/v1/roster', ROSTER)).status).toBe(200);
  const acme = { id: 'acme', name: 'Acme', publicKey: actors.publicKey };
  expect((await actors.operator('POST', '/v1/vendors', acme)).status).toBe(201);
  expect((await actors.operator('POST', '/v1/policy', { policy })).status).toBe(200);
  // Nothing is taken before the sequencer ran once, as the table's stream has it do at once.
  await gate.pump();
};

/** Everything that runs, as often as it takes until nothing is left to do. */
export const settle = async (gate: GateOnAws): Promise<void> => {
  for (let times = 0; times < 3; times += 1) {
    await gate.sweep();
    await gate.pump();
  }
};

export const published = (gate: GateOnAws): readonly CloudEvent[] =>
  gate.cloud.published.map((entry) => JSON.parse(entry.Detail));

export const readiness = async (gate: GateOnAws) => JSON.parse((await gate.request('GET', '/readyz')).body);

/** Undefined if it is not there. */
export const logFile = async (gate: GateOnAws, path: string): Promise<Buffer | undefined> => {
  const { statusCode, body, isBase64Encoded } = await gate.request('GET', `/log/${path}`);
  return statusCode === 200 ? Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8') : undefined;
};
export const vkeyOf = async (gate: GateOnAws): Promise<VerifierKey> =>
  parseVerifierKey(String(await logFile(gate, 'vkey')).trim());
export const checkpointBy = async (gate: GateOnAws, key: VerifierKey): Promise<SignedCheckpoint> =>
  SignedCheckpoint.open((await logFile(gate, 'checkpoint')) ?? new Uint8Array(), { origin: key.name, keys: [key] });
export const entriesBy = async (gate: GateOnAws, key: VerifierKey): Promise<readonly Uint8Array[]> => {
  const entries: Uint8Array[] = [];
  const get = (path: string) => logFile(gate, path);
  for await (const { bytes } of readLog({ get }, await checkpointBy(gate, key))) entries.push(bytes);
  return entries;
};

/** Returns what `/readyz` finds, each as `CODE: DETAIL`. */
export const findingsOf = async (gate: GateOnAws): Promise<readonly string[]> => {
  const { problems = [], notes = [] } = await readiness(gate);
  return [...problems, ...notes].map(({ code, detail }: { code: string; detail: string }) => `${code}: ${detail}`);
};

export const everythingIn = async (gate: GateOnAws): Promise<readonly string[]> => {
  const client = clientAt(gate.engine);
  const rows: string[] = [];
  for (const TableName of ['CommitsTable', 'SideTable', 'RegisterTable'])
    for (const { pk, sk } of (await client.send(new ScanCommand({ TableName }))).Items ?? [])
      rows.push(`${TableName} ${pk?.S} ${sk?.S ?? sk?.N}`);
  client.destroy();
  return [...rows, ...gate.cloud.objects.keys()].sort();
};

/** A stage that nobody opened writes nothing of its own and says what to do. */
export const staysClosed = async (gate: GateOnAws): Promise<void> => {
  for (const _ of ['cold', 'warm']) await gate.sweep();
  for (const path of ['/', '/features', '/feed.atom', '/docs', '/log/checkpoint', '/v1/features', '/readyz'])
    await gate.request('GET', path, undefined, { accept: 'text/html' });
  expect((await actorsOf(gate).vendor('northcam')).status).toBe(401);
  expect(await everythingIn(gate)).toStrictEqual([]);
  expect(published(gate)).toStrictEqual([]);
  expect((await gate.request('GET', '/healthz')).statusCode).toBe(200);
  expect((await gate.request('GET', '/log/checkpoint')).statusCode).toBe(404);
  expect(await readiness(gate)).toMatchObject({
    status: 'not-ready',
    problems: [{ code: 'closed', detail: expect.stringContaining('import an archive into it') }],
  });
};
