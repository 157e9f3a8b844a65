import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { load, stateAfter } from '../../functions/platform/store/load.ts';
import type { StoredCommit } from '../../functions/platform/store/port.ts';
import { submit } from '../../functions/platform/store/submit.ts';
import { intruders, limits, pages } from './storeIntruders.ts';
import {
  attachment,
  enter,
  ledger,
  ledgerOf,
  must,
  plain,
  portsOn,
  readFeed,
  recordAfter,
  type StoreUnderTest,
} from './underTest.ts';

/** Each test has its own streams; all share one store. */
export const storeContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`the store contract on ${name}`, () => {
    let opened: StoreUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const subject = () => opened;
    records(subject);
    appends(subject);
    inOrder(subject);
    states(subject);
    pages(subject);
    limits(subject);
    intruders(subject);
    writers(subject);
  });
};

export const records = (subject: () => StoreUnderTest): void => {
  test('an unknown stream has no head and no history', async () => {
    expect(await subject().store.head('feature/unknown')).toBeUndefined();
    expect(await subject().store.history('feature/unknown', {})).toEqual([]);
  });

  test('head, history and feed give back the exact bytes, the state and the attachments', async () => {
    const { store, other } = subject();
    const raw = Buffer.from([0, 255, 10, 13, 0xf0, 0x9f, 0x9a, 0xa6]);
    const first = recordAfter(undefined, {
      stream: 'feature/exact',
      state: '{"words":"grüße 🚦"}',
      attachments: [attachment(raw, 'application/octet-stream'), attachment(Buffer.from('{"webhook-id":"1"}'))],
    });
    const second = recordAfter(first, { at: '2026-04-01T00:00:00.001Z' });
    expect(await store.append([first])).toMatchObject({ appended: 1 });
    expect(plain(must(await other.head('feature/exact')))).toEqual(plain(first));
    expect(await store.append([second])).toMatchObject({ appended: 1 });
    for (const reader of [store, other]) {
      expect(plain(must(await reader.head('feature/exact')))).toEqual(plain(second));
      expect((await reader.history('feature/exact', {})).map(plain)).toEqual([plain(first), plain(second)]);
      const { items } = await readFeed(reader, undefined, 7);
      expect(items.filter(({ stream }) => stream === 'feature/exact').map(plain)).toEqual([plain(first), plain(second)]);
    }
  });

  test('names of streams are kept apart to the last code point', async () => {
    const { store, other } = subject();
    const endings = [
      'a',
      'a/',
      'A',
      'a\u0000',
      'a\u0000b',
      'é',
      'e\u0301',
      '🚦',
      '🚦🚦',
      "'; DROP TABLE commits; --",
      '%',
      '_',
      ' ',
    ];
    const names = endings.map((ending) => `s/${ending}`);
    for (const stream of names) await store.append([recordAfter(undefined, { stream, id: `id of ${stream}` })]);
    for (const stream of names) {
      const head = must(await other.head(stream));
      expect(head.stream).toBe(stream);
      expect(JSON.parse(Buffer.from(head.bytes).toString()).id).toBe(`id of ${stream}`);
      expect(await other.history(stream, {})).toHaveLength(1);
    }
  });
};

