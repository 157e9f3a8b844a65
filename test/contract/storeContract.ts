import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CorruptStore } from '../../functions/store/errors.ts';
import { load, stateAfter } from '../../functions/store/load.ts';
import type { Store, StoredCommit } from '../../functions/store/port.ts';
import { submit } from '../../functions/store/submit.ts';
import { enter, ledger, ledgerOf, portsOn, START } from './ledger.ts';
import { placeOf, readFeed } from './readFeed.ts';
import { attachment, plain, recordAfter } from './records.ts';

/** What of a stored commit an intruder may change behind the adapter's back. */
export interface Tampering {
  readonly bytes?: Uint8Array;
  readonly state?: string;
  readonly attachmentBytes?: Uint8Array;
}

export interface StoreUnderTest {
  readonly store: Store;
  /** Another process's store on the same data. */
  readonly other: Store;
  readonly tamper: (stream: string, version: number, changes: Tampering) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** What every adapter has to do alike. Each test has streams of its own, all share one store. */
export const storeContract = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`the store contract on ${name}`, () => {
    let opened: StoreUnderTest;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());
    const subject = () => opened;
    records(subject);
    appends(subject);
    states(subject);
    pages(subject);
    limits(subject);
    intruders(subject);
  });
};

const must = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('nothing there');
  return value;
};

const records = (subject: () => StoreUnderTest): void => {
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

const appends = (subject: () => StoreUnderTest): void => {
  test('whoever comes second is told who stands there, with everything that belongs to it', async () => {
    const { store, other } = subject();
    const mine = recordAfter(undefined, {
      stream: 'feature/conflict',
      id: 'mine',
      attachments: [attachment(Buffer.from('notice'))],
    });
    const theirs = recordAfter(undefined, { stream: 'feature/conflict', id: 'theirs' });
    expect(await store.append(mine)).toEqual({ outcome: 'appended' });
    const answer = await other.append(theirs);
    if (answer.outcome !== 'occupied') throw new Error('the place was given twice');
    expect(plain(answer.occupant)).toEqual(plain(mine));
    for (const reader of [store, other]) expect(plain(must(await reader.head('feature/conflict')))).toEqual(plain(mine));
    // Nor does whoever wrote it itself take a loser's record for the head.
    expect(await store.append(theirs)).toMatchObject({ outcome: 'occupied' });
    expect(plain(must(await store.head('feature/conflict')))).toEqual(plain(mine));
    expect(await store.append(mine)).toEqual({ outcome: 'appended' });
    expect(await store.history('feature/conflict', {})).toHaveLength(1);
  });

  test('of many at one place in one turn exactly one wins, and no loser fails the others', async () => {
    const { store, other } = subject();
    const rivals = Array.from({ length: 20 }, (_, index) =>
      recordAfter(undefined, { stream: 'feature/rivals', id: `rival ${index}` }),
    );
    const bystanders = Array.from({ length: 20 }, (_, index) => recordAfter(undefined, { stream: `feature/bystander-${index}` }));
    const answers = await Promise.all([
      ...rivals.map((rival, index) => (index % 2 ? store : other).append(rival)),
      ...bystanders.map((bystander) => store.append(bystander)),
    ]);
    expect(answers.slice(0, 20).filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
    expect(answers.slice(20).every(({ outcome }) => outcome === 'appended')).toBe(true);
    const head = must(await store.head('feature/rivals'));
    for (const answer of answers.slice(0, 20)) {
      if (answer.outcome === 'occupied') expect(plain(answer.occupant)).toEqual(plain(head));
    }
  });

  test('a command is appended once, whoever sends it again', async () => {
    const { store, other } = subject();
    const sent = enter('feature/twice', ['a', 'b']);
    const first = await submit(portsOn(store), ledger, sent);
    expect(first).toMatchObject({ ok: true, version: 1, appended: true, replayed: false, state: { entries: ['a', 'b'] } });
    for (const again of [store, other]) {
      expect(await submit(portsOn(again), ledger, sent)).toEqual({ ...first, appended: false, replayed: true });
    }
    expect(await submit(portsOn(store), ledger, enter('feature/twice', ['a', 'b'], 'another id'))).toMatchObject({
      ok: true,
      version: 1,
      events: [],
      appended: false,
      replayed: false,
    });
    expect(await store.history('feature/twice', {})).toHaveLength(1);
  });

  test('two hundred commands at once on one stream, from two processes: contiguous, each once', async () => {
    const { store, other } = subject();
    const [here, there] = [portsOn(store), portsOn(other)];
    const send = async (index: number): Promise<void> => {
      // A client that is told to come again comes again, with the same command.
      for (;;) {
        const answer = await submit(index % 2 ? here : there, ledger, enter('feature/crowd', [`e${index}`]));
        if (answer.ok) return;
        expect(answer.rejection.code).toBe('contended');
      }
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => send(index)));
    const commits = await store.history('feature/crowd', { limit: 1_000 });
    expect(commits.map(({ version }) => version)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1));
    const { state } = await load(store, ledger, 'feature/crowd');
    expect(new Set(state.entries).size).toBe(200);
    expect(state.entries).toHaveLength(200);
    // Read as code with another state would: the whole history folded, its chain checked.
    expect((await load(other, ledgerOf(2), 'feature/crowd')).state).toEqual(state);
  });

  test('the instant of a commit never lies before that of the commit before', async () => {
    const { store } = subject();
    await submit(
      portsOn(store, () => '2026-04-01T00:00:05.000Z'),
      ledger,
      enter('feature/clock', ['later']),
    );
    const back = await submit(
      portsOn(store, () => '2026-04-01T00:00:01.000Z'),
      ledger,
      enter('feature/clock', ['earlier']),
    );
    expect(back).toMatchObject({ ok: true, at: '2026-04-01T00:00:05.000Z', events: [{ at: '2026-04-01T00:00:05.000Z' }] });
    const forth = await submit(
      portsOn(store, () => '2026-04-01T00:00:09.000Z'),
      ledger,
      enter('feature/clock', ['on']),
    );
    expect(forth).toMatchObject({ ok: true, at: '2026-04-01T00:00:09.000Z' });
  });

  test('a refusal is a value and leaves nothing behind', async () => {
    const { store } = subject();
    expect(await submit(portsOn(store), ledger, enter('feature/refused', ['forbidden']))).toEqual({
      ok: false,
      rejection: { code: 'forbidden', detail: 'this entry is never taken' },
      state: { entries: [] },
      version: 0,
    });
    expect(await store.head('feature/refused')).toBeUndefined();
  });
};

