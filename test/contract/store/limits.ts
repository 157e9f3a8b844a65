import { expect, test } from 'vitest';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { submit } from '../../../functions/platform/store/submit.ts';
import { enter, ledger, portsOn } from '../ledger.ts';
import { attachment, plain, recordAfter } from '../records.ts';
import { must, type StoreUnderTest } from './underTest.ts';

/** Tests of sizes, and of records that contradict themselves. */
export const limits = (subject: () => StoreUnderTest): void => {
  const item = (bytes: number) => [attachment(Buffer.alloc(bytes, 7))];

  test('just below the limit of an item is kept, above it is refused before it is sent', async () => {
    const { store } = subject();
    const large = recordAfter(undefined, { stream: 'feature/item', attachments: item(398_000) });
    expect(await store.append(large)).toEqual({ outcome: 'appended' });
    expect(plain(must(await store.head('feature/item')))).toEqual(plain(large));
    const tooLarge = recordAfter(large, { attachments: item(400_001) });
    await expect(store.append(tooLarge)).rejects.toThrow(RangeError);
    expect(await store.history('feature/item', {})).toHaveLength(1);
  });

  test.each([
    ['a body above 60 KiB', enter('feature/too-large', ['x'.repeat(61_500)])],
    ['a state above 32 KiB', enter('feature/too-large', ['x'.repeat(33_000)])],
    [
      'more than twenty events',
      enter(
        'feature/too-large',
        Array.from({ length: 21 }, (_, index) => `${index}`),
      ),
    ],
    ['an item above 400 KB', { ...enter('feature/too-large', ['a']), attachments: item(400_001) }],
    ['a name above a kilobyte', enter(`feature/${'é'.repeat(510)}`, ['a'])],
  ])('%s is refused as too large', async (_, request) => {
    const { store } = subject();
    expect(await submit(portsOn(store), ledger, request)).toMatchObject({
      ok: false,
      rejection: { code: 'too-large' },
      state: { entries: [] },
      version: 0,
    });
    expect(await store.history('feature/too-large', {})).toEqual([]);
  });

  test('a record that is not what its bytes say is a programmer’s error', async () => {
    const { store } = subject();
    const record = recordAfter(undefined, { stream: 'feature/wrong' });
    const wrong: readonly StoredCommit[] = [
      { ...record, version: 2 },
      { ...record, stream: 'feature/other' },
      { ...record, at: '2026-04-01T00:00:00.001Z' },
      { ...record, commandId: 'other' },
      { ...record, attachments: [{ ...attachment(Buffer.from('a')), bytes: Buffer.from('b') }] },
    ];
    for (const one of wrong) await expect(store.append(one)).rejects.toThrow(RangeError);
    expect(await store.head('feature/wrong')).toBeUndefined();
  });
};
