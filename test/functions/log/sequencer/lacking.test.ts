import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hashOf } from '../../../../domain/kernel/commit.ts';
import { recordRevocation } from '../../../../functions/gate/feature.ts';
import { evaluateKey } from '../../../../functions/gate/heads.ts';
import { addVendor } from '../../../../functions/gate/vendors.ts';
import {
  type Comparing,
  compareStreams,
  fileMemory,
  JUDGED_PATH,
  SequencerJudge,
} from '../../../../functions/log/sequencer/judge.ts';
import { heldLimits, putLogIndex } from '../../../../functions/log/sequencer/logIndex.ts';
import { SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { comparedWith } from '../../../../functions/log/verify/history.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { CorruptStore } from '../../../../functions/platform/store/errors.ts';
import { macsUnder } from '../../../../functions/platform/store/mac.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../../functions/platform/store/record.ts';
import { approvedLike, forgery } from '../../../contract/forgery.ts';
import { must, readFeed } from '../../../contract/underTest.ts';
import { believed } from '../../../support/believed.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { openGate } from '../../openGate.ts';
import { signer } from '../verify/recordStory.ts';

const MACS = macsUnder([new Uint8Array(32).fill(7)], 'judged');
const ALL = { everyMs: 0, streams: Number.POSITIVE_INFINITY, streamsAtStart: Number.POSITIVE_INFINITY, rows: 0 };

/** A store from which the commits of a stream after a version were removed. */
const without = (store: Store, stream: string, after: number): Store => ({
  ...store,
  head: async (asked) => (asked === stream ? (await store.history(stream, { upTo: after })).at(-1) : store.head(asked)),
  history: async (asked, range) =>
    (await store.history(asked, range)).filter(({ version }) => asked !== stream || version <= after),
  feed: async (cursor, limit, unreadable) => {
    const page = await store.feed(cursor, limit, unreadable);
    return { ...page, items: page.items.filter((commit) => commit.stream !== stream || commit.version <= after) };
  },
});

/** Two approved features whose approvals were revoked, one of them beside its stream; all of it in the log. */
const city = async () => {
  const gate = await openGate();
  const folder = folderOfTest('lacking');
  for (const feature of ['acme', 'acme.lpr', 'acme.audio']) {
    const { change, digest } = await gate.notice({ feature });
    await gate.certify(change, digest);
    await gate.sign(change, digest);
  }
  const approved = (await gate.store.head('feature/acme.lpr'))?.version ?? 0;
  await gate.revoke('acme.lpr/1');
  const beside = { key: 'acme.audio', change: 1, requirement: 'mayor', holder: 'mayor', body: 'mayor', seat: 'mayor' };
  await recordRevocation(gate.ports, 'beside', { ...beside, fileNumber: null, reason: null });
  const blobs = folderBlobs(folder);
  const judgeOf = (comparing: Comparing) => new SequencerJudge(fileMemory(blobs, MACS), comparing);
  /** Runs a sequencer on what is left of the store. */
  const run = (store: Store, judge: SequencerJudge, changed: readonly string[] = []) =>
    sequence({ ...gate.ports, ...SOLE_WRITER, store, judge, blobs, signer }, [], changed);
  /** The same in a new process. */
  const restart = (store: Store, comparing: Comparing = ALL, changed: readonly string[] = []) =>
    run(store, judgeOf(comparing), changed);
  const answers = (store: Store) =>
    Promise.all(
      ['acme', 'acme.lpr', 'acme.audio'].map(
        async (key) => (await evaluateKey({ ...gate.ports, store: believed(store, gate.sideStore) }, key, {})).enabled,
      ),
    );
  await restart(gate.store);
  expect(await answers(gate.store)).toEqual([true, false, false]);
  return { ...gate, judgeOf, run, restart, answers, approved, memory: join(folder, JUDGED_PATH) };
};

test('to a process that ends after an answer every stream of an honest log agrees with it, receipts among them', async () => {
  const { store, judgeOf } = await city();
  const lacking = comparedWith(store, judgeOf(ALL));
  const names = new Set((await readFeed(store, undefined, 100)).items.map(({ stream }) => stream));
  const [receipt = ''] = [...names].filter((name) => name.startsWith('receipt/'));
  for (const name of names) expect(await lacking(name, await store.head(name)), name).toBeUndefined();
  expect(await lacking(receipt, undefined)).toBe('version 1 is in the log and not in the store');
});

test('a stream that lost its newest commit is held, also by a process that refuses its head since it knew a newer one', async () => {
  const { store, approved } = await city();
  const stream = 'feature/acme.lpr';
  const { version, bytes } = must(await store.head(stream));
  const shorter = without(store, stream, approved);
  const refusing: Store = {
    ...shorter,
    head: async () => {
      throw new CorruptStore('its newest commit was a later one');
    },
  };
  const ends = new Map([[stream, { version, hash: hashOf(bytes) }]]);
  expect((await compareStreams(refusing, ends, [stream])).lacking.get(stream)).toMatchObject({ version: 0 });
  const unreadable: Store = { ...refusing, history: refusing.head as unknown as Store['history'] };
  expect((await compareStreams(unreadable, ends, [stream])).lacking.size).toBe(0);
});

test.each([true, false])(
  'a revocation whose row is removed stays, after a restart; what the judge learned is there: %s',
  async (kept) => {
    const gate = await city();
    if (!kept) rmSync(gate.memory);
    const attacked = without(gate.store, 'feature/acme.lpr', gate.approved);
    expect(await gate.answers(attacked)).toEqual([true, true, false]);
    await gate.restart(attacked).catch((error: unknown) => expect(error).toMatchObject({ name: 'CorruptStore' }));
    expect(await gate.answers(attacked)).toEqual([true, false, false]);
    expect(await heldLimits(gate.sideStore)).toMatchObject([
      { code: 'log-conflict', detail: expect.stringContaining('feature/acme.lpr lacks commits of the log') },
    ]);
    // Held until the row is back.
    await gate.restart(attacked).catch(() => undefined);
    expect(await gate.answers(attacked)).toEqual([true, false, false]);
    await gate.restart(gate.store);
    expect(await gate.sideStore.list('log-held')).toEqual([]);
  },
);

test('a revocation in whose place another commit stands is off again at the next comparison', async () => {
  const gate = await city();
  const approved = must((await gate.store.history('feature/acme.lpr', { after: gate.approved - 1, limit: 1 }))[0]);
  const nothing = forgery(approved, [{ type: 'Nothing' }], { state: approved.state });
  const attacked: Store = {
    ...gate.store,
    head: async (stream) => (stream === nothing.stream ? nothing : gate.store.head(stream)),
  };
  expect(await gate.answers(attacked)).toEqual([true, true, false]);
  await gate.restart(attacked);
  expect(await gate.answers(attacked)).toEqual([true, false, false]);
  expect(await heldLimits(gate.sideStore)).toMatchObject([
    { code: 'log-conflict', detail: expect.stringContaining('in the log is another commit') },
  ]);
  await gate.restart(gate.store);
  expect(await gate.answers(gate.store)).toEqual([true, false, false]);
});

test('a stream that is removed as a whole cannot be read, so that nothing counts that it could have ended', async () => {
  const gate = await city();
  const attacked = without(gate.store, 'revocation', 0);
  expect(await gate.answers(attacked)).toEqual([true, false, true]);
  await gate.restart(attacked);
  expect(await gate.answers(attacked)).toEqual([false, false, false]);
  await gate.restart(gate.store);
  expect(await gate.answers(gate.store)).toEqual([true, false, false]);
});

test('a few at a time, every stream is compared once in each round, and what lacks commits stays held between', async () => {
  const gate = await city();
  const heads: string[] = [];
  const seen = (store: Store): Store => ({
    ...store,
    head: async (stream) => {
      heads.push(stream);
      return store.head(stream);
    },
  });
  const few = { everyMs: 0, streams: 3, streamsAtStart: 3, rows: 0 };
  // The judge keeps no end of receipts, of each of which there is one commit.
  const names = (await readFeed(gate.store, undefined, 100)).items.map(({ stream }) => stream);
  const ends = new Set(names.filter((name) => name !== 'log' && !name.startsWith('receipt/')));
  const rounds = Math.ceil(ends.size / few.streams);
  expect(rounds).toBeGreaterThan(2);
  for (let run = 0; run < rounds; run += 1) await gate.restart(seen(gate.store), few);
  expect([...ends].filter((name) => !heads.includes(name))).toEqual([]);

  const attacked = without(gate.store, 'feature/acme.lpr', gate.approved);
  let found = 0;
  for (let run = 1; run <= rounds; run += 1) {
    await gate.restart(attacked, few);
    const [, lpr] = await gate.answers(attacked);
    if (lpr === false) found ||= run;
    else expect(found).toBe(0);
  }
  expect(found).toBeGreaterThan(0);
  for (let run = 0; run < rounds; run += 1) await gate.restart(gate.store, few);
  expect(await gate.sideStore.list('log-held')).toEqual([]);
});

test('a stream that is known to be changed is compared at once, and stays held while it lacks commits', async () => {
  const gate = await city();
  const attacked = without(gate.store, 'feature/acme.lpr', gate.approved);
  const none = { everyMs: 0, streams: 0, streamsAtStart: 0, rows: 0 };
  await gate.restart(attacked, none);
  expect(await gate.answers(attacked)).toEqual([true, true, false]);
  await gate.restart(attacked, none, ['feature/acme.lpr']);
  expect(await gate.answers(attacked)).toEqual([true, false, false]);
  // And again in each run after that, until nothing is lacking.
  await gate.restart(attacked, none);
  expect(await gate.answers(attacked)).toEqual([true, false, false]);
  await gate.restart(gate.store, none);
  expect(await gate.sideStore.list('log-held')).toEqual([]);
});

test('a stream that lacks commits stays held while so much waits that a checkpoint is full', async () => {
  const gate = await city();
  const attacked = without(gate.store, 'feature/acme.lpr', gate.approved);
  const none = { everyMs: 0, streams: 0, streamsAtStart: 0, rows: 0 };
  await gate.restart(attacked, none, ['feature/acme.lpr']);
  // The names of these streams fill a checkpoint.
  for (let n = 0; n < 330; n += 1) await addVendor(gate.ports, `vendor-${n}-with-a-name-that-is-long`, `Vendor ${n}`);
  await gate.restart(attacked, none);
  expect(await gate.answers(attacked)).toEqual([true, false, false]);
});

test('a stream that lacks commits is held as a whole, also while its newest row cannot be read', async () => {
  const gate = await city();
  const stream = 'feature/acme.lpr';
  const { version } = must(await gate.store.head(stream));
  const shorter = without(gate.store, stream, gate.approved);
  const unreadable = { stream, version: version + 1, problem: 'the MAC is not valid' };
  const attacked: Store = {
    ...shorter,
    head: async (asked) => {
      if (asked === stream) throw new CorruptStore(unreadable.problem);
      return shorter.head(asked);
    },
    history: async (asked, range) => {
      if (asked === stream && (range.after ?? 0) >= version) throw new CorruptStore(unreadable.problem);
      return shorter.history(asked, range);
    },
  };
  for (let run = 0; run < 2; run += 1) await gate.restart(attacked, ALL);
  expect(await gate.sideStore.list('log-held')).toMatchObject([{ value: { stream, version: 0 } }]);
});

/** A store in which a forger has put a commit where the feed's cursor has passed: behind the first two rows. */
const withHidden = async (store: Store, hidden: StoredCommit): Promise<Store> => {
  const { next } = await store.feed(undefined, 2);
  return {
    ...store,
    head: async (stream) => (stream === hidden.stream ? hidden : store.head(stream)),
    history: async (stream, range) => {
      const page = await store.history(stream, range);
      const isAsked = (range.after ?? 0) < hidden.version && hidden.version <= (range.upTo ?? hidden.version);
      return stream === hidden.stream && isAsked ? [...page, hidden] : page;
    },
    places: async (cursor, limit) => {
      const page = await store.places(cursor, limit);
      return cursor === next ? { ...page, places: [hidden, ...page.places] } : page;
    },
  };
};

test.each([
  ['of a stream that the log has', { streams: 100, rows: 0 }, 1],
  ['of a stream that the log does not have, by turns of a few rows', { streams: 0, rows: 2 }, 2],
])('a forged commit %s, which the feed no longer shows, is judged at the next comparison', async (_, turn, runs) => {
  const gate = await city();
  const approved = must((await gate.store.history('feature/acme.lpr', { after: gate.approved - 1, limit: 1 }))[0]);
  const revoked = must(await gate.store.head('feature/acme.lpr'));
  const known = forgery(revoked, [approvedLike(approved)], { state: approved.state });
  const commit = { ...commitOf(known), stream: 'feature/acme.new', version: 1, prev: null };
  const fresh = newRecord(commit, { state: approved.state, stateVersion: approved.stateVersion, attachments: [] });
  const planted = turn.rows === 0 ? known : fresh;
  const attacked = await withHidden(gate.store, planted);
  // With the key of the MACs, the attacker also records that the log has it.
  await putLogIndex(gate.sideStore, planted.stream, planted.version, { index: 0, hash: hashOf(planted.bytes) });
  const enabled = async () =>
    (await evaluateKey({ ...gate.ports, store: believed(attacked, gate.sideStore) }, planted.stream.slice('feature/'.length), {}))
      .enabled;
  expect(await enabled()).toBe(true);
  // Each turn in a process of its own, as on AWS: the next one goes on where the last one was.
  for (let done = 0; done < runs; done += 1) await gate.restart(attacked, { everyMs: 0, streamsAtStart: turn.streams, ...turn });
  expect(await enabled()).toBe(false);
  expect(await heldLimits(gate.sideStore)).toMatchObject([
    { code: 'judge-failed', detail: expect.stringContaining(`Version ${planted.version} of ${planted.stream} may not stand`) },
  ]);
});

test('rows have their turns from the first again after the last, and after a cursor of another store', async () => {
  const gate = await city();
  const asked: (string | undefined)[] = [];
  const seen: Store = {
    ...gate.store,
    places: async (cursor, limit) => {
      asked.push(cursor);
      return gate.store.places(cursor, limit);
    },
  };
  const few = { everyMs: 0, streams: 0, streamsAtStart: 0, rows: 12 };
  const { length } = (await readFeed(gate.store, undefined, 100)).items;
  expect(length).toBeGreaterThan(few.rows);
  expect(length).toBeLessThan(2 * few.rows);
  for (let run = 0; run < 3; run += 1) await gate.restart(seen, few);
  expect(asked).toEqual([undefined, expect.any(String), undefined]);
  await gate.sideStore.put('log-compared', 'rows', '{"from":0,"shard":1}');
  await gate.restart(seen, few);
  expect(asked.slice(3)).toEqual(['{"from":0,"shard":1}', undefined]);
});
