import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { decodeCommit, encodeCommit, hashOf } from '../../../domain/kernel/commit.ts';
import { type CheckpointSigned, LOG_STREAM } from '../../../domain/log/events.ts';
import { formatVerifierKey } from '../../../domain/log/note.ts';
import { logAggregate } from '../../../functions/gate/aggregates.ts';
import { checkRows } from '../../../functions/gate/checks.ts';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import {
  awaitLogged,
  draftOf,
  importLog,
  linesOf,
  loggedCommits,
  type Trust,
  trustIn,
  unloggedVersions,
  writeArchive,
} from '../../../functions/log/archive.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { eventsOf } from '../../../functions/platform/store/load.ts';
import type { Store, StoredCommit } from '../../../functions/platform/store/port.ts';
import { plain, readFeed } from '../../contract/underTest.ts';
import { testKey } from '../../domain/log/support/testLog.ts';
import { folderOfTest } from '../../support/folders.ts';
import { type AtEnd, shared } from '../../support/shared.ts';
import { storeOfTest } from '../../support/stores.ts';
import { atOnce, failing } from '../openGate.ts';
import { ORIGIN } from './sequencer/ports.ts';
import { publishedStory, signer } from './verify/recordStory.ts';

const archiveOf = async (store: Store) => {
  const lines: string[] = [];
  for await (const line of linesOf(loggedCommits(store))) lines.push(line.slice(0, -1));
  return lines;
};
const from = (lines: readonly string[]) =>
  async function* lineByLine() {
    yield* lines;
  };
const contentOf = async (store: Store) => (await readFeed(store, undefined, 50)).items.map(plain);
const byPlace = async (store: Store) =>
  (await contentOf(store)).toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

const OWN: Trust = { keysOf: () => [signer.key], expect: undefined };
const OTHER = testKey(ORIGIN, 1, 9).key;

type Story = Awaited<ReturnType<typeof publishedStory>>;
/** A log of two checkpoints, the first of most of it. */
const twoCheckpoints = async (atEnd?: AtEnd): Promise<Story> => {
  const told = await publishedStory(true, atOnce, atEnd);
  await told.gate.notice({ feature: 'acme.later' });
  await told.publish();
  return told;
};
const world = shared(async (atEnd) => {
  const told = await twoCheckpoints(atEnd);
  return { told, lines: await archiveOf(told.ports.store) };
});
let story: Story;
let archive: readonly string[];
let target: Store;
beforeEach(() => {
  ({ told: story, lines: archive } = world());
  target = storeOfTest();
});

const imported = (lines: readonly string[], trust = OWN) => importLog(target, from(lines), trust);
const checkpoints = async () =>
  (await story.ports.store.history(LOG_STREAM, {})).flatMap((commit) => eventsOf(logAggregate, commit));

/** Makes the trailer fit again, as a forger does. */
const sealed = (lines: readonly string[]) => {
  const body = lines.slice(0, -1);
  const sha256 = hashOf(Buffer.from(body.map((line) => `${line}\n`).join('')));
  return [...body, JSON.stringify({ commits: body.length - 1, sha256 })];
};
const withoutAttachments = (line: string) =>
  line.includes('"attachments"') ? JSON.stringify({ commit: JSON.parse(line).commit }) : line;
/** Returns an archive with other fields in its last checkpoint, sealed again. */
const withLastCheckpoint = (lines: readonly string[], fields: Partial<CheckpointSigned>) => {
  const at = lines.length - 2;
  const { commit } = JSON.parse(lines[at] ?? '') as { readonly commit: string };
  const read = decodeCommit(Buffer.from(commit));
  const events = read.events.map((event) => ({ ...event, ...fields }));
  const bytes = Buffer.from(encodeCommit({ ...read, events }));
  return sealed(lines.with(at, JSON.stringify({ commit: bytes.toString('utf8') })));
};

const bad = (why: RegExp) => ({ ok: false, code: 'bad-archive', detail: expect.stringMatching(why) });

