import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Blobs } from '../../functions/platform/blobs/port.ts';

interface BlobsUnderTest {
  readonly blobs: Blobs;
  readonly close: () => Promise<void>;
}

const bytes = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** Each test has its own paths. */
export const blobsContract = (name: string, open: () => Promise<BlobsUnderTest>): void => {
  describe(`the blobs contract on ${name}`, () => {
    let opened: BlobsUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test('what was put is there, byte for byte, and stays as it was first put', async () => {
      const { blobs } = opened;
      const every = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
      for (const [path, content] of [['once/every', every] as const, ['once/empty', new Uint8Array()] as const]) {
        expect(await blobs.get(path)).toBeUndefined();
        expect(await blobs.putIfAbsent(path, content)).toBe(true);
        expect(await blobs.putIfAbsent(path, bytes('another'))).toBe(false);
        expect(await blobs.get(path)).toEqual(content);
      }
    });

    test('of concurrent writers at one path one wins, and the file is complete', async () => {
      const { blobs } = opened;
      const texts = Array.from({ length: 20 }, (_, index) => String(index).repeat(10_000));
      const won = await Promise.all(texts.map((text) => blobs.putIfAbsent('rivals/a', bytes(text))));
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await blobs.get('rivals/a')).toEqual(bytes(texts[won.indexOf(true)] ?? ''));
    });

    test('it is replaced only over exactly what is known', async () => {
      const { blobs } = opened;
      expect(await blobs.replace('newest', bytes('1'), bytes('0'))).toBe(false);
      expect(await blobs.replace('newest', bytes('1'), undefined)).toBe(true);
      expect(await blobs.replace('newest', bytes('2'), undefined)).toBe(false);
      expect(await blobs.replace('newest', bytes('2'), bytes('0'))).toBe(false);
      expect(await blobs.replace('newest', bytes('2'), bytes('1'))).toBe(true);
      expect(await blobs.get('newest')).toEqual(bytes('2'));
    });

    test('of many who replace the same one wins', async () => {
      const { blobs } = opened;
      await blobs.replace('contended', bytes('0'), undefined);
      const tries = Array.from({ length: 20 }, (_, index) => blobs.replace('contended', bytes(`new ${index}`), bytes('0')));
      const won = await Promise.all(tries);
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await blobs.get('contended')).toEqual(bytes(`new ${won.indexOf(true)}`));
    });

    test('remove takes what is at the path and below it, and nothing beside', async () => {
      const { blobs } = opened;
      for (const path of ['x/0.p/1', 'x/0.p/2', 'x/0.p/3/4', 'x/0', 'x/0.pp']) await blobs.putIfAbsent(path, bytes(path));
      await blobs.remove('x/0.p');
      await blobs.remove('x/0.p');
      for (const path of ['x/0.p/1', 'x/0.p/2', 'x/0.p/3/4']) expect(await blobs.get(path)).toBeUndefined();
      for (const path of ['x/0', 'x/0.pp']) expect(await blobs.get(path)).toEqual(bytes(path));
      expect(await blobs.get('x')).toBeUndefined();
    });

    test.each(['', '/etc/passwd', '../keys.json', 'tile/../../keys.json', 'a//b', 'a/', './a', 'a\\b', 'a\0b'])(
      'a path that one adapter could not hold is a programmer’s error in both: %j',
      async (path) => {
        const { blobs } = opened;
        await expect(blobs.get(path)).rejects.toThrow(RangeError);
        await expect(blobs.putIfAbsent(path, bytes('x'))).rejects.toThrow(RangeError);
        await expect(blobs.replace(path, bytes('x'), undefined)).rejects.toThrow(RangeError);
        await expect(blobs.remove(path)).rejects.toThrow(RangeError);
      },
    );
  });
};
