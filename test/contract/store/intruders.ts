import { expect, test } from 'vitest';
import { CorruptStore } from '../../../functions/platform/store/errors.ts';
import { load } from '../../../functions/platform/store/load.ts';
import type { StoredCommit, UnreadableRow } from '../../../functions/platform/store/port.ts';
import { submit } from '../../../functions/platform/store/submit.ts';
import { enter, ledger, ledgerOf, portsOn } from '../ledger.ts';
import { placeOf, readFeed } from '../readFeed.ts';
import { attachment, plain, recordAfter } from '../records.ts';
import { must, type StoreUnderTest, type Tampering } from './underTest.ts';

/** Tests that changes behind the adapter's back are found. */
export const intruders = (subject: () => StoreUnderTest): void => {
  const raw = Buffer.from('the notice as it came');

  const written = async (stream: string) => {
    const { store } = subject();
    await submit(portsOn(store), ledger, { ...enter(stream, ['a']), attachments: [attachment(raw)] });
    await submit(portsOn(store), ledger, { ...enter(stream, ['b']), attachments: [attachment(raw)] });
    return { first: must((await store.history(stream, { limit: 1 })).at(0)), head: must(await store.head(stream)) };
  };
  const replaced = ({ bytes }: StoredCommit, from: string, to: string) =>
    Buffer.from(Buffer.from(bytes).toString().replace(from, to));

  test.each<[string, (head: StoredCommit) => Tampering]>([
    ['are cut off', ({ bytes }) => ({ bytes: bytes.slice(0, -1) })],
    ['are no JSON', () => ({ bytes: Buffer.from('zzz') })],
    ['are not canonical', ({ bytes }) => ({ bytes: Buffer.concat([bytes, Buffer.from(' ')]) })],
    ['belong to another version', (head) => ({ bytes: replaced(head, '"version":2', '"version":3') })],
    ['belong to another stream', (head) => ({ bytes: replaced(head, '"stream":"', '"stream":"other/') })],
    ['do not fit their attachment', () => ({ attachmentBytes: Buffer.from('another notice') })],
  ])('bytes that %s give no answer', async (how, tampering) => {
    const { store, other, tamper } = subject();
    const stream = `intruder/${how}`;
    const { head } = await written(stream);
    await tamper(stream, 2, { ...tampering(head), mac: 'valid' });
    for (const reader of [store, other]) {
      await expect(reader.head(stream)).rejects.toThrow(CorruptStore);
      await expect(reader.history(stream, {})).rejects.toThrow(CorruptStore);
      await expect(submit(portsOn(reader), ledger, enter(stream, ['c']))).rejects.toThrow(CorruptStore);
    }
    await tamper(stream, 2, { bytes: head.bytes, attachmentBytes: raw, mac: 'valid' });
    expect(plain(must(await store.head(stream)))).toEqual(plain(head));
  });

  test.each<[string, (head: StoredCommit) => Tampering]>([
    ['another state', () => ({ state: '{"entries":["z"]}' })],
    ['a state with one letter changed', ({ state }) => ({ state: state.replace('"b"', '"c"') })],
    ['other bytes, well formed', (head) => ({ bytes: replaced(head, '"actor":"', '"actor":"x') })],
    ['emptied attachments', () => ({ attachments: [attachment(Buffer.alloc(0))] })],
    ['exchanged attachments', () => ({ attachments: [attachment(Buffer.from('another notice'))] })],
    ['an attachment of another type', () => ({ attachments: [attachment(raw, 'text/plain')] })],
    ['an added attachment', () => ({ attachments: [attachment(raw), attachment(Buffer.from('more'))] })],
    ['a repeated attachment', () => ({ attachments: [attachment(raw), attachment(raw)] })],
    ['no attachments', () => ({ attachments: [] })],
    ['no MAC', () => ({ mac: 'none' })],
    ['the MAC of a stranger', () => ({ mac: 'of a stranger' })],
  ])('a row with %s gives no answer and nothing is written above it', async (how, tampering) => {
    const { store, other, tamper } = subject();
    const stream = `intruder/mac ${how}`;
    const { head } = await written(stream);
    await tamper(stream, 2, tampering(head));
    for (const reader of [store, other]) {
      await expect(reader.head(stream)).rejects.toThrow(/@2 was not written by this gate: its? .*MAC/);
      await expect(reader.history(stream, {})).rejects.toThrow(CorruptStore);
      await expect(submit(portsOn(reader), ledger, enter(stream, ['c']))).rejects.toThrow(CorruptStore);
    }
    await tamper(stream, 2, { bytes: head.bytes, state: head.state, attachments: head.attachments, mac: 'valid' });
    expect(plain(must(await other.head(stream)))).toEqual(plain(head));
  });

  test('a row at the next version that cannot be read refuses its own stream and fails nothing that is written beside it', async () => {
    const { store, other, tamper } = subject();
    const { head } = await written('intruder/beside');
    const planted = recordAfter(head);
    await other.append(planted);
    await tamper('intruder/beside', 3, { mac: 'of a stranger' });
    const [refused, beside] = await Promise.allSettled([
      store.append(recordAfter(head, { id: 'another' })),
      store.append(recordAfter(undefined, { stream: 'intruder/bystander' })),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(CorruptStore) });
    expect(beside).toEqual({ status: 'fulfilled', value: { outcome: 'appended' } });
    await tamper('intruder/beside', 3, { mac: 'valid' });
  });

  test.each(['no JSON', '{"entries":"all"}', '[]', '{"entries":[],"enabled":true}'])(
    'the state %s gives no answer',
    async (state) => {
      const { other, tamper } = subject();
      const stream = `intruder/state ${state}`;
      await written(stream);
      await tamper(stream, 2, { state, mac: 'valid' });
      await expect(load(other, ledger, stream)).rejects.toThrow(CorruptStore);
      await expect(submit(portsOn(other), ledger, enter(stream, ['c']))).rejects.toThrow(CorruptStore);
    },
  );

  test('folding finds a rewritten past', async () => {
    const { store, tamper } = subject();
    const { first } = await written('intruder/past');
    await tamper('intruder/past', 1, { bytes: replaced(first, '"entry":"a"', '"entry":"z"'), mac: 'valid' });
    await expect(load(store, ledgerOf(2), 'intruder/past')).rejects.toThrow('prev is not the hash');
  });

  test('an event that its aggregate does not know gives no answer', async () => {
    const { store } = subject();
    await store.append(recordAfter(undefined, { stream: 'intruder/event', events: [{ type: 'Enabled' }] }));
    await expect(load(store, ledgerOf(2), 'intruder/event')).rejects.toThrow(CorruptStore);
  });

  test('the feed reports an unreadable row to a caller that asks, with all other rows, and throws for every other caller', async () => {
    const { store, other, tamper } = subject();
    const { head } = await written('intruder/feed');
    await tamper('intruder/feed', 2, { bytes: Buffer.from('zzz'), mac: 'valid' });
    for (const reader of [store, other]) {
      const rows: UnreadableRow[] = [];
      const places = new Set<string>();
      for (let [cursor, done]: [string | undefined, boolean] = [undefined, false]; !done; ) {
        const page = await reader.feed(cursor, 20, (row) => rows.push(row));
        for (const item of page.items) places.add(placeOf(item));
        ({ next: cursor, done } = page);
      }
      const mine = rows.filter(({ stream }) => stream === 'intruder/feed');
      expect(mine).toEqual([{ stream: 'intruder/feed', version: 2, problem: expect.stringContaining('does not decode') }]);
      expect(places).toContain('intruder/feed@1');
      expect(places).not.toContain('intruder/feed@2');
      await expect(readFeed(reader, undefined, 1_000)).rejects.toThrow(CorruptStore);
    }
    await tamper('intruder/feed', 2, { bytes: head.bytes, mac: 'valid' });
  });
};