const states = (subject: () => StoreUnderTest): void => {
  test('a state written by other code is folded anew, and the next commit carries the new one', async () => {
    const { store } = subject();
    for (const entry of ['a', 'b', 'c']) await submit(portsOn(store), ledger, enter('feature/migrated', [entry]));
    const next = await submit(portsOn(store), ledgerOf(2), enter('feature/migrated', ['d']));
    expect(next).toMatchObject({ ok: true, version: 4, state: { entries: ['a', 'b', 'c', 'd'] } });
    expect((await store.history('feature/migrated', {})).map(({ stateVersion }) => stateVersion)).toEqual([1, 1, 1, 2]);
  });

  test('the state after a commit of the past is what was known then', async () => {
    const { store } = subject();
    for (const entry of ['a', 'b', 'c']) await submit(portsOn(store), ledger, enter('feature/past', [entry]));
    const [second] = await store.history('feature/past', { after: 1, upTo: 2 });
    for (const aggregate of [ledger, ledgerOf(7)]) {
      expect(await stateAfter(store, aggregate, must(second))).toEqual({ entries: ['a', 'b'] });
    }
  });
};

const pages = (subject: () => StoreUnderTest): void => {
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
        await submit(writer % 2 ? here : there, ledger, enter(`feed/${writer % 5}`, [`w${writer}-${index}`]));
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
        // SQLite answers without leaving the turn, so the writers must be given theirs.
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

  test('what is no cursor is refused', async () => {
    for (const cursor of ['-1', 'x', '{}', '{"from":0,"shard":99}', '1.5']) {
      await expect(subject().store.feed(cursor, 10)).rejects.toThrow('not a cursor');
    }
  });
};

const limits = (subject: () => StoreUnderTest): void => {
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

const intruders = (subject: () => StoreUnderTest): void => {
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
    await tamper(stream, 2, tampering(head));
    for (const reader of [store, other]) {
      await expect(reader.head(stream)).rejects.toThrow(CorruptStore);
      await expect(reader.history(stream, {})).rejects.toThrow(CorruptStore);
      await expect(submit(portsOn(reader), ledger, enter(stream, ['c']))).rejects.toThrow(CorruptStore);
    }
    await tamper(stream, 2, { bytes: head.bytes, attachmentBytes: raw });
    expect(plain(must(await store.head(stream)))).toEqual(plain(head));
  });

  test.each(['no JSON', '{"entries":"all"}', '[]', '{"entries":[],"enabled":true}'])(
    'the state %s gives no answer',
    async (state) => {
      const { other, tamper } = subject();
      const stream = `intruder/state ${state}`;
      await written(stream);
      await tamper(stream, 2, { state });
      await expect(load(other, ledger, stream)).rejects.toThrow(CorruptStore);
      await expect(submit(portsOn(other), ledger, enter(stream, ['c']))).rejects.toThrow(CorruptStore);
    },
  );

  test('a rewritten past is found by whoever folds it', async () => {
    const { store, tamper } = subject();
    const { first } = await written('intruder/past');
    await tamper('intruder/past', 1, { bytes: replaced(first, '"entry":"a"', '"entry":"z"') });
    await expect(load(store, ledgerOf(2), 'intruder/past')).rejects.toThrow('prev is not the hash');
  });

  test('an event that its aggregate does not know gives no answer', async () => {
    const { store } = subject();
    await store.append(recordAfter(undefined, { stream: 'intruder/event', events: [{ type: 'Enabled' }] }));
    await expect(load(store, ledgerOf(2), 'intruder/event')).rejects.toThrow(CorruptStore);
  });
};
