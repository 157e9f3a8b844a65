import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { submit } from '../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn, START } from '../ledger.ts';
import { placeOf, readFeed } from '../readFeed.ts';
import { plain, recordAfter } from '../records.ts';
import type { StoreUnderTest } from './underTest.ts';

/** Tests of histories and the feed, in pages. */
export const pages = (subject: () => StoreUnderTest): void => {
  test('a history beyond a megabyte is read to its end, and any part of it', async () => {
    const { store } = subject();
    const written: StoredCommit[] = [];
    for (let version = 1; version <= 30; version += 1) {
      const events = [{ type: 'Entered', v: 1, entry: 'x'.repeat(55_000), at: START }];
      const record = recordAfter(written.at(-1), { stream: 'feature/long', events });
      await store.append(record);
      written.push(record);
    }
    const versions = async (range: { after?: number; upTo?: number; limit?: number }) =>
      (await store.history('feature/long', range)).map(({ version }) => version);
    expect((await store.history('feature/long', {})).map(plain)).toEqual(written.map(plain));
    expect(await versions({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await versions({ after: 28 })).toEqual([29, 30]);
    expect(await versions({ after: 4, upTo: 7 })).toEqual([5, 6, 7]);
    expect(await versions({ after: 4, upTo: 27, limit: 22 })).toEqual(Array.from({ length: 22 }, (_, index) => index + 5));
    expect(await versions({ after: 7, upTo: 7 })).toEqual([]);
    expect(await versions({ after: 9, upTo: 7 })).toEqual([]);
    expect(await versions({ after: 30 })).toEqual([]);
    const { items } = await readFeed(store, undefined, 25);
    expect(items.filter(({ stream }) => stream === 'feature/long').map(({ version }) => version)).toEqual(
      written.map(({ version }) => version),
    );
  });

  test('the feed has no gaps while others write, and any cursor resumes', async () => {
    const { store, other } = subject();
    const [here, there] = [portsOn(store), portsOn(other)];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let index = 0; index < 15; index += 1) {
        const command = enter(`feed/${writer % 5}`, [`w${writer}-${index}`]);
        // On a busy machine some writers get `contended` and repeat.
        while (!(await submit(writer % 2 ? here : there, ledger, command)).ok);
      }
    });
    const seen = new Set<string>();
    let running = true;
    const reader = (async () => {
      let cursor: string | undefined;
      // After the last writer one more sweep: what was acknowledged before it began must have been seen by its end.
      for (let last = false; !last; ) {
        last = !running;
        const { items, next } = await readFeed(store, cursor, 9);
        for (const item of items) seen.add(placeOf(item));
        cursor = next;
        // SQLite answers within one turn of the event loop, so the writers need turns in between.
        await setImmediate();
      }
    })();
    await Promise.all(writers);
    running = false;
    await reader;
    for (let stream = 0; stream < 5; stream += 1) {
      const commits = await store.history(`feed/${stream}`, { limit: 1_000 });
      expect(commits.map(placeOf).filter((place) => !seen.has(place))).toEqual([]);
    }
    expect([...seen].filter((place) => place.startsWith('feed/'))).toHaveLength(8 * 15);
  });

  test('the places of the feed are those of its rows, in pages with the same cursors', async () => {
    const { store } = subject();
    const found: string[] = [];
    const rows: string[] = [];
    let cursor: string | undefined;
    for (let done = false; !done; ) {
      const page = await store.places(cursor, 9);
      found.push(...page.places.map(placeOf));
      // A row of the page is readable by the cursor from which its place was.
      rows.push(...(await store.feed(cursor, 9)).items.map(placeOf));
      ({ next: cursor, done } = page);
    }
    expect(found.length).toBeGreaterThan(9);
    expect(found).toEqual(rows);
    await expect(store.places('x', 9)).rejects.toThrow('not a cursor');
  });

  test('what is written after the end of the feed was asked for is behind it', async () => {
    const { store } = subject();
    const ports = portsOn(store);
    await submit(ports, ledger, enter('ends/before', ['before']));
    const end = await store.feedEnd();
    expect(typeof end).toBe('string');
    await submit(ports, ledger, enter('ends/after', ['after']));
    const places = (await readFeed(store, end, 9)).items.map(placeOf);
    expect(places).toContain('ends/after@1');
  });

  test('an invalid cursor is refused', async () => {
    // One below the lowest row of a file; SQLite has rows below 0 if somebody moved them there.
    for (const cursor of ['-9223372036854775809', 'x', '{}', '{"from":0,"shard":99}', '1.5']) {
      await expect(subject().store.feed(cursor, 10)).rejects.toThrow('not a cursor');
    }
  });
};