describe('an archive', () => {
  test('has the commits of the log in its order, each checkpoint behind what it was signed over, and gives the same store', async () => {
    const [first, second] = await checkpoints();
    const commits = archive.length - 2;
    expect(commits).toBe((second?.size ?? 0) + 2);
    expect(archive[(first?.size ?? 0) + 1]).toContain('CheckpointSigned');
    expect(archive[commits]).toContain('CheckpointSigned');
    expect(await imported(archive)).toMatchObject({
      ok: true,
      commits: commits - 2,
      origin: ORIGIN,
      learned: { root: second?.root },
    });
    expect(await archiveOf(target)).toEqual(archive);
    expect(await byPlace(target)).toEqual(await byPlace(story.ports.store));
    expect((await checkRows(target)).problems).toEqual([]);
    const now = await evaluateKey({ ...story.ports, store: target }, 'acme', {});
    expect(now).toEqual(await evaluateKey(story.ports, 'acme', {}));
  });

  test('of an empty log is one, too', async () => {
    const empty = await archiveOf(target);
    expect(empty).toHaveLength(2);
    expect(await imported(empty)).toMatchObject({ ok: true, commits: 0, learned: undefined });
  });

  test('waits for what was acknowledged, and names it if the log does not take it', async () => {
    story = await twoCheckpoints();
    archive = await archiveOf(story.ports.store);
    expect(await unloggedVersions(story.ports.store)).toEqual(new Map());
    await story.gate.notice({ feature: 'acme.last' });
    let looks = 0;
    const pause = async () => {
      looks += 1;
      if (looks === 2) await story.publish();
    };
    const outside = await awaitLogged(story.ports.store, async () => undefined, 3);
    expect([...outside].filter(([stream]) => stream.startsWith('feature/'))).toEqual([['feature/acme.last', 1]]);
    expect(await archiveOf(story.ports.store)).toEqual(archive);
    expect(await awaitLogged(story.ports.store, pause, 5)).toEqual(new Map());
    expect(looks).toBe(2);
  });

  test('is not made of other commits than those that were signed', async () => {
    const { store } = story.ports;
    const history: Store['history'] = async (stream, range) => {
      const commits = await store.history(stream, range);
      return stream === 'feature/acme' ? commits.map((commit) => ({ ...commit, bytes: new Uint8Array([1]) })) : commits;
    };
    await expect(archiveOf({ ...store, history })).rejects.toThrow('was signed over other entries');
  });
});

