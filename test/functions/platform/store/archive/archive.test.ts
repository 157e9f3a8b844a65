import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { JsonObject, JsonValue } from '../../../../../domain/kernel/json.ts';
import { exportArchive } from '../../../../../functions/platform/store/archive/exportArchive.ts';
import { type ArchiveJudge, importArchive, type StateOf } from '../../../../../functions/platform/store/archive/importArchive.ts';
import { openDynamoStore } from '../../../../../functions/platform/store/dynamo/dynamoStore.ts';
import { CorruptStore, StoreUnavailable } from '../../../../../functions/platform/store/errors.ts';
import { KeptRecords } from '../../../../../functions/platform/store/keptRecords.ts';
import { load } from '../../../../../functions/platform/store/load.ts';
import type { Store, StoredCommit } from '../../../../../functions/platform/store/port.ts';
import { openSqliteStore } from '../../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { submit } from '../../../../../functions/platform/store/submit.ts';
import { COMMITS, clientAt, createTables } from '../../../../contract/dynamoTables.ts';
import { enter, ledger, portsOn } from '../../../../contract/ledger.ts';
import { readFeed } from '../../../../contract/readFeed.ts';
import { attachment, plain } from '../../../../contract/records.ts';
import { type Dynoxide, startDynoxide } from '../../../../support/dynoxide.ts';
import { testMacs } from '../../../../support/macs.ts';

const stateOf: StateOf = (_, previous, events) => ({
  state: events
    .map((event: JsonObject) => ledger.parseEvent(event))
    .reduce(ledger.decider.evolve, ledger.parseState((previous ?? ledger.decider.initialState) as JsonValue)),
  stateVersion: ledger.stateVersion,
});

const archiveOf = async (store: Store): Promise<string[]> => {
  const lines: string[] = [];
  for await (const line of exportArchive(store)) lines.push(line);
  return lines;
};
const from = (lines: readonly string[]) =>
  async function* lineByLine() {
    yield* lines;
  };
const contentOf = async (store: Store) => (await readFeed(store, undefined, 50)).items.map(plain);

let source: Store;
let archive: string[];
let target: Store;
beforeAll(async () => {
  source = openSqliteStore(':memory:', testMacs);
  const ports = portsOn(source);
  for (let index = 0; index < 12; index += 1) {
    const attachments = index % 3 ? [] : [attachment(Buffer.from([index, 0, 255])), attachment(Buffer.from(''), 'text/plain')];
    await submit(ports, ledger, { ...enter(`feature/${index % 5}`, [`entry ${index} – grüße 🚦 "\\`]), attachments });
  }
  archive = await archiveOf(source);
});
afterAll(() => source.close());
beforeEach(() => {
  target = openSqliteStore(':memory:', testMacs);
});

test('what was exported and imported is the same to the byte: commits, attachments, states and order', async () => {
  expect(archive).toHaveLength(14);
  expect(await importArchive(target, from(archive), stateOf, acceptAll, new KeptRecords())).toEqual({ ok: true, commits: 12 });
  expect(await contentOf(target)).toEqual(await contentOf(source));
  expect(await archiveOf(target)).toEqual(archive);
});

test('the imported store continues where the exported one stood', async () => {
  await importArchive(target, from(archive), stateOf, acceptAll, new KeptRecords());
  expect(await submit(portsOn(target), ledger, enter('feature/0', ['next']))).toMatchObject({
    ok: true,
    version: 4,
    appended: true,
  });
});

test('an empty store is an archive too', async () => {
  const empty = await archiveOf(openSqliteStore(':memory:', testMacs));
  expect(empty).toHaveLength(2);
  expect(await importArchive(target, from(empty), stateOf, acceptAll, new KeptRecords())).toEqual({ ok: true, commits: 0 });
});

