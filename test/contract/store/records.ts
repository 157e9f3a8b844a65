import { expect, test } from 'vitest';
import { readFeed } from '../readFeed.ts';
import { attachment, plain, recordAfter } from '../records.ts';
import { must, type StoreUnderTest } from './underTest.ts';

/** Tests that records are read as they were written. */
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
    expect(await store.append(first)).toEqual({ outcome: 'appended' });
    expect(plain(must(await other.head('feature/exact')))).toEqual(plain(first));
    expect(await store.append(second)).toEqual({ outcome: 'appended' });
    for (const reader of [store, other]) {
      expect(plain(must(await reader.head('feature/exact')))).toEqual(plain(second));
      expect((await reader.history('feature/exact', {})).map(plain)).toEqual([plain(first), plain(second)]);
      const { items } = await readFeed(reader, undefined, 7);
      expect(items.filter(({ stream }) => stream === 'feature/exact').map(plain)).toEqual([plain(first), plain(second)]);
    }
  });

  test('names of streams are kept apart to the last code point', async () => {
    const { store, other } = subject();
    const names = [
      's/a',
      's/a/',
      's/A',
      's/a\u0000',
      's/a\u0000b',
      's/é',
      's/e\u0301',
      's/🚦',
      's/🚦🚦',
      "s/'; DROP TABLE commits; --",
      's/%',
      's/_',
      's/ ',
    ];
    for (const stream of names) await store.append(recordAfter(undefined, { stream, id: `id of ${stream}` }));
    for (const stream of names) {
      const head = must(await other.head(stream));
      expect(head.stream).toBe(stream);
      expect(JSON.parse(Buffer.from(head.bytes).toString()).id).toBe(`id of ${stream}`);
      expect(await other.history(stream, {})).toHaveLength(1);
    }
  });
};