describe('a bad archive is refused with its line, and nothing is written', () => {
  const swapped = (line: string, before: string, after: string) => {
    if (!line.includes(before)) throw new Error(`${before} is not in ${line}`);
    return line.replace(before, after);
  };
  const lineOf = (word: string) => archive.findIndex((line) => line.includes(word));
  const altered = (index: number, change: (line: string) => string) => archive.with(index, change(archive[index] ?? ''));
  const atWord = (word: string, change: (line: string) => string) => altered(lineOf(word), change);
  test.each<[string, () => readonly string[], RegExp]>([
    ['nothing at all', () => [], /line 1: the archive is cut off/],
    ['no header', () => archive.slice(1), /line 1: not the beginning/],
    ['a header of another format', () => altered(0, (line) => swapped(line, '"format":1', '"format":2')), /line 1/],
    ['a line that is no JSON', () => altered(4, (line) => line.slice(0, -1)), /line 5/],
    ['a line of something else', () => altered(4, () => '{"enabled":true}'), /line 5: neither a commit/],
    ['an unknown field', () => altered(4, (line) => swapped(line, '{"commit"', '{"enabled":true,"commit"')), /line 5/],
    ['a commit that is not canonical', () => altered(4, (line) => swapped(line, '{\\"actor\\"', '{ \\"actor\\"')), /line 5/],
    [
      'an attachment changed',
      () => atWord('"attachments"', (line) => line.replace(/"bytes":"..../, '"bytes":"AAAA')),
      /attachment/,
    ],
    ['an attachment missing', () => sealed(atWord('"attachments"', withoutAttachments)), /line/],
    [
      'events its stream does not know',
      () => atWord('ChangeNotified', (line) => line.replace('ChangeNotified', 'ChangeEnabled')),
      /cannot stand in a store/,
    ],
    ['a commit missing', () => sealed(archive.toSpliced(lineOf('ChangeNotified'), 1)), /line/],
    ['a commit twice', () => sealed(archive.toSpliced(3, 0, archive[2] ?? '')), /line 4/],
    [
      'a commit that continues another',
      () => sealed(atWord('VoteCertified', (line) => line.replace(/(\\"prev\\":\\"sha256:).{4}/, '$10000'))),
      /does not continue the hash chain of its stream/,
    ],
    ['two commits in another order', () => sealed(archive.with(1, archive[2] ?? '').with(2, archive[1] ?? '')), /line/],
    ['a checkpoint missing', () => sealed(archive.toSpliced(lineOf('CheckpointSigned'), 1)), /version 2 of log follows 0/],
    ['commits under no checkpoint', () => sealed(archive.toSpliced(archive.length - 2, 1)), /under no checkpoint/],
    [
      'a checkpoint with the peaks of another tree',
      () => withLastCheckpoint(archive, { peaks: [Buffer.alloc(32, 1).toString('base64')] }),
      /signed over other entries/,
    ],
    ['cut off in the middle', () => archive.slice(0, 6), /line 7: the archive is cut off/],
    ['the end left out', () => archive.toSpliced(archive.length - 2, 1), /does not fit the lines before it/],
    ['something after the trailer', () => [...archive, archive[1] ?? ''], /follows the end/],
  ])('%s', async (_, lines, detail) => {
    expect(await imported(lines())).toMatchObject(bad(detail));
    expect(await contentOf(target)).toEqual([]);
  });

  test('an approval that may not stand', async () => {
    const forged = await publishedStory(false);
    await forged.gate.approve({ feature: 'acme.forged' });
    await forged.publish();
    const lines = await archiveOf(forged.ports.store);
    const at = lines.findIndex((line) => line.includes('acme.forged') && line.includes('RequirementMet'));
    expect(await imported(sealed(lines.toSpliced(at, 1)))).toMatchObject({ ok: false, code: 'bad-archive' });
    expect(await contentOf(target)).toEqual([]);
  });
});

describe('what vouches for an archive', () => {
  const expected = async (index: number, key = formatVerifierKey(signer.key)) =>
    trustIn(Buffer.from((await checkpoints())[index]?.checkpoint ?? ''), key);

  test('is the key that signed its log', async () => {
    expect(await imported(archive, { ...OWN, keysOf: () => [OTHER] })).toMatchObject({ ok: false, code: 'not-trusted' });
    expect(await contentOf(target)).toEqual([]);
  });

  test('or that key and a checkpoint that it continues', async () => {
    for (const index of [0, 1])
      expect(await importLog(storeOfTest(), from(archive), await expected(index))).toMatchObject({ ok: true });
  });

  test('an archive that lacks the last commits continues no later checkpoint', async () => {
    const [first] = await checkpoints();
    const older: Store = {
      ...story.ports.store,
      history: (stream, range) => story.ports.store.history(stream, stream === LOG_STREAM ? { ...range, upTo: 1 } : range),
    };
    const lines = await archiveOf(older);
    expect(lines).toHaveLength((first?.size ?? 0) + 3);
    const refused = { ok: false, code: 'not-trusted', detail: expect.stringContaining('does not continue') };
    expect(await imported(lines, await expected(1))).toMatchObject(refused);
    expect(await imported(lines, await expected(0))).toMatchObject({ ok: true });
  });

  test('a checkpoint that the key signed over other entries vouches for none of these', async () => {
    const [first, second] = await checkpoints();
    const older = sealed([...archive.slice(0, (first?.size ?? 0) + 2), '']);
    expect(await imported(withLastCheckpoint(older, {}), await expected(0))).toMatchObject({ ok: true });
    target = storeOfTest();
    const forged = withLastCheckpoint(older, { checkpoint: second?.checkpoint ?? '' });
    for (const trust of [OWN, await expected(0)])
      expect(await imported(forged, trust)).toMatchObject({ ok: false, code: 'not-trusted' });
    expect(await contentOf(target)).toEqual([]);
  });

  test('no commit of the log that is ahead of the clock, since it is under no signature and would hold every command back', async () => {
    const at = archive.length - 2;
    const { commit } = JSON.parse(archive[at] ?? '') as { readonly commit: string };
    const read = decodeCommit(Buffer.from(commit));
    const of = (instant: string) => {
      const bytes = Buffer.from(encodeCommit({ ...read, at: instant }));
      return sealed(archive.with(at, JSON.stringify({ commit: bytes.toString('utf8') })));
    };
    const importedBy = (now: string, lines: readonly string[]) => importLog(storeOfTest(), from(lines), OWN, { now });
    expect(await importedBy(read.at, archive)).toMatchObject({ ok: true });
    const ahead = await importedBy(read.at, of('2099-01-01T00:00:00.000Z'));
    expect(ahead).toMatchObject(bad(/a commit of the log is of 2099-01-01T00:00:00.000Z/));
    const minutes = (count: number) => new Date(Date.parse(read.at) + count * 60_000).toISOString();
    expect(await importedBy(read.at, of(minutes(5)))).toMatchObject({ ok: true });
    expect(await importedBy(read.at, of(minutes(6)))).toMatchObject({ ok: false });
  });

  test('no other late entries than there are, since they are under no signature', async () => {
    const late = [{ stream: 'feature/acme', version: 1, from: '2026-03-02T12:00:00.000Z' }];
    for (const change of [{ late }, { newest: '2026-03-01T12:00:00.000Z' }, { unknownBefore: '2026-03-01T12:00:00.000Z' }])
      expect(await imported(withLastCheckpoint(archive, change), OWN)).toMatchObject(
        bad(/names other late entries than there are/),
      );
  });

  test('a checkpoint that another key signed is none', async () => {
    await expect(expected(0, formatVerifierKey(OTHER))).rejects.toThrow();
  });
});

describe('an import', () => {
  test('is refused by a store that holds anything else, which stays as it was', async () => {
    story = await twoCheckpoints();
    archive = await archiveOf(story.ports.store);
    await imported(archive);
    const before = await contentOf(target);
    await story.gate.notice({ feature: 'acme.other' });
    await story.publish();
    const [last] = await story.ports.store.history('feature/acme.other', {});
    if (last !== undefined) await target.append([last]);
    expect(await imported(archive)).toMatchObject({ ok: false, code: 'not-empty' });
    const inPages: Store = { ...target, feed: (cursor) => target.feed(cursor, 1) };
    expect(await importLog(inPages, from(archive), OWN)).toMatchObject({ ok: false, code: 'not-empty' });
    expect(await contentOf(target)).toEqual([...before, ...(last === undefined ? [] : [plain(last)])]);
  });

  test('is followed in the order of the log, behind what is written', async () => {
    const followed: StoredCommit[] = [];
    const follow = async (commits: readonly StoredCommit[]) => {
      followed.push(...commits);
      expect(await contentOf(target)).toHaveLength(followed.length);
    };
    await importLog(target, from(archive), OWN, { follow });
    expect(followed.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual(
      archive.slice(1, -1).map((line) => JSON.parse(line).commit),
    );
  });

  test('that is interrupted reports it, and the same import run again completes it', async () => {
    let left = 7;
    const full = failing(target, (method) => {
      if (method === 'append') left -= 1;
      return left < 0 ? new StoreUnavailable('disk full') : undefined;
    });
    await expect(importLog(full, from(archive), OWN)).rejects.toThrow(StoreUnavailable);
    expect(await contentOf(target)).toHaveLength(7);
    expect(await imported(archive)).toMatchObject({ ok: true, commits: archive.length - 4 });
    expect(await archiveOf(target)).toEqual(archive);
  });

  test.each<[string, () => readonly string[], RegExp]>([
    ['fewer lines', () => [...archive.slice(0, 3), archive.at(-1) ?? ''], /does not fit/],
    ['no attachments', () => sealed(archive.map(withoutAttachments)), /has changed/],
  ])('of a file that has %s after it was verified does not end', async (_, changed, detail) => {
    let readings = 0;
    const open = () => {
      readings += 1;
      return from(readings === 1 ? archive : changed())();
    };
    expect(await importLog(target, open, OWN)).toMatchObject(bad(detail));
  });
});

describe('a file', () => {
  test('has its name only once it is whole and kept, and only its owner may read it; one that fails leaves the one before, and nothing beside it', async () => {
    const folder = folderOfTest('archive');
    const file = join(folder, 'commits.ndjson');
    writeFileSync(`${file}.part`, 'what a killed export left\n', { mode: 0o644 });
    const draft = await draftOf(file, ['one\n', 'two\n']);
    expect(existsSync(file)).toBe(false);
    await draft.keep();
    async function* lines(): AsyncGenerator<string> {
      yield 'another\n';
      throw new Error('the disk is full');
    }
    await expect(draftOf(file, lines())).rejects.toThrow('the disk is full');
    await (await draftOf(file, ['another'])).drop();
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\n');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['commits.ndjson']);
  });

  test('and its private part have their names both or neither, the private part first', async () => {
    const folder = folderOfTest('archive');
    const file = join(folder, 'commits.ndjson');
    const besides = async () => {
      const part = await draftOf(`${file}.private`, ['keys']);
      const keep = async () => {
        expect(existsSync(file)).toBe(false);
        await part.keep();
      };
      return { ...part, keep };
    };
    const written = (...rest: [typeof besides, Parameters<typeof writeArchive>[3]?]) =>
      writeArchive(file, linesOf(loggedCommits(story.ports.store)), ...rest);
    await expect(written(() => Promise.reject(new Error('no keys')))).rejects.toThrow('no keys');
    const notThis = async (...drafts: readonly { readonly path: string }[]) => {
      throw new Error(drafts.map(({ path }) => readFileSync(path, 'utf8').slice(0, 4)).join());
    };
    await expect(written(besides, notThis)).rejects.toThrow(`${archive.join('').slice(0, 4)},keys`);
    expect(readdirSync(folder)).toEqual([]);
    await written(besides);
    expect(readdirSync(folder).sort()).toEqual(['commits.ndjson', 'commits.ndjson.private']);
  });

  test('that is a device is written as it is', async () => {
    await (await draftOf('/dev/null', ['one\n'])).keep();
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
