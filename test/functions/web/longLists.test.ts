import { expect, test } from 'vitest';
import { KEYS_PER_TURN } from '../../../functions/platform/turns.ts';
import { MemoryIndex } from '../../../functions/register/memoryIndex.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { apiApp } from '../../../functions/web/api/app.ts';
import { createToken, credentials } from '../../../functions/web/http/tokens.ts';
import { siteApp } from '../../../functions/web/site/app.ts';
import { NO_OUTBOX } from '../../../functions/web/site/deps.ts';
import { failing, openGate, URL_OF_GATE } from '../openGate.ts';
import { putTask, task } from '../register/derived/derivedCity.ts';
import { noon, putKnown } from './site/support/cases.ts';

// A list as long as one may be must not keep the thread from everything else that was asked meanwhile.

const LATER = '2026-03-02T12:30:00.000Z';
/** The reads of one entry in a turn. */
const PATHS = [
  ['/?format=json&limit=1000', 1],
  ['/?format=csv&limit=1000', 1],
  ['/?limit=1000', 1],
  [`/?format=json&limit=1000&at=${LATER}`, 4],
  ['/on-without-permission?format=json&limit=1000', 1],
  ['/worklist?format=json&limit=1000', 10],
  ['/v1/features?limit=1000', 1],
  ['/v1/changes?limit=1000', 1],
  ['/v1/changes?status=approved&limit=1000', 1],
] as const;
/** The reads of a list that belong to no entry. */
const BESIDES = 10;
const ENTRIES = 2 * KEYS_PER_TURN;
const COMMITS = 70;

/** Reads of one thing, in all and at most in one turn of the event loop. */
const readsByTurn = () => {
  const seen = { all: 0, most: 0, inTurn: 0 };
  const count = (method: string): undefined => {
    if (method !== 'get' && method !== 'head' && method !== 'history') return;
    seen.all += 1;
    seen.inTurn += 1;
    seen.most = Math.max(seen.most, seen.inTurn);
  };
  let isDone = false;
  const turn = () => {
    seen.inTurn = 0;
    if (!isDone) setImmediate(turn);
  };
  const during = async (work: () => Promise<void>) => {
    Object.assign(seen, { all: 0, most: 0, inTurn: 0 });
    isDone = false;
    setImmediate(turn);
    await work();
    isDone = true;
    return { all: seen.all, most: seen.most };
  };
  return { count, during };
};

test('of what a long list reads no turn of the event loop reads more than a part', async () => {
  const { count, during } = readsByTurn();
  const gate = await openGate({
    storeOf: (store) => failing(store, count),
    sideStoreOf: (sideStore) => failing(sideStore, count),
  });
  const keys = Array.from({ length: ENTRIES }, (_, n) => `acme.f${String(n).padStart(5, '0')}`);
  for (const feature of ['acme', ...keys]) await gate.approve({ feature });
  for (let n = 1; n <= COMMITS / 2; n += 1) {
    await gate.notice({ feature: 'acme.long' });
    await gate.withdraw(`acme.long/${n}`);
  }
  await rebuild(gate.ports);
  const cases = [{ since: noon('2026-02-01') }];
  await putKnown(
    gate,
    keys.map((key) => ({ key, cases })),
  );
  for (const key of keys) await putTask(gate.sideStore, task({ key, vendor: 'acme', kind: 'switch-on', by: null }));
  gate.at('2026-03-02T13:00:00.000Z');
  const ports = { ...gate.ports, register: new MemoryIndex(gate.ports, gate.ports.logger) };
  const { token } = await createToken(ports, { name: 'it', scopes: ['state:read'], person: null });
  const deps = { ports, logger: gate.ports.logger, checkpoint: () => undefined, rosterSalt: new Uint8Array(32) };
  const keysOf = { linkKey: new Uint8Array(32), textKey: new Uint8Array(32) };
  const site = siteApp({ ...deps, keys: keysOf, vkey: () => undefined, verifier: async () => undefined, outbox: NO_OUTBOX });
  const api = apiApp({ ...deps, leaseSeconds: 30, health: async () => [], authenticate: credentials(ports) });
  const readsOf = async (path: string) => {
    const app = path.startsWith('/v1/') ? api : site;
    const ask = async () => {
      const answer = await app.request(`${URL_OF_GATE}${path}`, { headers: { authorization: `Bearer ${token}` } });
      expect([path, answer.status]).toEqual([path, 200]);
      await answer.text();
    };
    await ask();
    return during(ask);
  };
  for (const [path, ofEntry] of PATHS) {
    const { all, most } = await readsOf(path);
    expect(all, path).toBeGreaterThanOrEqual(ENTRIES);
    expect(most, `${path} reads ${all}`).toBeLessThanOrEqual(ofEntry * KEYS_PER_TURN + BESIDES);
  }
  const { all, most } = await readsOf('/v1/features/acme.long/history?limit=1000');
  expect(all, 'parts of a history').toBeGreaterThanOrEqual(COMMITS / 20);
  expect(most).toBeLessThanOrEqual(2);
});
