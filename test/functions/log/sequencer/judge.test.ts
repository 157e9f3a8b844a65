import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { encodeCommit, hashOf } from '../../../../domain/kernel/commit.ts';
import { LOG_STREAM } from '../../../../domain/log/events.ts';
import { logAggregate } from '../../../../functions/gate/aggregates.ts';
import { evaluateKey } from '../../../../functions/gate/heads.ts';
import { addVendor } from '../../../../functions/gate/vendors.ts';
import { CommitJudge } from '../../../../functions/log/judging.ts';
import {
  type Comparing,
  compareStreams,
  fileMemory,
  JUDGED_PATH,
  SequencerJudge,
} from '../../../../functions/log/sequencer/judge.ts';
import {
  comparedLimits,
  heldLimits,
  heldStreams,
  hold,
  markCompared,
  putLogIndex,
} from '../../../../functions/log/sequencer/logIndex.ts';
import { type SequencerPorts, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { compareWithStore, sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { comparedWith } from '../../../../functions/log/verify/history.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { eventsOf } from '../../../../functions/platform/store/load.ts';
import { macsUnder } from '../../../../functions/platform/store/mac.ts';
import type { Store, StoredCommit } from '../../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../../functions/platform/store/record.ts';
import { approvedLike, forgery } from '../../../contract/forgery.ts';
import { must, placeOf, readFeed } from '../../../contract/underTest.ts';
import { believed } from '../../../support/believed.ts';
import { folderOfTest } from '../../../support/folders.ts';
import { permitted } from '../../../support/permitted.ts';
import { failing, openGate } from '../../openGate.ts';
import { signer } from '../verify/recordStory.ts';
import { type Fault, faulty } from './faults.ts';
import { acceptAll } from './ports.ts';
import { verifiedEntries } from './verifiedEntries.ts';

const MACS = macsUnder([new Uint8Array(32).fill(7)], 'judged');
const ALL = { everyMs: 0, streams: Number.POSITIVE_INFINITY, streamsAtStart: Number.POSITIVE_INFINITY, rows: 0 };

/** Compares no stream of itself. */
const NONE = { everyMs: 0, streams: 0, streamsAtStart: 0, rows: 0 };
const KEYS = ['acme', 'acme.lpr', 'acme.audio'];
const LPR = 'feature/acme.lpr';

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
  for (const feature of KEYS) await gate.approve({ feature });
  const approved = must(await gate.store.head(LPR));
  await gate.revoke('acme.lpr/1');
  await gate.revokeBeside('acme.audio/1');
  const blobs = folderBlobs(folder);
  const judgeOf = (comparing: Comparing) => new SequencerJudge(fileMemory(blobs, MACS), comparing);
  /** What a new process has of the store. */
  const begun = (store: Store, comparing: Comparing = ALL) => ({
    ...permitted('sequencer', { ...gate.ports, store }),
    ...SOLE_WRITER,
    judge: judgeOf(comparing),
    blobs,
    signer,
  });
  const restart = (store: Store, comparing: Comparing = ALL, changed: readonly string[] = []) =>
    sequence(begun(store, comparing), [], changed);
  const isOn = async (store: Store, key: string) =>
    (await evaluateKey({ ...gate.ports, store: believed(store, gate.sideStore) }, key, {})).enabled;
  const answers = async (store: Store) => {
    const on = await Promise.all(KEYS.map((key) => isOn(store, key)));
    return KEYS.filter((_, index) => on[index]).join(' ');
  };
  const held = () => gate.sideStore.list('log-held');
  const expectHeld = async (code: string, why: string) =>
    expect(await heldLimits(gate.sideStore)).toMatchObject([{ code, detail: expect.stringContaining(why) }]);
  await restart(gate.store);
  expect(await answers(gate.store)).toBe('acme');
  const attacked = without(gate.store, LPR, approved.version);
  return {
    ...gate,
    judgeOf,
    begun,
    restart,
    isOn,
    answers,
    held,
    expectHeld,
    approved,
    attacked,
    memory: join(folder, JUDGED_PATH),
  };
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
  const { store, attacked } = await city();
  const { version, bytes } = must(await store.head(LPR));
  const refuse = async () => {
    throw new CorruptStore('its newest commit was a later one');
  };
  const ends = new Map([[LPR, { version, hash: hashOf(bytes) }]]);
  const refusing: Store = { ...attacked, head: refuse };
  expect((await compareStreams(refusing, ends, [LPR])).lacking.get(LPR)).toMatchObject({ version: 0 });
  expect((await compareStreams({ ...refusing, history: refuse }, ends, [LPR])).lacking.size).toBe(0);
});