/** Tests of appends: one version, one commit; conflicts, repeats, clocks, refusals. */
export const appends = (subject: () => StoreUnderTest): void => {
  test('the second append gets the whole commit that occupies its version', async () => {
    const { store, other } = subject();
    const stream = 'feature/conflict';
    const mine = recordAfter(undefined, { stream, id: 'mine', attachments: [attachment(Buffer.from('notice'))] });
    const theirs = recordAfter(undefined, { stream, id: 'theirs' });
    expect(await store.append([mine])).toMatchObject({ appended: 1 });
    const { occupant } = await other.append([theirs]);
    expect(plain(must(occupant))).toEqual(plain(mine));
    for (const reader of [store, other]) expect(plain(must(await reader.head(stream)))).toEqual(plain(mine));
    // The winning adapter must not take a loser's record for the head either.
    expect((await store.append([theirs])).appended).toBe(0);
    expect(plain(must(await store.head(stream)))).toEqual(plain(mine));
    expect(await store.append([mine])).toMatchObject({ appended: 1 });
    expect(await store.history(stream, {})).toHaveLength(1);
  });

  test('no new head is missed among those that changed, whoever wrote it', async () => {
    const { store, other } = subject();
    const first = await store.changed(['feature/'], undefined);
    expect(first.streams).toBeUndefined();
    const mayHave = async (since: string, stream: string) =>
      (await store.changed(['feature/'], since)).streams?.includes(stream) ?? true;
    await store.append([recordAfter(undefined, { stream: 'feature/changed-here' })]);
    expect(store.isUnchangedSince(first.moment)).toBe(false);
    expect(await mayHave(first.moment, 'feature/changed-here')).toBe(true);
    const { moment } = await store.changed(['feature/'], first.moment);
    await other.append([recordAfter(undefined, { stream: 'feature/changed-there' })]);
    expect(await mayHave(moment, 'feature/changed-there')).toBe(true);
    expect(store.isUnchangedSince(moment)).toBe(false);
    const after = await store.changed(['feature/'], moment);
    await store.append([recordAfter(undefined, { stream: 'receipt/changed-here' })]);
    expect((await store.changed(['feature/'], after.moment)).streams ?? []).toEqual([]);
  });

  test('of many at one place in one turn exactly one wins, and no loser fails the others', async () => {
    const { store, other } = subject();
    const numbers = Array.from({ length: 20 }, (_, index) => index);
    const rivals = numbers.map((index) => recordAfter(undefined, { stream: 'feature/rivals', id: `rival ${index}` }));
    const bystanders = numbers.map((index) => recordAfter(undefined, { stream: `feature/bystander-${index}` }));
    const answers = await Promise.all([
      ...rivals.map((rival, index) => (index % 2 ? store : other).append([rival])),
      ...bystanders.map((bystander) => store.append([bystander])),
    ]);
    expect(answers.slice(0, 20).filter(({ appended }) => appended === 1)).toHaveLength(1);
    expect(answers.slice(20).every(({ appended }) => appended === 1)).toBe(true);
    const head = must(await store.head('feature/rivals'));
    for (const { occupant } of answers) if (occupant !== undefined) expect(plain(occupant)).toEqual(plain(head));
  });

  test('a command is appended once, however often and wherever it is sent again', async () => {
    const { store, other } = subject();
    const sent = enter('feature/twice', ['a', 'b']);
    const first = await submit(portsOn(store), ledger, sent);
    expect(first).toMatchObject({ ok: true, version: 1, appended: true, state: { entries: ['a', 'b'] } });
    for (const again of [store, other]) {
      expect(await submit(portsOn(again), ledger, sent)).toEqual({ ...first, appended: false });
    }
    expect(await submit(portsOn(store), ledger, enter('feature/twice', ['a', 'b'], 'another id'))).toMatchObject({
      ok: true,
      version: 1,
      events: [],
      appended: false,
    });
    expect(await store.history('feature/twice', {})).toHaveLength(1);
  });
};

/** A receipt and what follows it, in streams of their own. */
const pair = (name: string): readonly [StoredCommit, StoredCommit] => [
  recordAfter(undefined, { stream: `receipt/${name}`, id: 'mine' }),
  recordAfter(undefined, { stream: `feature/${name}`, id: 'mine' }),
];

/** Tests of appends in order: all records or a prefix of them, whatever comes between. */
export const inOrder = (subject: () => StoreUnderTest): void => {
  /** Which of the records another process finds. */
  const found = (records: readonly StoredCommit[]): Promise<readonly boolean[]> =>
    Promise.all(records.map(async ({ stream, version }) => (await subject().other.head(stream))?.version === version));

  describe('in order', () => {
    test('all records are stored once, also if the call is repeated', async () => {
      const { store, other } = subject();
      const records = pair('both');
      expect(await store.append(records)).toEqual({ appended: 2, occupant: undefined });
      for (const record of records) {
        for (const reader of [store, other]) expect(plain(must(await reader.head(record.stream)))).toEqual(plain(record));
      }
      expect(await other.append(records)).toEqual({ appended: 2, occupant: undefined });
      for (const { stream } of records) expect(await store.history(stream, {})).toHaveLength(1);
      expect(await store.append([])).toEqual({ appended: 0, occupant: undefined });
    });

    test('two versions of one stream follow each other', async () => {
      const { store } = subject();
      const first = recordAfter(undefined, { stream: 'feature/in-order-twice' });
      expect(await store.append([first, recordAfter(first)])).toEqual({ appended: 2, occupant: undefined });
      expect(await store.head('feature/in-order-twice')).toMatchObject({ version: 2 });
    });

    test('an occupied version ends it: those before are stored, those after are not', async () => {
      const { store, other } = subject();
      for (const [occupied, expected] of [
        [0, [true, false, false]],
        [1, [true, true, false]],
        [2, [true, true, true]],
      ] as const) {
        const records = [...pair(`taken-${occupied}`), recordAfter(undefined, { stream: `feature/taken-${occupied}-last` })];
        const theirs = recordAfter(undefined, { stream: must(records[occupied]).stream, id: 'theirs' });
        await other.append([theirs]);
        const answer = await store.append(records);
        expect(answer.appended).toBe(occupied);
        expect(plain(must(answer.occupant))).toEqual(plain(theirs));
        expect(await found(records)).toEqual(expected);
        expect(plain(must(await store.head(theirs.stream)))).toEqual(plain(theirs));
      }
    });

    test('a fault between two records leaves a prefix, and a repetition stores the rest', async () => {
      const { store, failAppends } = subject();
      const last = recordAfter(undefined, { stream: 'feature/fault-last' });
      const records = [...pair('fault'), last];
      const repair = await failAppends('feature/fault');
      await expect(store.append(records)).rejects.toThrow();
      const [receipt, ...rest] = await found(records);
      expect(rest).toEqual([false, false]);
      // What is stored of the records before the fault depends on the adapter; both read their own writes.
      expect((await store.head('receipt/fault')) !== undefined).toBe(receipt);
      await repair();
      expect(await store.append(records)).toEqual({ appended: 3, occupant: undefined });
      expect(await found(records)).toEqual([true, true, true]);
    });

    test('of many that end at one place each has its own first record there, and one the last', async () => {
      const { store, other } = subject();
      const rivals = Array.from({ length: 10 }, (_, index) => [
        recordAfter(undefined, { stream: `receipt/rival-${index}` }),
        recordAfter(undefined, { stream: 'feature/in-order-rivals', id: `rival ${index}` }),
      ]);
      const answers = await Promise.all(rivals.map((records, index) => (index % 2 ? store : other).append(records)));
      expect(answers.map(({ appended }) => appended).toSorted((one, other) => one - other)).toEqual([
        ...Array.from({ length: 9 }, () => 1),
        2,
      ]);
      expect(await found(rivals.flat())).toEqual(Array.from({ length: 20 }, () => true));
    });
  });
};

