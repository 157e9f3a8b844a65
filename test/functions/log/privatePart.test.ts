import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { linesIn } from '../../../functions/log/archive.ts';
import {
  BadPrivatePart,
  type MovedKeys,
  privatePart,
  readPrivatePart,
  writePrivatePart,
} from '../../../functions/log/privatePart.ts';
import { SIDE_KINDS, type SideKind, type SideStore } from '../../../functions/platform/store/sideStore.ts';
import { sideStoreOfTest } from '../../support/stores.ts';

const key = (fill: string) => Buffer.alloc(32, fill).toString('base64');
const KEYS: MovedKeys = { link: key('l'), text: key('t'), roster: key('r') };

const kinds = Object.keys(SIDE_KINDS) as SideKind[];

/** A store with a record of each kind, of a subscriber's consumer and of another one; and more texts than a page. */
const filled = async () => {
  const sideStore = sideStoreOfTest();
  for (const kind of kinds)
    for (const id of ['notify/policy', 'webhook-sub_1/policy']) await sideStore.put(kind, id, { kind, id });
  for (let n = 0; n < 1_100; n += 1) await sideStore.put('text', `sha256:${n}`, { salt: 'Zürich\n', text: '{"lines":\n2}' });
  return sideStore;
};
const all = async (sideStore: SideStore) =>
  Object.fromEntries(await Promise.all(kinds.map(async (kind) => [kind, await sideStore.list(kind)] as const)));
const textOf = async (sideStore: SideStore) => (await Readable.from(privatePart(sideStore, KEYS)).toArray()).join('');
async function* linesOf(text: string): AsyncGenerator<string> {
  // Cut anywhere, also within a character.
  async function* parts(): AsyncGenerator<Uint8Array> {
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += 997) yield bytes.subarray(at, at + 997);
  }
  yield* linesIn(parts());
}

test('what moves is what is neither derived nor passing; of marks those of subscribers, before their subscriptions', async () => {
  const [from, to] = [await filled(), sideStoreOfTest()];
  const text = await textOf(from);
  const read = await writePrivatePart(to, linesOf(text));
  expect(read.keys).toEqual(KEYS);
  const [before, after] = [await all(from), await all(to)];
  const moved = (kind: string) => ['moved', 'of-subscribers'].includes(SIDE_KINDS[kind as SideKind]);
  for (const kind of kinds) {
    const own = ['mark', 'dead-letter'].includes(kind) ? before[kind]?.slice(1) : before[kind];
    expect([kind, after[kind]]).toEqual([kind, moved(kind) ? own : []]);
  }
  expect(kinds.filter(moved).toSorted()).toEqual(
    `agenda bounce dead-letter directory directory-proposed forced-mailed link mail-due mark morning-mailed passkey
    passkey-spent passkey-use renewal-asked sent subscription task-new text token vendor vendor-contact vendor-form vendor-secret
    weekly-mailed weekly-off`.split(/\s+/),
  );
  const { link: _, ...others } = KEYS;
  expect(await Readable.from(privatePart(from, others)).toArray()).not.toContainEqual(expect.stringContaining('"link"'));
  const order = [...text.matchAll(/^\{"kind":"([a-z-]+)"/gm)].map(([, kind]) => kind);
  expect(order.lastIndexOf('mark')).toBeLessThan(order.indexOf('subscription'));
  expect(order.lastIndexOf('dead-letter')).toBeLessThan(order.indexOf('subscription'));
});

test('written twice it is the same, and without the kinds that are left out', async () => {
  const text = await textOf(await filled());
  const to = sideStoreOfTest();
  await writePrivatePart(to, linesOf(text), ['link']);
  await writePrivatePart(to, linesOf(text), ['link']);
  expect(await to.list('link')).toEqual([]);
  expect(await to.list('text')).toHaveLength(1_102);
});

test('one that was cut off or changed is refused, without a record taken by who looks first', async () => {
  const sideStore = sideStoreOfTest();
  await sideStore.put('token', 'one', { name: 'one' });
  await sideStore.put('text', 'two', { salt: '', text: '' });
  const text = await textOf(sideStore);
  const lines = text.trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  const bad = [
    '',
    lines[0],
    lines.slice(0, -1).join('\n'),
    lines.toSpliced(1, 1).join('\n'),
    [lines[0], lines[2], lines[1], lines[3]].join('\n'),
    text.replace('"one"', '"two"'),
    text.replace('"kind":"token"', '"kind":"lease"'),
    text.replace('"kind":"token"', '"kind":"tokens"'),
    text.replace('"format":1', '"format":2'),
    text.replace(KEYS.link, 'short'),
    `${text}\n{}`,
    '{"v":1,"keys":"","sideStore":[]}',
  ];
  for (const each of bad) await expect(readPrivatePart(linesOf(each ?? ''))).rejects.toThrow(BadPrivatePart);
  for (const n of [0, 1, 2, 3])
    await expect(readPrivatePart(linesOf(lines.with(n, '{}').join('\n')))).rejects.toThrow(`line ${n + 1} of`);
  expect((await readPrivatePart(linesOf(text))).records).toBe(2);
});