test.each([true, false])(
  'a revocation whose row is removed stays, after a restart; what the judge learned is there: %s',
  async (kept) => {
    const { attacked, ...gate } = await city();
    if (!kept) rmSync(gate.memory);
    expect(await gate.answers(attacked)).toBe('acme acme.lpr');
    // Held until the row is back.
    for (let run = 0; run < 2; run += 1) {
      await gate.restart(attacked).catch((error: unknown) => expect(error).toMatchObject({ name: 'CorruptStore' }));
      expect(await gate.answers(attacked)).toBe('acme');
    }
    await gate.expectHeld('log-conflict', `${LPR} lacks commits of the log`);
    await gate.restart(gate.store);
    expect(await gate.held()).toEqual([]);
  },
);

test.each([false, true])(
  'before the first checkpoint of a process what the store lacks is held, and stays so; a row of the log cannot be read: %s',
  async (unread) => {
    const { attacked, ...gate } = await city();
    if (unread) rmSync(gate.memory);
    const isRow = (method: string, stream: unknown) => unread && method === 'history' && stream === 'feature/acme.audio';
    const seen = (store: Store) => failing(store, (method, [stream]) => isRow(method, stream) && new CorruptStore('altered'));
    await compareWithStore(gate.begun(seen(gate.store)));
    expect(await gate.held()).toEqual([]);
    const ports = gate.begun(seen(attacked));
    await compareWithStore(ports);
    expect((await gate.held()).map(({ value }) => value)).toMatchObject([{ stream: LPR, version: 0 }]);
    expect(ports.judge.learnedUpTo).toBe(unread ? 0 : 1);
    await compareWithStore(gate.begun(seen(attacked), NONE));
    expect(await gate.held()).toHaveLength(1);
  },
);

test('a store that does not answer while a log is learned holds nothing once it does', async () => {
  const gate = await city();
  rmSync(gate.memory);
  let isAway = true;
  const store = failing(
    gate.store,
    (method, [stream]) => isAway && method === 'history' && stream === 'feature/acme.audio' && new StoreUnavailable('it is away'),
  );
  const ports = gate.begun(store);
  await expect(compareWithStore(ports)).rejects.toThrow('it is away');
  isAway = false;
  await compareWithStore(ports);
  await sequence(ports);
  expect(await gate.held()).toEqual([]);
});

test('a round that cannot read a row of the log signs nothing, holds what the store lacks, and counts as no comparison', async () => {
  const { attacked, ...gate } = await city();
  rmSync(gate.memory);
  const isRow = (method: string, stream: unknown) => method === 'history' && stream === 'feature/acme.audio';
  const unread = failing(attacked, (method, [stream]) => isRow(method, stream) && new CorruptStore('altered'));
  await expect(sequence(gate.begun(unread, { ...ALL, isMarked: true }))).rejects.toThrow('altered');
  expect((await gate.held()).map(({ value }) => value)).toMatchObject([{ stream: LPR, version: 0 }]);
});

test('a revocation in whose place another commit stands is off again at the next comparison', async () => {
  const gate = await city();
  const nothing = forgery(gate.approved, [{ type: 'Nothing' }], { state: gate.approved.state });
  const attacked: Store = {
    ...gate.store,
    head: async (stream) => (stream === nothing.stream ? nothing : gate.store.head(stream)),
  };
  expect(await gate.answers(attacked)).toBe('acme acme.lpr');
  await gate.restart(attacked);
  expect(await gate.answers(attacked)).toBe('acme');
  await gate.expectHeld('log-conflict', 'in the log is another commit');
});

