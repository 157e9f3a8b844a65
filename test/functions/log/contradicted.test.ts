import { expect, test } from 'vitest';
import { hashOf } from '../../../domain/kernel/commit.ts';
import { comparedWith } from '../../../functions/log/contradicted.ts';
import { openGate } from '../openGate.ts';

test('a head is compared with the end of its stream in the log, which is learned once', async () => {
  const { store } = await openGate();
  const head = await store.head('roster');
  const hash = hashOf(head?.bytes ?? new Uint8Array());
  let learned = 0;
  const says = async (end: { readonly version: number; readonly hash: string | null }) => {
    const catchUp = async () => {
      learned += 1;
    };
    const lacking = comparedWith(store, { catchUp, endOf: () => end });
    return [await lacking('roster', head), await lacking('roster', head)][1];
  };
  expect(await says({ version: 0, hash: null })).toBeUndefined();
  expect(await says({ version: 1, hash })).toBeUndefined();
  expect(await says({ version: 1, hash: null })).toBe('a commit of the log may not stand');
  expect(await says({ version: 1, hash: hashOf(new Uint8Array()) })).toBe('version 1 in the log is another commit');
  expect(await says({ version: 2, hash })).toBe('version 2 is in the log and not in the store');
  expect(learned).toBe(5);
});