describe('a bad archive is refused with its line, and nothing is written', () => {
  const altered = (index: number, change: (line: string) => string) => () =>
    archive.map((line, at) => (at === index ? change(line) : line));
  const swapped = (line: string, from: string, to: string) => {
    if (!line.includes(from)) throw new Error(`${from} is not in ${line}`);
    return line.replace(from, to);
  };
  test.each<[string, () => readonly string[], number]>([
    ['nothing at all', () => [], 1],
    ['no header', () => archive.slice(1), 1],
    ['a header of another format', altered(0, (line) => swapped(line, '"format":1', '"format":2')), 1],
    ['a line that is no JSON', altered(4, (line) => line.slice(0, -1)), 5],
    ['an empty line', altered(4, () => ''), 5],
    ['a line of something else', altered(4, () => '{"enabled":true}'), 5],
    ['an unknown field beside a commit', altered(4, (line) => swapped(line, '{"commit"', '{"enabled":true,"commit"')), 5],
    ['a word of a commit changed', altered(2, (line) => swapped(line, 'entry 1', 'entry 9')), 8],
    ['a commit that is not canonical', altered(4, (line) => swapped(line, '{\\"actor\\"', '{ \\"actor\\"')), 5],
    ['an attachment changed', altered(1, (line) => swapped(line, 'AAD/', 'AQD/')), 2],
    ['a commit missing', () => archive.toSpliced(2, 1), 7],
    ['a commit twice', () => archive.toSpliced(3, 0, archive[2] ?? ''), 4],
    ['two commits of one stream exchanged', () => archive.with(1, archive[6] ?? '').with(6, archive[1] ?? ''), 2],
    ['the last commit missing', () => archive.toSpliced(12, 1), 13],
    ['an attachment missing', altered(1, (line) => JSON.stringify({ commit: JSON.parse(line).commit })), 14],
    ['no trailer', () => archive.slice(0, -1), 14],
    ['cut off in the middle', () => archive.slice(0, 6), 7],
    ['something after the trailer', () => [...archive, archive[1] ?? ''], 15],
    ['events its stream does not know', altered(5, (line) => swapped(line, 'Entered', 'Enabled')), 6],
  ])('%s', async (_, lines, line) => {
    const answer = await importArchive(target, from(lines()), stateOf, acceptAll, new KeptRecords());
    expect(answer).toMatchObject({
      ok: false,
      rejection: { code: 'bad-archive', detail: expect.stringContaining(`line ${line}:`) },
      line,
    });
    expect(await contentOf(target)).toEqual([]);
  });
});

test('a store that holds anything else is refused, and stays as it was', async () => {
  await submit(portsOn(target), ledger, enter('feature/0', ['other']));
  const before = await contentOf(target);
  expect(await importArchive(target, from(archive), stateOf, acceptAll, new KeptRecords())).toMatchObject({
    ok: false,
    rejection: { code: 'not-empty' },
  });
  expect(await contentOf(target)).toEqual(before);
});

test('a store that went on after an import is refused as well', async () => {
  await importArchive(target, from(archive), stateOf, acceptAll, new KeptRecords());
  await submit(portsOn(target), ledger, enter('feature/0', ['next']));
  expect(await importArchive(target, from(archive), stateOf, acceptAll, new KeptRecords())).toMatchObject({
    ok: false,
    rejection: { code: 'not-empty' },
  });
});

test('an interrupted import reports it, and the same import run again completes it', async () => {
  let left = 7;
  const failing: Store = {
    ...target,
    append: (record) => {
      left -= 1;
      return left < 0 ? Promise.reject(new StoreUnavailable('disk full')) : target.append(record);
    },
  };
  await expect(importArchive(failing, from(archive), stateOf, acceptAll, new KeptRecords())).rejects.toThrow(StoreUnavailable);
  expect(await contentOf(target)).toHaveLength(7);
  expect(await importArchive(target, from(archive), stateOf, acceptAll, new KeptRecords())).toEqual({ ok: true, commits: 12 });
  expect(await contentOf(target)).toEqual(await contentOf(source));
});