test('a stream that is removed as a whole cannot be read, so that nothing counts that it could have ended', async () => {
  const gate = await city();
  const attacked = without(gate.store, 'revocation', 0);
  expect(await gate.answers(attacked)).toBe('acme acme.audio');
  await gate.restart(attacked);
  expect(await gate.answers(attacked)).toBe('');
  await gate.restart(gate.store);
  expect(await gate.answers(gate.store)).toBe('acme');
});

test('a few at a time, every stream is compared once in each round, and what lacks commits stays held between', async () => {
  const { attacked, ...gate } = await city();
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

  const isOn: boolean[] = [];
  for (let run = 1; run <= rounds; run += 1) {
    await gate.restart(attacked, few);
    isOn.push(await gate.isOn(attacked, 'acme.lpr'));
  }
  expect(isOn.at(-1)).toBe(false);
  expect(isOn.lastIndexOf(true)).toBe(isOn.indexOf(false) - 1);
  for (let run = 0; run < rounds; run += 1) await gate.restart(gate.store, few);
  expect(await gate.held()).toEqual([]);
});

test('a stream that is known to be changed is compared at once, and stays held while it lacks commits, also when a checkpoint is full', async () => {
  const { attacked, ...gate } = await city();
  await gate.restart(attacked, NONE);
  expect(await gate.answers(attacked)).toBe('acme acme.lpr');
  await gate.restart(attacked, NONE, [LPR]);
  expect(await gate.answers(attacked)).toBe('acme');
  await gate.restart(attacked, NONE);
  expect(await gate.answers(attacked)).toBe('acme');
  // The names of these streams fill a checkpoint.
  for (let n = 0; n < 330; n += 1) await addVendor(gate.ports, `vendor-${n}-with-a-name-that-is-long`, `Vendor ${n}`);
  await gate.restart(attacked, NONE);
  expect(await gate.answers(attacked)).toBe('acme');
  for (let run = 0; run < 2; run += 1) await gate.restart(gate.store, NONE);
  expect(await gate.held()).toEqual([]);
});

test('what a process found to lack commits it holds again at its next run, where who writes the side store removed the record', async () => {
  const { attacked, ...gate } = await city();
  const ports = gate.begun(attacked, NONE);
  await sequence(ports, [], [LPR]);
  for (const { id } of await gate.held()) await gate.sideStore.remove('log-held', id);
  expect(await gate.answers(attacked)).toBe('acme acme.lpr');
  await sequence(ports);
  expect(await gate.answers(attacked)).toBe('acme');
  await sequence({ ...ports, store: gate.store });
  expect(await gate.held()).toEqual([]);
});

test('a stream that lacks commits is held as a whole, also while its newest row cannot be read', async () => {
  const { attacked, ...gate } = await city();
  const { version } = must(await gate.store.head(LPR));
  const unreadable = failing(attacked, (method, [stream, range]) => {
    const isNewest = method === 'head' || (method === 'history' && ((range as { after?: number }).after ?? 0) >= version);
    return stream === LPR && isNewest ? new CorruptStore('the MAC is not valid') : undefined;
  });
  for (let run = 0; run < 2; run += 1) await gate.restart(unreadable);
  expect(await gate.held()).toMatchObject([{ value: { stream: LPR, version: 0 } }]);
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
  const { approved } = gate;
  const revoked = must(await gate.store.head(LPR));
  const known = forgery(revoked, [approvedLike(approved)], { state: approved.state });
  const commit = { ...commitOf(known), stream: 'feature/acme.new', version: 1, prev: null };
  const fresh = newRecord(commit, { state: approved.state, stateVersion: approved.stateVersion, attachments: [] });
  const planted = turn.rows === 0 ? known : fresh;
  const attacked = await withHidden(gate.store, planted);
  // With the key of the MACs, the attacker also records that the log has it.
  await putLogIndex(gate.sideStore, planted.stream, planted.version, { index: 0, hash: hashOf(planted.bytes) });
  const enabled = () => gate.isOn(attacked, planted.stream.slice('feature/'.length));
  expect(await enabled()).toBe(true);
  // Each turn in a process of its own, as on AWS: the next one goes on where the last one was.
  for (let done = 0; done < runs; done += 1) await gate.restart(attacked, { everyMs: 0, streamsAtStart: turn.streams, ...turn });
  expect(await enabled()).toBe(false);
  await gate.expectHeld('judge-failed', `Version ${planted.version} of ${planted.stream} may not stand`);
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
  const few = { ...NONE, rows: 12 };
  const { length } = (await readFeed(gate.store, undefined, 100)).items;
  expect(length).toBeGreaterThan(few.rows);
  expect(length).toBeLessThan(2 * few.rows);
  for (let run = 0; run < 3; run += 1) await gate.restart(seen, few);
  expect(asked).toEqual([undefined, expect.any(String), undefined]);
  await gate.sideStore.put('log-compared', 'rows', '{"from":0,"shard":1}');
  await gate.restart(seen, few);
  expect(asked.slice(3)).toEqual(['{"from":0,"shard":1}', undefined]);
});

