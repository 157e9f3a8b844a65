import { describe, expect, test } from 'vitest';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { plain, recordAfter } from '../records.ts';
import { must, type StoreUnderTest } from './underTest.ts';

/** A receipt and what follows it, in streams of their own. */
const pair = (name: string, id = 'mine'): readonly [StoredCommit, StoredCommit] => [
  recordAfter(undefined, { stream: `receipt/${name}`, id }),
  recordAfter(undefined, { stream: `feature/${name}`, id }),
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
      expect(await store.appendInOrder(records)).toEqual({ appended: 2, occupant: undefined });
      for (const record of records) {
        for (const reader of [store, other]) expect(plain(must(await reader.head(record.stream)))).toEqual(plain(record));
      }
      expect(await other.appendInOrder(records)).toEqual({ appended: 2, occupant: undefined });
      for (const { stream } of records) expect(await store.history(stream, {})).toHaveLength(1);
      expect(await store.appendInOrder([])).toEqual({ appended: 0, occupant: undefined });
    });

    test('two versions of one stream follow each other', async () => {
      const { store } = subject();
      const first = recordAfter(undefined, { stream: 'feature/in-order-twice' });
      expect(await store.appendInOrder([first, recordAfter(first)])).toEqual({ appended: 2, occupant: undefined });
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
        await other.append(theirs);
        const answer = await store.appendInOrder(records);
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
      await expect(store.appendInOrder(records)).rejects.toThrow();
      const [receipt, ...rest] = await found(records);
      expect(rest).toEqual([false, false]);
      // What is stored of the records before the fault depends on the adapter; both read their own writes.
      expect((await store.head('receipt/fault')) !== undefined).toBe(receipt);
      await repair();
      expect(await store.appendInOrder(records)).toEqual({ appended: 3, occupant: undefined });
      expect(await found(records)).toEqual([true, true, true]);
    });

    test('of many that end at one place each has its own first record there, and one the last', async () => {
      const { store, other } = subject();
      const rivals = Array.from({ length: 10 }, (_, index) => [
        recordAfter(undefined, { stream: `receipt/rival-${index}` }),
        recordAfter(undefined, { stream: 'feature/in-order-rivals', id: `rival ${index}` }),
      ]);
      const answers = await Promise.all(rivals.map((records, index) => (index % 2 ? store : other).appendInOrder(records)));
      expect(answers.map(({ appended }) => appended).toSorted((one, other) => one - other)).toEqual([
        ...Array.from({ length: 9 }, () => 1),
        2,
      ]);
      expect(await found(rivals.flat())).toEqual(Array.from({ length: 20 }, () => true));
    });
  });
};
