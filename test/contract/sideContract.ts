import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { type MacKeys, macsUnder } from '../../functions/platform/store/mac.ts';
import {
  type AlteredRecord,
  type RecordGuard,
  type RecordMacs,
  SIDE_VALUE_BYTES_MAX,
  type SideEntry,
  type SideRange,
} from '../../functions/platform/store/sideStore.ts';
import { testCommitKey } from '../support/macs.ts';

/** The columns of a record as they are stored. */
interface RawRecord {
  readonly value: string;
  readonly macKey: string | null;
  readonly mac: Uint8Array | null;
}

/** A side store that takes any kind: what it promises does not depend on it. */
interface StoreOfAnyKind {
  get(kind: string, id: string): Promise<JsonValue | undefined>;
  put(kind: string, id: string, value: JsonValue): Promise<void>;
  putIfAbsent(kind: string, id: string, value: JsonValue): Promise<boolean>;
  remove(kind: string, id: string): Promise<void>;
  list(kind: string, prefix?: string, range?: SideRange): Promise<readonly SideEntry[]>;
  close(): Promise<void>;
}

export interface SideStoreUnderTest {
  readonly sideStore: StoreOfAnyKind;
  /** The side store of another process on the same data. */
  readonly other: StoreOfAnyKind;
  /** The same data under another guard, with the upkeep of its MACs. */
  readonly under: (guard: RecordGuard) => StoreOfAnyKind & RecordMacs;
  /** Reads and writes a record as somebody does who has the database and no key. */
  readonly raw: {
    readonly get: (kind: string, id: string) => Promise<RawRecord | undefined>;
    readonly put: (kind: string, id: string, record: RawRecord) => Promise<void>;
  };
  readonly close: () => Promise<void>;
}

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
      const others = { before: ['Page/00', 'pag', 'page', 'page.'], after: ['page/_', 'page/\u{10FFFF}', 'page0', 'z%', 'é'] };
      expect(await listed()).toEqual([...others.before, ...ids, ...others.after]);
      expect((await other.list('list', 'page/03')).at(0)?.value).toEqual({ index: 3, words: 'x'.repeat(150_000) });
      expect(await other.list('nothing')).toEqual([]);
    });

    test('a list is read in parts, each of which continues where the one before ended', async () => {
      const { sideStore, other } = opened;
      const ids = ['a', 'b', 'b.1', 'b.2', 'b.3', 'b0', 'c'];
      for (const id of ids) await sideStore.put('part', id, id);
      const part = async (prefix: string, after: string, limit?: number) =>
        (await other.list('part', prefix, { after, ...(limit !== undefined && { limit }) })).map(({ id }) => id);
      for (const [prefix, after, limit, found] of [
        ['', '', 3, ['a', 'b', 'b.1']],
        ['', 'b.1', 3, ['b.2', 'b.3', 'b0']],
        ['', 'b0', 3, ['c']],
        ['', 'c', 3, []],
        ['b.', '', 2, ['b.1', 'b.2']],
        ['b.', 'b.2', undefined, ['b.3']],
        ['b.', 'a', undefined, ['b.1', 'b.2', 'b.3']],
        ['b.', 'b0', undefined, []],
      ] as const)
        expect(await part(prefix, after, limit), `${prefix} ${after}`).toEqual(found);
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

    const under = (...keys: MacKeys) => {
      const met: AlteredRecord[] = [];
      return { met, ...opened.under({ macs: macsUnder(keys, 'records'), altered: (record) => met.push(record) }) };
    };
    const rawOf = async (kind: string, id: string) => {
      const found = await opened.raw.get(kind, id);
      if (found === undefined) throw new Error(`${kind}/${id} is not there`);
      return found;
    };

    test('a record that was altered, inserted or moved counts as absent, and is named', async () => {
      const { sideStore, raw } = opened;
      await sideStore.put('secret', 'one', { secret: 'a' });
      await sideStore.put('secret', 'two', { secret: 'b' });
      const [one, two] = [await rawOf('secret', 'one'), await rawOf('secret', 'two')];
      const deeds: readonly (readonly [kind: string, id: string, record: RawRecord])[] = [
        ['secret', 'one', { ...one, value: one.value.replace('a', 'z') }],
        ['secret', 'one', two],
        ['secret', 'three', two],
        ['other', 'two', two],
        ['secret', 'three', { value: '{"secret":"z"}', macKey: null, mac: null }],
        ['secret', 'three', { ...two, macKey: 'deadbeef' }],
        ['secret', 'three', { ...two, mac: new Uint8Array(32) }],
      ];
      for (const [kind, id, record] of deeds) {
        const before = await raw.get(kind, id);
        await raw.put(kind, id, record);
        const store = under(testCommitKey);
        expect(await store.get(kind, id), id).toBeUndefined();
        expect(store.met).toMatchObject([{ kind, id }]);
        expect((await store.list(kind)).map((entry) => entry.id)).not.toContain(id);
        expect(await store.putIfAbsent(kind, id, 'mine')).toBe(false);
        expect((await store.altered()).map((each) => `${each.kind}/${each.id}`)).toEqual([`${kind}/${id}`]);
        await store.remove(kind, id);
        if (before !== undefined) await raw.put(kind, id, before);
        expect(await store.altered()).toEqual([]);
      }
    });

    test('an older value of the same record is believed: what it decides is bound to an event', async () => {
      const { sideStore, raw } = opened;
      await sideStore.put('old', 'one', 1);
      const old = await rawOf('old', 'one');
      await sideStore.put('old', 'one', 2);
      await raw.put('old', 'one', old);
      expect(await sideStore.get('old', 'one')).toBe(1);
    });

    test('a new key: every record gets a new MAC, also after a crash in the middle; the old key opens none then', async () => {
      const { raw } = opened;
      const fresh = Buffer.alloc(32, 'the next');
      for (const id of ['a', 'b', 'c']) await opened.sideStore.put('ring', id, id);
      await raw.put('ring', 'forged', { value: '1', macKey: null, mac: null });
      const both = under(fresh, testCommitKey);
      // A crash after the first record.
      await both.put('ring', 'a', 'a');
      expect((await both.list('ring')).map(({ value }) => value)).toEqual(['a', 'b', 'c']);
      const renewed = await both.renewMacs();
      expect(renewed).toBeGreaterThan(2);
      expect(await both.renewMacs()).toBe(0);
      expect((await under(fresh).list('ring')).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
      expect(await under(testCommitKey).list('ring')).toEqual([]);
      expect((await under(fresh).altered()).map(({ id }) => id)).toEqual(['forged']);
      // A backup from before, put back: its records are under the retired key.
      expect(await under(testCommitKey, fresh).renewMacs()).toBe(renewed + 1);
      await both.remove('ring', 'forged');
    });
  });
};