describe('where answers rest on the mark of the sequencer', () => {
  const MARKED = { isMarked: true, everyMs: 0, streams: 1, streamsAtStart: 1, rows: 0 };
  const minutesAfter = (at: string, minutes: number) => new Date(Date.parse(at) + minutes * 60_000).toISOString();
  const opened = async () => {
    const gate = await city();
    const refused = async (minutes = 0) =>
      (await comparedLimits(gate.sideStore, minutesAfter(gate.ports.clock(), minutes))).map(({ stream }) => stream);
    const forget = async (which: (id: string) => boolean) => {
      for (const { id } of await gate.held()) if (which(id)) await gate.sideStore.remove('log-held', id);
    };
    return { ...gate, refused, forget };
  };
  const isMark = (id: string) => id === 'compared';

  test('nothing is on before it, and when it is a quarter of an hour old, or of a clock that ran ahead', async () => {
    const gate = await opened();
    expect(await gate.refused()).toEqual(['feature/*']);
    await gate.restart(gate.store, MARKED);
    expect(await gate.refused(14)).toEqual([]);
    for (const minutes of [15, -15]) expect(await gate.refused(minutes)).toEqual(['feature/*']);
  });

  test('who removes the records of what is held frees nothing, and who removes the mark, too, has everything compared anew', async () => {
    const { attacked, ...gate } = await opened();
    await gate.restart(gate.store, MARKED);
    const [{ value: old } = expect.fail()] = await gate.held();
    for (const which of [(id: string) => !isMark(id), () => true]) {
      await gate.restart(attacked, MARKED, [LPR]);
      await gate.forget(which);
      expect(await gate.refused()).toEqual([which('compared') ? 'feature/*' : LPR]);
      await gate.restart(attacked, MARKED);
      expect(await gate.refused()).toEqual([LPR]);
    }
    await gate.restart(gate.store, MARKED);
    expect(await gate.refused()).toEqual([]);
    await gate.restart(attacked, MARKED, [LPR]);
    await gate.forget(() => true);
    await gate.sideStore.put('log-held', 'compared', old);
    expect([await gate.refused(), await gate.refused(15)]).toEqual([[], ['feature/*']]);
  });

  test('it is there also while nothing can be signed or published, and not where more is held than it could name', async () => {
    const { attacked, ...gate } = await opened();
    await gate.notice({ feature: 'acme.waits' });
    const fails = async () => {
      throw new Error('not now');
    };
    const { blobs, ...ports } = gate.begun(attacked, MARKED);
    await expect(sequence({ ...ports, blobs, signer: { ...signer, sign: fails } })).rejects.toThrow('not now');
    expect([await gate.refused(), await gate.answers(attacked)]).toEqual([[LPR], 'acme']);
    await gate.forget(() => true);
    await gate.sideStore.remove('log-applied', 'sequencer');
    await expect(sequence({ ...gate.begun(attacked, MARKED), blobs: { ...blobs, putIfAbsent: fails } })).rejects.toThrow();
    expect(await gate.refused()).toEqual([LPR]);
    await gate.forget(isMark);
    for (const name of ['x', 'y'])
      await hold(gate.ports, [{ stream: `feature/${name}`, version: 1, problem: name.repeat(200_000) }]);
    await markCompared(gate.sideStore, gate.ports.clock());
    expect(await gate.refused()).toContain('feature/*');
  });
});

