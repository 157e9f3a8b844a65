import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SIDE_VALUE_BYTES_MAX, type SideStore } from '../../functions/platform/store/sideStore.ts';

export interface SideStoreUnderTest {
  readonly sideStore: SideStore;
  /** The side store of another process on the same data. */
  readonly other: SideStore;
  readonly close: () => Promise<void>;
}

/** The contract of all side store adapters. */
export const sideStoreContract = (name: string, open: () => Promise<SideStoreUnderTest>): void => {
  describe(`the side contract on ${name}`, () => {
    let opened: SideStoreUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test('what was put is read by everyone, replaced by a later put, gone once removed', async () => {
      const { sideStore, other } = opened;
      expect(await sideStore.get('mark', 'relay')).toBeUndefined();
      const value = { 'feature/flock': 3, text: 'grüße 🚦', list: [null, true, 1.5], nested: { a: {} } };
      await sideStore.put('mark', 'relay', value);
      expect(await other.get('mark', 'relay')).toEqual(value);
      await other.put('mark', 'relay', 4);
      expect(await sideStore.get('mark', 'relay')).toBe(4);
      expect(await sideStore.get('mark', 'Relay')).toBeUndefined();
      expect(await sideStore.get('marks', 'relay')).toBeUndefined();
      await sideStore.remove('mark', 'relay');
      await sideStore.remove('mark', 'relay');
      expect(await other.get('mark', 'relay')).toBeUndefined();
    });

    test.each([null, false, 0, '', [], {}])('%j is a value', async (value) => {
      await opened.sideStore.put('value', 'one', value);
      expect(await opened.other.get('value', 'one')).toEqual(value);
    });

    test('of many concurrent putIfAbsent calls exactly one returns true', async () => {
      const { sideStore, other } = opened;
      const tries = Array.from({ length: 20 }, (_, index) => (index % 2 ? sideStore : other).putIfAbsent('token', 'one', index));
      const won = (await Promise.all(tries)).flatMap((first, index) => (first ? [index] : []));
      expect(won).toHaveLength(1);
      expect(await sideStore.get('token', 'one')).toBe(won[0]);
      await sideStore.remove('token', 'one');
      expect(await other.putIfAbsent('token', 'one', 'again')).toBe(true);
    });

    test('a list is complete beyond a megabyte, ordered, and ends where its prefix ends', async () => {
      const { sideStore, other } = opened;
      const ids = Array.from({ length: 12 }, (_, index) => `page/${String(index).padStart(2, '0')}`);
      await Promise.all(ids.map((id, index) => sideStore.put('list', id, { index, words: 'x'.repeat(150_000) })));
      for (const id of ['pag', 'page', 'page.', 'page0', 'Page/00', 'page/\u{10FFFF}', 'page/_', 'é', 'z%'])
        await sideStore.put('list', id, 1);
      await sideStore.put('listing', 'page/00', 1);
      const listed = async (prefix?: string) => (await other.list('list', prefix)).map(({ id }) => id);
      expect(await listed('page/')).toEqual([...ids, 'page/_', 'page/\u{10FFFF}']);
      expect(await listed('page/0')).toEqual(ids.slice(0, 10));
      expect(await listed('page/\u{10FFFF}')).toEqual(['page/\u{10FFFF}']);
      expect(await listed('z%')).toEqual(['z%']);
      expect(await listed('none')).toEqual([]);
      expect(await listed()).toEqual([
        'Page/00',
        'pag',
        'page',
        'page.',
        ...ids,
        'page/_',
        'page/\u{10FFFF}',
        'page0',
        'z%',
        'é',
      ]);
      expect((await other.list('list', 'page/03')).at(0)?.value).toEqual({ index: 3, words: 'x'.repeat(150_000) });
      expect(await other.list('nothing')).toEqual([]);
    });

    test('a list is read in parts, each of which goes on where the one before ended', async () => {
      const { sideStore, other } = opened;
      const ids = ['a', 'b', 'b.1', 'b.2', 'b.3', 'b0', 'c'];
      for (const id of ids) await sideStore.put('part', id, id);
      const part = async (prefix: string, after: string, limit?: number) =>
        (await other.list('part', prefix, { after, ...(limit !== undefined && { limit }) })).map(({ id }) => id);
      expect(await part('', '', 3)).toEqual(['a', 'b', 'b.1']);
      expect(await part('', 'b.1', 3)).toEqual(['b.2', 'b.3', 'b0']);
      expect(await part('', 'b0', 3)).toEqual(['c']);
      expect(await part('', 'c', 3)).toEqual([]);
      expect(await part('b.', '', 2)).toEqual(['b.1', 'b.2']);
      expect(await part('b.', 'b.2')).toEqual(['b.3']);
      expect(await part('b.', 'a')).toEqual(['b.1', 'b.2', 'b.3']);
      expect(await part('b.', 'b0')).toEqual([]);
      // An id that was removed is still a valid position to continue from.
      expect(await part('', 'b.15', 1)).toEqual(['b.2']);
    });

    test('a key or value that one adapter could not hold is a programmer’s error in both', async () => {
      const { sideStore } = opened;
      const large = 'x'.repeat(SIDE_VALUE_BYTES_MAX - 2);
      await sideStore.put('limit', 'value', large);
      expect(await sideStore.get('limit', 'value')).toBe(large);
      await expect(sideStore.put('limit', 'value', `${large}x`)).rejects.toThrow(RangeError);
      await expect(sideStore.putIfAbsent('limit', 'absent', `${large}x`)).rejects.toThrow(RangeError);
      await sideStore.put('limit', 'é'.repeat(512), 1);
      expect(await sideStore.get('limit', 'é'.repeat(512))).toBe(1);
      for (const id of ['', 'é'.repeat(513), '\uD800']) {
        await expect(sideStore.put('limit', id, 1)).rejects.toThrow(RangeError);
        await expect(sideStore.get('limit', id)).rejects.toThrow(RangeError);
        await expect(sideStore.remove('limit', id)).rejects.toThrow(RangeError);
        await expect(sideStore.get(id, 'id')).rejects.toThrow(RangeError);
      }
      await expect(sideStore.list('')).rejects.toThrow(RangeError);
    });
  });
};