describe('what was verified is kept in memory', () => {
  /** Imports the archive, and returns how often it was read and whether records were kept. */
  const imported = async (bytesMax: number) => {
    const kept = new KeptRecords(bytesMax);
    const open = vi.fn(from(archive));
    expect(await importArchive(target, open, stateOf, acceptAll, kept)).toEqual({ ok: true, commits: 12 });
    expect(await contentOf(target)).toEqual(await contentOf(source));
    expect(kept.newest.get('feature/0')).toBe(3);
    return { kept, readings: open.mock.calls.length };
  };

  test('an archive is read once; one that is too large twice, with the same result', async () => {
    expect((await imported(1_000_000)).readings).toBe(1);
    target = openSqliteStore(':memory:', testMacs);
    const { kept, readings } = await imported(2_000);
    expect([readings, kept.all]).toEqual([2, undefined]);
  });

  test('streams come from memory, and what was written since from the store', async () => {
    const { kept } = await imported(1_000_000);
    await submit(portsOn(target), ledger, enter('feature/0', ['next']));
    const history = vi.fn(target.history);
    const over = kept.over({ ...target, history });
    const versions = async (...args: Parameters<Store['history']>) => (await over.history(...args)).map(({ version }) => version);
    expect(await versions('feature/0', {})).toEqual([1, 2, 3]);
    expect(await versions('feature/0', { after: 1, upTo: 2 })).toEqual([2]);
    expect(await versions('feature/0', { after: 1, limit: 1 })).toEqual([2]);
    expect(history).not.toHaveBeenCalled();
    expect(await versions('feature/0', { after: 3 })).toEqual([4]);
    expect(await versions('feature/0', { after: 3, upTo: 3 })).toEqual([]);
    expect(await versions('feature/9', {})).toEqual([]);
  });

  test('so does the feed, page by page, if the cursor behind them is known', async () => {
    const { kept } = await imported(1_000_000);
    const end = await target.feedEnd();
    await submit(portsOn(target), ledger, enter('feature/0', ['next']));
    const feed = vi.fn(target.feed);
    const over = kept.over({ ...target, feed }, end);
    const items: StoredCommit[] = [];
    let page = await over.feed(undefined, 5);
    for (; page.next !== end; page = await over.feed(page.next, 5)) items.push(...page.items);
    expect([...items, ...page.items]).toEqual(kept.all);
    expect(page.done).toBe(false);
    expect(feed).not.toHaveBeenCalled();
    expect(await over.feed(end, 5)).toMatchObject({ items: [{ stream: 'feature/0', version: 4 }], done: true });
    await expect(target.feed('kept/5', 5)).rejects.toThrow(RangeError);
  });
});

const acceptAll: ArchiveJudge = { next: () => undefined, problem: () => undefined };

test('a feed that repeats and shows streams out of order is exported in order, each commit once', async () => {
  const { items } = await readFeed(source, undefined, 50);
  const messy: Store = { ...source, feed: async () => ({ items: [...items.toReversed(), ...items], next: '', done: true }) };
  const lines = await archiveOf(messy);
  expect(lines).toHaveLength(14);
  expect(lines.slice(1, -1).toSorted()).toEqual(archive.slice(1, -1).toSorted());
  expect(await importArchive(target, from(lines), stateOf, acceptAll, new KeptRecords())).toEqual({ ok: true, commits: 12 });
});

test('a stream with a hole or a broken chain is not exported', async () => {
  const { items } = await readFeed(source, undefined, 50);
  const holed: Store = {
    ...source,
    feed: async () => ({ items: items.slice(5), next: '', done: true }),
    history: async () => [],
  };
  await expect(archiveOf(holed)).rejects.toThrow(CorruptStore);
});

describe('between the two adapters', () => {
  let engine: Dynoxide;
  beforeAll(async () => {
    engine = await startDynoxide();
    await createTables(clientAt(engine.endpoint));
  });
  afterAll(() => engine.stop());

  test('from SQLite to DynamoDB and back: every stream the same to the byte', async () => {
    const dynamo = openDynamoStore({ client: clientAt(engine.endpoint), table: COMMITS, now: Date.now, macs: testMacs });
    expect(await importArchive(dynamo, from(archive), stateOf, acceptAll, new KeptRecords())).toEqual({ ok: true, commits: 12 });
    expect((await load(dynamo, ledger, 'feature/1')).state).toEqual((await load(source, ledger, 'feature/1')).state);
    expect(await importArchive(target, from(await archiveOf(dynamo)), stateOf, acceptAll, new KeptRecords())).toEqual({
      ok: true,
      commits: 12,
    });
    for (let stream = 0; stream < 5; stream += 1) {
      const [there, here] = await Promise.all([source, target].map((store) => store.history(`feature/${stream}`, {})));
      expect(here?.map(plain)).toEqual(there?.map(plain));
    }
  });
});