/** A gate with a log, and sequencers that begin again; `again` returns the streams whose history each of them read, once a reading. */
const remembering = async () => {
  const gate = await openGate({ honest: false });
  const folder = folderOfTest('memory');
  const read: string[] = [];
  const store: typeof gate.store = {
    ...gate.store,
    history: (stream, range) => {
      read.push(stream);
      return gate.store.history(stream, range);
    },
  };
  const blobs = folderBlobs(folder);
  const start = (macs = MACS) => ({
    ...gate.ports,
    store,
    ...SOLE_WRITER,
    judge: new SequencerJudge(fileMemory(blobs, macs)),
    blobs,
    signer,
  });
  const again = async (macs = MACS) => {
    read.length = 0;
    await sequence(start(macs));
    return read.filter((stream) => stream !== 'log' && !stream.startsWith('logbook/'));
  };
  await gate.notice();
  await sequence(start());
  return { ...gate, again, folder, file: join(folder, JUDGED_PATH), start };
};

test('a new process continues from what was learned, and reads no commit of the log again', async () => {
  const gate = await remembering();
  expect(await gate.again()).toEqual([]);
  rmSync(gate.file);
  expect(await gate.again()).toContain('feature/acme');
});

test('a file that is altered, of another key or of another log counts for nothing', async () => {
  const gate = await remembering();
  const bytes = readFileSync(gate.file);
  for (const place of [0, 20, 60, bytes.length - 1]) {
    const altered = Buffer.from(bytes);
    altered[place] = (altered[place] ?? 0) ^ 1;
    writeFileSync(gate.file, altered);
    expect(await gate.again(), `byte ${place}`).toContain('feature/acme');
  }
  expect(await gate.again(macsUnder([new Uint8Array(32).fill(8)], 'judged'))).toContain('feature/acme');
  const other = await remembering();
  writeFileSync(other.file, bytes);
  expect(await other.again()).toContain('feature/acme');
  writeFileSync(gate.file, bytes.subarray(0, 10));
  expect(await gate.again()).toContain('feature/acme');
});

test('a process that is cut off while it judges a long log leaves what it has learned to the next', async () => {
  const gate = await remembering();
  await gate.notice({ feature: 'acme.next' });
  await gate.again();
  rmSync(gate.file);
  const started = performance.now();
  let minutes = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => {
    minutes += 1;
    return started + 60_000 * minutes;
  });
  const store = failing(
    gate.store,
    (method, [stream]) => method === 'history' && stream === 'feature/acme.next' && new StoreUnavailable('away'),
  );
  await expect(sequence({ ...gate.start(), store })).rejects.toThrow('away');
  vi.restoreAllMocks();
  const read = await gate.again();
  expect(read).toContain('feature/acme.next');
  expect(read).not.toContain('feature/acme');
});

test('after a round that failed a process judges anew what is in the log, which takes nothing twice', async () => {
  const gate = await remembering();
  rmSync(gate.file);
  await gate.notice();
  let isAway = true;
  const isLog = (records: unknown) => (records as readonly StoredCommit[])[0]?.stream === LOG_STREAM;
  const store = failing(
    gate.store,
    (method, [records]) => isAway && method === 'append' && isLog(records) && new StoreUnavailable('away'),
  );
  const ports = { ...gate.start(), store };
  await expect(sequence(ports)).rejects.toThrow('away');
  isAway = false;
  await sequence(ports);
  expect(await heldStreams(gate.sideStore)).toEqual([]);
  const places = verifiedEntries(gate.folder, signer.key).map(placeOf);
  expect(places.filter((place) => place.startsWith('feature/'))).toEqual(['feature/acme@1', 'feature/acme@2']);
});