export const states = (subject: () => StoreUnderTest): void => {
  test('a state written by other code is folded again, and the next commit carries the new one', async () => {
    const { store } = subject();
    for (const entry of ['a', 'b', 'c']) await submit(portsOn(store), ledger, enter('feature/migrated', [entry]));
    const newer = { ...ledgerOf(2), parseState: () => expect.fail('it is of other code') };
    const next = await submit(portsOn(store), newer, enter('feature/migrated', ['d']));
    expect(next).toMatchObject({ ok: true, version: 4, state: { entries: ['a', 'b', 'c', 'd'] } });
    expect((await store.history('feature/migrated', {})).map(({ stateVersion }) => stateVersion)).toEqual([1, 1, 1, 2]);
  });

  test('the state after a commit of the past is what was known then', async () => {
    const { store } = subject();
    for (const entry of ['a', 'b', 'c']) await submit(portsOn(store), ledger, enter('feature/past', [entry]));
    const [second] = await store.history('feature/past', { after: 1, upTo: 2 });
    for (const aggregate of [ledger, ledgerOf(7)]) {
      expect(await stateAfter(store, aggregate, must(second))).toEqual({ entries: ['a', 'b'] });
    }
  });
};

/** On DynamoDB, where each lost race is a call, the number of calls grows with the square of both. The long proofs set 50. */
const WRITERS = Number(process.env.ALDERGATE_WRITERS ?? 8);
const COMMANDS = 8;
const PATIENCE_MS = 600_000;

/** A store that did not answer in time may have written: the same command is sent again. */
const unavailable = (error: unknown): undefined => {
  if (!(error instanceof StoreUnavailable)) throw error;
};

export const writers = (subject: () => StoreUnderTest): void => {
  test(
    'many writers, eight commands each, one stream: each is acknowledged, some after a retry, and none is written twice',
    async () => {
      const { store, other } = subject();
      let contended = 0;
      const write = async (writer: number) => {
        // A separate queue for each, as in separate processes: the store alone orders them.
        const ports = portsOn(writer % 2 ? store : other);
        for (let index = 0; index < COMMANDS; ) {
          const answer = await submit(ports, ledger, enter('feature/contended', [`${writer}-${index}`])).catch(unavailable);
          if (answer?.ok) {
            index += 1;
            continue;
          }
          if (answer !== undefined) expect(answer.rejection.code).toBe('contended');
          contended += 1;
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
      const commits = await store.history('feature/contended', { limit: 2_000 });
      expect(commits.map(({ version }) => version)).toEqual(Array.from({ length: WRITERS * COMMANDS }, (_, index) => index + 1));
      expect(new Set(commits.map(({ commandId }) => commandId)).size).toBe(WRITERS * COMMANDS);
      // Folds the whole history, which checks the hash chain and every event.
      const { state } = await load(other, ledgerOf(2), 'feature/contended');
      expect(new Set(state.entries).size).toBe(WRITERS * COMMANDS);
      console.log(`${WRITERS} writers: told to come again ${contended} times`);
    },
    PATIENCE_MS,
  );
};
