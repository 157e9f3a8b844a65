import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDynamoSideStore } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openRegisterTable } from '../../../functions/platform/store/dynamo/registerTable.ts';
import { clientAt } from '../../contract/dynamoTables.ts';
import { testGuard } from '../../support/macs.ts';
import { actorsOf } from './support/actors.ts';
import { firstDecision } from './support/firstDecision.ts';
import { type GateOnAws, openGateOnAws } from './support/gateOnAws.ts';
import { SYNTHESIS_MS, withGateOnAws } from './support/opened.ts';

let old: GateOnAws;
let oldActors: ReturnType<typeof actorsOf>;
let fresh: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
const folder = mkdtempSync(join(tmpdir(), 'aldergate-imported-'));

withGateOnAws((opened) => {
  ({ gate: old, actors: oldActors } = opened);
});

beforeAll(async () => {
  fresh = await openGateOnAws();
  actors = actorsOf(fresh);
}, SYNTHESIS_MS);

afterAll(async () => {
  await fresh.stop();
  rmSync(folder, { recursive: true });
});

firstDecision(() => ({ gate: old, actors: oldActors }));

const report = (on: boolean, of: ReturnType<typeof actorsOf>) =>
  of.operator('POST', '/v1/observations', {
    vendor: 'acme',
    source: 'city-it',
    observedAt: new Date().toISOString(),
    features: { 'acme.ghost': on },
  });

const published = (gate: GateOnAws): readonly { readonly type: string; readonly subject: string }[] =>
  gate.cloud.published.map(({ Detail: detail }) => JSON.parse(detail));
const derivedBy = (gate: GateOnAws) =>
  published(gate).flatMap(({ type, subject }) => (type.startsWith('aldergate.derived.') ? [`${subject} ${type}`] : []));

/** Everything that runs, as often as it takes until nothing is left to do. */
const settle = async (gate: GateOnAws): Promise<void> => {
  for (let times = 0; times < 3; times += 1) {
    await gate.sweep();
    await gate.pump();
  }
};

describe('an import into a stage whose functions have not run yet', () => {
  test('the history has answers, tasks and a case of drift, which were published where it began', async () => {
    expect((await report(true, oldActors)).status).toBe(200);
    await settle(old);
    expect(derivedBy(old)).toContain('acme.ghost aldergate.derived.DriftOpened.v1');
  });

  test('publishes nothing of it, and has the case', async () => {
    const [archive, seen, besides] = ['city.ndjson', 'seen', 'private.json'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    const logFile = async (name: string) => (await old.request('GET', `/log/${name}`)).body;
    writeFileSync(seen, await logFile('checkpoint'));
    await old.operate('archive.ts', 'export', archive);
    const client = clientAt(old.engine);
    const register = openRegisterTable({ client, table: 'RegisterTable', guard: testGuard });
    const sideStore = openDynamoSideStore({ client, table: 'SideTable', guard: testGuard, register });
    const tokens = (await sideStore.list('token')).map(({ id, value }) => ({ kind: 'token', id, value }));
    writeFileSync(besides, JSON.stringify({ sideStore: tokens }));
    client.destroy();
    const trust = ['--expect', seen, '--old-key', (await logFile('vkey')).trim(), '--private', besides];
    expect(await fresh.operate('archive.ts', 'import', archive, ...trust)).toMatch(/^imported \d+ commits$/);
    fresh.lose();

    await settle(fresh);
    expect(published(fresh)).toStrictEqual([]);
    actors.hasToken(oldActors.token());
    const { json } = await actors.operator('GET', '/v1/drift');
    expect(json.items).toMatchObject([{ key: 'acme.ghost', kind: 'never-announced', until: null }]);
  });

  test('then publishes an act, and what follows from it, once', async () => {
    expect((await report(false, actors)).status).toBe(200);
    await settle(fresh);
    const types = published(fresh).map(({ type }) => type.slice('aldergate.'.length));
    expect(types).toStrictEqual(['observation.ObservationRecorded.v1', 'derived.DriftClosed.v1', 'derived.TaskClosed.v1']);
  });
});

test('a rebuild makes what is derived anew, names what differed, and says when the function does it', async () => {
  const rebuild = () => fresh.operate('archive.ts', 'rebuild');
  expect(await rebuild()).toBe('rebuilt 1 features and 1 changes');

  const client = clientAt(fresh.engine);
  const sideStore = openDynamoSideStore({ client, table: 'SideTable', guard: testGuard, register: undefined });
  const id = (await sideStore.list('derived', 'acme.ghost'))[0]?.id ?? '';
  await sideStore.remove('derived', id);
  await expect(rebuild()).rejects.toMatchObject({ code: 1, stdout: expect.stringContaining(`differed: derived/${id}\n`) });
  expect(await rebuild()).toBe('rebuilt 1 features and 1 changes');

  await sideStore.remove('derived', id);
  await sideStore.put('lease', `derived/${'9'.repeat(15)}`, { untilMs: Date.now() + 60_000 });
  expect(await rebuild()).toContain('the function `derived` makes anew');
  await sideStore.remove('lease', `derived/${'9'.repeat(15)}`);
  await fresh.invoke('derived', { task: 'sweep' });
  expect(await sideStore.get('derived', id)).toBeDefined();
  client.destroy();
});