test('a commit of the log that may not stand stops its stream, also for a process that continues from what was learned', async () => {
  const gate = await remembering();
  await gate.approve({ feature: 'acme.approved' });
  await gate.notice({ feature: 'acme.forged' });
  const approval = approvedLike(must(await gate.store.head('feature/acme.approved')));
  const forge = async () => gate.store.append([forgery(must(await gate.store.head('feature/acme.forged')), [approval])]);
  await forge();
  await sequence({ ...gate.start(), judge: acceptAll() });
  for (const feature of ['acme.first', 'acme.second', 'acme.third']) {
    await gate.notice({ feature });
    await forge();
    await gate.again();
    const places = verifiedEntries(gate.folder, signer.key).map(placeOf);
    expect(places).toContain(`feature/${feature}@1`);
    expect(places.filter((place) => place.startsWith('feature/acme.forged'))).toEqual([
      'feature/acme.forged@1',
      'feature/acme.forged@2',
    ]);
    expect((await heldStreams(gate.sideStore)).map(({ stream }) => stream)).toEqual(['feature/acme.forged']);
  }
});

/** From then on it writes nothing. */
const endingAt = (ports: SequencerPorts, step: (write: string) => boolean, fault: Fault): SequencerPorts => {
  const ending = faulty(ports, step, fault).ports;
  return { ...ending, judge: new SequencerJudge(fileMemory(ending.blobs, MACS)) };
};
/** After judging, after signing, and after saving what was learned. */
const ENDS = {
  judged: ['append', 'not persisted'],
  signed: ['append', 'persisted'],
  saved: [`replace ${JUDGED_PATH}`, 'persisted'],
} as const;

const sizeAt = async (store: Store, version: number) => {
  const [commit] = await store.history(LOG_STREAM, { after: version - 1, upTo: version, limit: 1 });
  return eventsOf(logAggregate, must(commit)).at(-1)?.size ?? 0;
};

test('ended after judging, after signing or after saving what was learned: the log continues, nothing is judged differently, nothing forged enters', async () => {
  const gate = await remembering();
  const forged: string[] = [];
  for (const [round, point] of (['saved', 'judged', 'signed', 'judged', 'saved'] as const).entries()) {
    const [feature, undecided] = [`acme.f${round}`, `acme.undecided${round}`];
    await gate.approve({ feature });
    await gate.notice({ feature: undecided });
    const approval = approvedLike(must(await gate.store.head(`feature/${feature}`)));
    await gate.store.append([forgery(must(await gate.store.head(`feature/${undecided}`)), [approval])]);
    forged.push(`feature/${undecided}@2`);

    const [step, fault] = ENDS[point];
    await expect(sequence(endingAt(gate.start(), (write) => write === step, fault)), point).rejects.toMatchObject({
      name: 'Crash',
    });
    await sequence(gate.start());

    const entries = verifiedEntries(gate.folder, signer.key);
    const stored = (await gate.store.feed(undefined, 1_000)).items.filter(({ stream }) => stream !== LOG_STREAM);
    const due = stored.map(placeOf).filter((place) => !forged.includes(place));
    expect(entries.map(placeOf).toSorted()).toStrictEqual(due.toSorted());
    expect((await heldStreams(gate.sideStore)).map(placeOf)).toStrictEqual(forged);

    // A judge that reads the whole log accepts it, and at that version knows exactly what the interrupted ones saved.
    const learned = must(await fileMemory(folderBlobs(gate.folder), MACS).load());
    const size = await sizeAt(gate.store, learned.version);
    const fresh = new CommitJudge();
    for (const [index, entry] of entries.entries()) {
      if (index === size) expect(learned.commits).toEqual(structuredClone(fresh.state));
      expect(fresh.next(encodeCommit(entry))).toStrictEqual({ ok: true });
    }
    if (size === entries.length) expect(learned.commits).toEqual(structuredClone(fresh.state));
  }
});
