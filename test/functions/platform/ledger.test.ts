import { describe, expect, test } from 'vitest';
import { ABSENT, UNREADABLE } from '../../../domain/feature/evaluate.ts';
import { type LogTimes, NO_TIMES } from '../../../domain/log/late.ts';
import { featureAggregate } from '../../../functions/gate/aggregates.ts';
import { readRevocations } from '../../../functions/gate/feature.ts';
import {
  Alterations,
  commitAt,
  EVERY_FEATURE,
  EVERY_STREAM,
  headNow,
  Ledger,
  type StoreEvidence,
  type StreamLimit,
} from '../../../functions/platform/ledger.ts';
import { CorruptStore, StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { load } from '../../../functions/platform/store/load.ts';
import { ANY_CHANGED, type Store, type UnreadableRow } from '../../../functions/platform/store/port.ts';
import { recordAfter } from '../../contract/underTest.ts';
import { storeOfTest } from '../../support/stores.ts';
import { failing, NOON, openGate } from '../openGate.ts';

const FLOCK = 'feature/flock';
const OTHER = 'feature/other';
const PREFIXES = ['feature/'];
const fault = new CorruptStore('another file', { code: 'file-exchanged' });
const limit = (stream: string, from: number): StreamLimit => ({ stream, from, code: 'judge-failed', detail: 'Because.' });

const filled = async (): Promise<Store> => {
  const store = storeOfTest();
  const first = recordAfter(undefined, { stream: FLOCK });
  for (const record of [first, recordAfter(first), recordAfter(undefined, { stream: OTHER })]) await store.append([record]);
  return store;
};

const ledgerOf = (evidence: Partial<StoreEvidence> = {}) => new Ledger({ held: async () => [], ...evidence }, new Alterations());

const nameOf = ({ name }: Error) => name;
/** What a store gives of each stream: its newest version, and the versions of its history and of the feed. */
const seen = async (store: Store) => {
  const left: UnreadableRow[] = [];
  const { items } = await store.feed(undefined, 10, (row) => left.push(row));
  const of = async (stream: string) => ({
    head: await store.head(stream).then((head) => head?.version ?? 0, nameOf),
    history: await store.history(stream, {}).then((page) => page.map(({ version }) => version), nameOf),
    feed: items.filter((item) => item.stream === stream).map(({ version }) => version),
    left: left.filter((row) => row.stream === stream).map(({ version }) => version),
  });
  return { flock: await of(FLOCK), other: await of(OTHER), absent: await of('feature/absent') };
};

const WHOLE = { head: 2, history: [1, 2], feed: [1, 2], left: [] };
const ONE = { head: 1, history: [1], feed: [1], left: [] };
const NOTHING = { head: 0, history: [], feed: [], left: [] };
const BELIEVED = { flock: WHOLE, other: ONE, absent: NOTHING };

const SAYS: readonly (readonly [string, (store: Store) => Promise<unknown>])[] = [
  ['head', (store) => store.head(FLOCK)],
  ['history', (store) => store.history(FLOCK, {})],
  ['feed', (store) => store.feed(undefined, 10, () => undefined)],
  ['places', (store) => store.places(undefined, 10)],
  ['append', (store) => store.append([recordAfter(undefined, { stream: 'feature/new' })])],
];

test('without evidence everything is believed', async () => {
  const store = await filled();
  for (const view of [ledgerOf().believed(store), ledgerOf().judged(store)]) expect(await seen(view)).toEqual(BELIEVED);
});

test.each(SAYS)('while a database is at fault as a whole nothing is given: %s', async (_, ask) => {
  const store = await filled();
  const ledger = ledgerOf({ fault: () => fault });
  for (const view of [ledger.believed(store), ledger.judged(store)]) {
    await expect(ask(view)).rejects.toBe(fault);
    expect([await view.newestAt(), await view.changed(PREFIXES, undefined)]).toEqual([undefined, ANY_CHANGED]);
  }
  expect(await store.head('feature/new')).toBeUndefined();
});

test.each(SAYS)('before the store was compared with the log nothing is given but to what compares it: %s', async (_, ask) => {
  const store = await filled();
  const ledger = ledgerOf();
  ledger.doubt = new CorruptStore('not yet', { code: 'not-compared' });
  await expect(ask(ledger.believed(store))).rejects.toBe(ledger.doubt);
  await expect(ask(ledger.judged(store))).resolves.toBeDefined();
});

test('what kept an answer knows nothing any more once a fault is there', async () => {
  const store = await filled();
  let found: CorruptStore | undefined;
  const ledger = ledgerOf({ fault: () => found });
  for (const view of [ledger.believed(store), ledger.judged(store)]) {
    found = undefined;
    const { moment } = await view.changed(PREFIXES, undefined);
    expect(view.isUnchangedSince(moment)).toBe(true);
    found = fault;
    expect(view.isUnchangedSince(moment)).toBe(false);
  }
});

test('an append into a file that was exchanged meanwhile is not acknowledged', async () => {
  const store = await filled();
  const assertFiles = () => {
    throw fault;
  };
  const ledger = ledgerOf({ assertFiles });
  for (const view of [ledger.believed(store), ledger.judged(store)])
    await expect(view.append([recordAfter(undefined, { stream: 'feature/new' })])).rejects.toBe(fault);
});

const REFUSED = { head: 'CorruptStore', history: 'CorruptStore', feed: [] };
const NONE = { flock: { ...REFUSED, left: [1, 2] }, other: { ...REFUSED, left: [1] }, absent: { ...REFUSED, left: [] } };

test.each<[string, Partial<StoreEvidence>, object, object]>([
  [
    'a stream that the sequencer holds: up to the version before, by all but the sequencer',
    { held: async () => [limit(FLOCK, 2)] },
    { ...BELIEVED, flock: { head: 'CorruptStore', history: [1], feed: [1], left: [2] } },
    BELIEVED,
  ],
  ['a stream whose held commit is not there yet: as it is', { held: async () => [limit(FLOCK, 3)] }, BELIEVED, BELIEVED],
  [
    'a stream that lacks commits: not at all, not even that it is absent',
    { held: async () => [limit('feature/absent', 0), limit(FLOCK, 2), limit(FLOCK, 0)] },
    { ...NONE, other: ONE },
    BELIEVED,
  ],
  [
    'what the public log contradicts: by no one, nor the sequencer',
    { contradicted: async () => [limit(EVERY_STREAM, 0)] },
    NONE,
    NONE,
  ],
  [
    'a stream that is held from a later version on, of a log that cannot be read: not at all',
    { contradicted: async () => [limit(EVERY_STREAM, 0)], held: async () => [limit(FLOCK, 3)] },
    NONE,
    NONE,
  ],
  ['the features of a restored gate: by the sequencer alone', { held: async () => [limit(EVERY_FEATURE, 0)] }, NONE, BELIEVED],
])('what is believed: %s', async (_, evidence, believed, judged) => {
  const store = await filled();
  const ledger = ledgerOf(evidence);
  expect(await seen(ledger.believed(store))).toEqual(believed);
  expect(await seen(ledger.judged(store))).toEqual(judged);
});

test('of what is held it is said why, of a restored gate everything but features is believed, of a log that cannot be read the log itself', async () => {
  const store = await filled();
  await store.append([recordAfter(undefined, { stream: 'roster' })]);
  const ledger = ledgerOf({ held: async () => [limit(FLOCK, 2)] });
  const view = ledger.believed(store);
  await expect(view.feed(undefined, 10)).rejects.toThrow('feature/flock@2: Because');
  await expect(view.history(FLOCK, { after: 1 })).rejects.toThrow('feature/flock@2: Because');
  expect(await ledger.check()).toEqual([{ code: 'judge-failed', detail: 'Because.' }]);
  const restored = ledgerOf({ held: async () => [limit(EVERY_FEATURE, 0)] }).believed(store);
  expect((await restored.head('roster'))?.version).toBe(1);
  await expect(restored.head(OTHER)).rejects.toThrow(`${OTHER}@0: Because`);
  const notCompared = ledgerOf({ held: async () => [{ ...limit(EVERY_FEATURE, 0), code: 'not-compared' }] }).believed(store);
  // No row is at fault: it is asked again.
  await expect(notCompared.head(OTHER)).rejects.toMatchObject({ code: 'not-compared' });
  const contradicted = ledgerOf({ contradicted: async () => [limit(EVERY_STREAM, 0)] });
  for (const each of [contradicted.believed(store), contradicted.judged(store)]) expect(await each.head('log')).toBeUndefined();
});

test('where the evidence cannot be read nothing is given, and it is asked again', async () => {
  const store = await filled();
  let down = true;
  const asked = async (): Promise<readonly StreamLimit[]> => {
    if (down) throw new StoreUnavailable('down');
    return [];
  };
  for (const evidence of [{ held: asked }, { contradicted: asked }]) {
    down = true;
    const view = ledgerOf(evidence).believed(store);
    await expect(view.head(FLOCK)).rejects.toThrow('down');
    await expect(view.history(FLOCK, {})).rejects.toThrow('down');
    await expect(view.changed(PREFIXES, undefined)).rejects.toThrow('down');
    down = false;
    expect((await view.head(FLOCK))?.version).toBe(2);
  }
});

test('an answer that was kept is given up once something else is held', async () => {
  const store = await filled();
  let held: readonly StreamLimit[] = [];
  const ledger = ledgerOf({ held: async () => held });
  const view = ledger.believed(store);
  const { moment } = await view.changed(PREFIXES, undefined);
  expect(await view.changed(PREFIXES, moment)).toMatchObject({ streams: [] });
  held = [limit(FLOCK, 2)];
  await expect.poll(() => view.isUnchangedSince(moment)).toBe(false);
  expect((await view.changed(PREFIXES, moment)).streams).toBeUndefined();
});

test('a head that lacks what is in the log is refused where each is compared by itself', async () => {
  const store = await filled();
  const ledger = ledgerOf();
  ledger.lacking = async (stream, head) => (stream === FLOCK && head?.version === 2 ? 'version 3 is in the log' : undefined);
  await expect(ledger.believed(store).head(FLOCK)).rejects.toThrow('feature/flock: version 3 is in the log');
  expect((await ledger.believed(store).head(OTHER))?.version).toBe(1);
  expect((await ledger.judged(store).head(FLOCK))?.version).toBe(2);
});

test('a row that cannot be read is kept as altered, and forgotten once it can be; a fault of the whole is none', async () => {
  let error: CorruptStore | undefined = new CorruptStore('its MAC is not valid');
  const store = failing(await filled(), (method, [stream]) =>
    (method === 'head' || method === 'history') && stream === FLOCK ? error : undefined,
  );
  const ledger = ledgerOf();
  const present = () => ledger.alterations.present({} as never);
  for (const view of [ledger.believed(store), ledger.judged(store)]) {
    error = new CorruptStore('its MAC is not valid');
    await expect(view.head(FLOCK)).rejects.toBe(error);
    expect(await present()).toMatchObject([{ code: 'row-altered', detail: expect.stringContaining('its MAC is not valid') }]);
    error = undefined;
    expect(await present()).toEqual([]);
    error = fault;
    await expect(view.history(FLOCK, {})).rejects.toBe(fault);
    expect(await present()).toEqual([]);
  }
});

test('no history goes across a commit that is missing; that is kept as altered until it is back', async () => {
  const [store, ledger] = [storeOfTest(), ledgerOf()];
  const first = recordAfter(undefined, { stream: FLOCK });
  const second = recordAfter(first);
  for (const record of [first, recordAfter(second)]) await store.append([record]);
  const view = ledger.believed(store);
  for (const range of [{}, { after: 1 }]) await expect(view.history(FLOCK, range)).rejects.toThrow('feature/flock@2 is missing');
  expect([await view.history(FLOCK, { limit: 1 }), await view.history(FLOCK, { after: 2 })]).toMatchObject([
    [{ version: 1 }],
    [{ version: 3 }],
  ]);
  expect(await ledger.alterations.present({} as never)).toMatchObject([{ code: 'row-altered' }]);
  await store.append([second]);
  expect(await view.history(FLOCK, {})).toHaveLength(3);
  expect(await ledger.alterations.present({} as never)).toEqual([]);
});

test('a moment of other evidence says nothing', async () => {
  const store = { ...(await filled()), isUnchangedSince: () => true };
  const view = ledgerOf().believed(store);
  const { moment } = await view.changed(PREFIXES, undefined);
  expect(view.isUnchangedSince(moment)).toBe(true);
  expect(view.isUnchangedSince(moment.replace(/ .*$/, ' [{}]'))).toBe(false);
});

describe('a head that an answer may rest on', () => {
  const approved = async () => {
    const gate = await openGate();
    await gate.approve();
    const loading = () => load(gate.ports.store, featureAggregate, 'feature/acme');
    return { gate, loading, now: (now: string) => headNow(loading(), readRevocations(gate.ports.store), now) };
  };

  test('is the newest state; five minutes ahead of the clock it is still believed, and no more', async () => {
    const { loading, now } = await approved();
    const at = Date.parse((await loading()).head?.at ?? '');
    const ahead = (minutes: number, ms = 0) => now(new Date(at - minutes * 60_000 - ms).toISOString());
    expect((await ahead(0)).head.kind).toBe('state');
    expect((await ahead(5)).head.kind).toBe('state');
    expect((await ahead(5, 1)).head).toBe(UNREADABLE);
  });

  test('is unreadable while a recorded revocation ends it that it does not show', async () => {
    const { gate, now } = await approved();
    await gate.revokeBeside('acme/1');
    expect((await now(NOON)).head).toBe(UNREADABLE);
  });

  test('is unreadable if the store refuses it, and absent only if it was never written', async () => {
    const { gate } = await approved();
    const none = readRevocations(gate.ports.store);
    expect((await headNow(Promise.reject(new CorruptStore('altered')), none, NOON)).head).toBe(UNREADABLE);
    expect((await headNow(load(gate.ports.store, featureAggregate, 'feature/other'), none, NOON)).head).toBe(ABSENT);
    await expect(headNow(Promise.reject(new StoreUnavailable('down')), none, NOON)).rejects.toThrow('down');
  });
});

test('a late entry counts from when it came; of a time with too many late ones nothing is known', async () => {
  const store = storeOfTest();
  const [early, middle, late] = ['2026-01-01T00:00:00.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z'] as const;
  const first = recordAfter(undefined, { stream: FLOCK, at: early });
  const second = recordAfter(first, { at: middle });
  for (const record of [first, second, recordAfter(second, { at: late })]) await store.append([record]);
  const at = async (instant: string, times: LogTimes) => (await commitAt(store, FLOCK, instant, times))?.version;
  expect([await at(early, NO_TIMES), await at(middle, NO_TIMES), await at(late, NO_TIMES)]).toEqual([1, 2, 3]);
  expect(await at('2025-12-31T00:00:00.000Z', NO_TIMES)).toBeUndefined();
  const cameLate = { ...NO_TIMES, late: [{ stream: FLOCK, version: 2, from: '2026-02-15T00:00:00.000Z' }] };
  expect([await at(middle, cameLate), await at('2026-02-15T00:00:00.000Z', cameLate)]).toEqual([1, 2]);
  await expect(at(early, { ...NO_TIMES, unknownBefore: middle })).rejects.toThrow('too many commits entered the log late');
  expect(await at(middle, { ...NO_TIMES, unknownBefore: middle })).toBe(2);
});
