import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { walkFeed } from '../../functions/platform/feed/consumers.ts';
import { CorruptStore } from '../../functions/platform/store/errors.ts';
import { load } from '../../functions/platform/store/load.ts';
import type { StoredCommit, UnreadableRow } from '../../functions/platform/store/port.ts';
import { submit } from '../../functions/platform/store/submit.ts';
import {
  attachment,
  enter,
  ledger,
  ledgerOf,
  must,
  placeOf,
  plain,
  portsOn,
  readFeed,
  recordAfter,
  START,
  type StoreUnderTest,
  type Tampering,
} from './underTest.ts';

/** Tests that changes behind the adapter's back are found. */
export const intruders = (subject: () => StoreUnderTest): void => {
  const raw = Buffer.from('the notice as it came');

  const written = async (stream: string) => {
    const { store } = subject();
    for (const entry of ['a', 'b'])
      await submit(portsOn(store), ledger, { ...enter(stream, [entry]), attachments: [attachment(raw)] });
    return { first: must((await store.history(stream, { limit: 1 })).at(0)), head: must(await store.head(stream)) };
  };
  const replaced = ({ bytes }: StoredCommit, from: string, to: string) =>
    Buffer.from(Buffer.from(bytes).toString().replace(from, to));

  /** No process reads the stream, and none writes to it. */
  const expectNoAnswer = async (stream: string, why: RegExp | typeof CorruptStore) => {
    for (const reader of [subject().store, subject().other]) {
      await expect(reader.head(stream)).rejects.toThrow(why);
      await expect(reader.history(stream, {})).rejects.toThrow(CorruptStore);
      await expect(submit(portsOn(reader), ledger, enter(stream, ['c']))).rejects.toThrow(CorruptStore);
    }
  };

  test.each<[string, (head: StoredCommit) => Tampering]>([
    ['are cut off', ({ bytes }) => ({ bytes: bytes.slice(0, -1) })],
    ['are no JSON', () => ({ bytes: Buffer.from('zzz') })],
    ['are not canonical', ({ bytes }) => ({ bytes: Buffer.concat([bytes, Buffer.from(' ')]) })],
    ['belong to another version', (head) => ({ bytes: replaced(head, '"version":2', '"version":3') })],
    ['belong to another stream', (head) => ({ bytes: replaced(head, '"stream":"', '"stream":"other/') })],
    ['do not fit their attachment', () => ({ attachmentBytes: Buffer.from('another notice') })],
  ])('bytes that %s give no answer', async (how, tampering) => {
    const { store, tamper } = subject();
    const stream = `intruder/${how}`;
    const { head } = await written(stream);
    await tamper(stream, 2, { ...tampering(head), mac: 'valid' });
    await expectNoAnswer(stream, CorruptStore);
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
    const { other, tamper } = subject();
    const stream = `intruder/mac ${how}`;
    const { head } = await written(stream);
    await tamper(stream, 2, tampering(head));
    await expectNoAnswer(stream, /@2 was not written by this gate: its? .*MAC/);
    await tamper(stream, 2, { bytes: head.bytes, state: head.state, attachments: head.attachments, mac: 'valid' });
    expect(plain(must(await other.head(stream)))).toEqual(plain(head));
  });

  test('a row at the next version that cannot be read refuses its own stream and fails nothing that is written beside it', async () => {
    const { store, other, tamper } = subject();
    const { head } = await written('intruder/beside');
    const planted = recordAfter(head);
    await other.append([planted]);
    await tamper('intruder/beside', 3, { mac: 'of a stranger' });
    const [refused, beside] = await Promise.allSettled([
      store.append([recordAfter(head, { id: 'another' })]),
      store.append([recordAfter(undefined, { stream: 'intruder/bystander' })]),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: expect.any(CorruptStore) });
    expect(beside).toEqual({ status: 'fulfilled', value: { appended: 1, occupant: undefined } });
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
    await store.append([recordAfter(undefined, { stream: 'intruder/event', events: [{ type: 'Enabled' }] })]);
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

export const limits = (subject: () => StoreUnderTest): void => {
  const item = (bytes: number) => [attachment(Buffer.alloc(bytes, 7))];

  test('just below the limit of an item is kept, above it is refused before it is sent', async () => {
    const { store } = subject();
    const large = recordAfter(undefined, { stream: 'feature/item', attachments: item(398_000) });
    expect(await store.append([large])).toMatchObject({ appended: 1 });
    expect(plain(must(await store.head('feature/item')))).toEqual(plain(large));
    const tooLarge = recordAfter(large, { attachments: item(400_001) });
    await expect(store.append([tooLarge])).rejects.toThrow(RangeError);
    expect(await store.history('feature/item', {})).toHaveLength(1);
  });

  test.each([
    ['a body above 60 KiB', enter('feature/too-large', ['x'.repeat(61_500)])],
    ['a state above 48 KiB', enter('feature/too-large', ['x'.repeat(49_200)])],
    ['more than twenty events', enter('feature/too-large', 'a b c d e f g h i j k l m n o p q r s t u'.split(' '))],
    ['an item above 400 KB', { ...enter('feature/too-large', ['a']), attachments: item(400_001) }],
    ['a name above a kilobyte', enter(`feature/${'é'.repeat(510)}`, ['a'])],
  ])('%s is refused as too large', async (_, request) => {
    const { store } = subject();
    expect(await submit(portsOn(store), ledger, request)).toMatchObject({
      ok: false,
      rejection: { code: 'too-large' },
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
    for (const one of wrong) await expect(store.append([one])).rejects.toThrow(RangeError);
    expect(await store.head('feature/wrong')).toBeUndefined();
  });
};

export const pages = (subject: () => StoreUnderTest): void => {
  test('a history beyond a megabyte is read to its end, and any part of it', async () => {
    const { store } = subject();
    const written: StoredCommit[] = [];
    for (let version = 1; version <= 30; version += 1) {
      const events = [{ type: 'Entered', v: 1, entry: 'x'.repeat(55_000), at: START }];
      const record = recordAfter(written.at(-1), { stream: 'feature/long', events });
      await store.append([record]);
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

  test('what is written after a walk is behind its cursor', async () => {
    const { store } = subject();
    const { cursor } = await walkFeed(store);
    await submit(portsOn(store), ledger, enter('ends/after', ['after']));
    expect((await readFeed(store, cursor, 9)).items.map(placeOf)).toContain('ends/after@1');
  });

  test('an invalid cursor is refused', async () => {
    // One below the lowest row of a file; SQLite has rows below 0 if somebody moved them there.
    for (const cursor of ['-9223372036854775809', 'x', '{}', '{"from":0,"shard":99}', '1.5']) {
      await expect(subject().store.feed(cursor, 10)).rejects.toThrow('not a cursor');
    }
  });
};
