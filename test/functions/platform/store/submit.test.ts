import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { CorruptStore, StoreUnavailable } from '../../../../functions/platform/store/errors.ts';
import { load } from '../../../../functions/platform/store/load.ts';
import type { Store } from '../../../../functions/platform/store/port.ts';
import { submit, TRIES_MAX } from '../../../../functions/platform/store/submit.ts';
import { enter, ledger, ledgerOf, portsOn, recordAfter } from '../../../contract/underTest.ts';
import { storeOfTest } from '../../../support/stores.ts';

const STREAM = 'feature/flock';

let store: Store;
beforeEach(() => {
  store = storeOfTest();
});
afterEach(() => void vi.useRealTimers());

/** Enters something by a process that has a store of its own. */
const send = (into: Store, entry = 'mine', id?: string) => submit(portsOn(into), ledger, enter(STREAM, [entry], id));
const rival = (index: number) => send(store, `rival ${index}`);

/** A store in which a rival gets in before each of the first `times` appends; counts what is asked of it. */
const contested = (times: number, before: (index: number) => Promise<unknown> = rival) => {
  const calls = { heads: 0, appends: 0 };
  const wrapped: Store = {
    ...store,
    head: (stream) => {
      calls.heads += 1;
      return store.head(stream);
    },
    append: async (records) => {
      calls.appends += 1;
      if (calls.appends <= times) await before(calls.appends);
      return store.append(records);
    },
  };
  return { wrapped, calls };
};

test('a first conflict is decided on the occupant, without a read', async () => {
  const { wrapped, calls } = contested(1);
  const answer = await send(wrapped);
  expect(answer).toMatchObject({ ok: true, version: 2, state: { entries: ['rival 1', 'mine'] } });
  expect(calls).toEqual({ heads: 1, appends: 2 });
});

test('an occupant whose state was written by other code is evolved, not believed', async () => {
  const { wrapped, calls } = contested(1, () => submit(portsOn(store), ledgerOf(2), enter(STREAM, ['rival'])));
  expect(await send(wrapped)).toMatchObject({
    ok: true,
    state: { entries: ['rival', 'mine'] },
  });
  expect(calls.heads).toBe(1);
});

test('what the rival did is taken into account: the same entry is not entered twice', async () => {
  const { wrapped } = contested(1, () => send(store, 'same', 'of the rival'));
  expect(await send(wrapped, 'same')).toMatchObject({ ok: true, appended: false, events: [], version: 1 });
});

test('an occupant with my command’s id is my own earlier try', async () => {
  const { wrapped } = contested(1, () => send(store));
  expect(await send(wrapped)).toMatchObject({
    ok: true,
    version: 1,
    appended: false,
    events: [{ entry: 'mine' }],
    state: { entries: ['mine'] },
  });
  expect(await store.history(STREAM, {})).toHaveLength(1);
});

test('later conflicts are decided on a new read each', async () => {
  const { wrapped, calls } = contested(4);
  expect(await send(wrapped)).toMatchObject({ ok: true, version: 5 });
  expect(calls).toEqual({ heads: 4, appends: 5 });
});

test.each([
  ['after sixteen tries', TRIES_MAX, 0],
  ['after five seconds, however few the tries were,', 4, 1_300],
])('%s the command is answered as contended, and nothing of it was written', async (_, tries, eachMs) => {
  vi.useFakeTimers();
  const { wrapped, calls } = contested(Number.POSITIVE_INFINITY, (index) => {
    vi.advanceTimersByTime(eachMs);
    return rival(index);
  });
  const answer = send(wrapped);
  await vi.runAllTimersAsync();
  expect(await answer).toMatchObject({ ok: false, rejection: { code: 'contended' } });
  expect(calls.appends).toBe(tries);
  expect((await load(store, ledger, STREAM)).state.entries).not.toContain('mine');
});

test('a command is made again at each try, with the instant its commit would have', async () => {
  const { wrapped } = contested(2);
  const instants = ['2026-04-01T00:00:01.000Z', '2026-04-01T00:00:02.000Z', '2026-04-01T00:00:03.000Z'];
  const given: string[] = [];
  const request = {
    ...enter(STREAM, ['mine']),
    command: (at: string) => ({ entries: ['mine'], at: given[given.push(at) - 1] ?? '' }),
  };
  const answer = await submit(
    portsOn(wrapped, () => instants[given.length] ?? ''),
    ledger,
    request,
  );
  expect(given).toEqual(instants);
  expect(answer).toMatchObject({ ok: true, at: instants[2], events: [{ at: instants[2] }] });
});

test('an occupant that does not continue the chain is a corrupt store, not a conflict', async () => {
  const first = recordAfter(undefined);
  const foreign = recordAfter(recordAfter(undefined, { id: 'forged' }));
  await store.append([first]);
  const { wrapped } = contested(1, () => store.append([foreign]));
  await expect(submit(portsOn(wrapped), ledgerOf(3), enter(STREAM, ['mine']))).rejects.toThrow(CorruptStore);
});

test('a failing store is not a refusal: the error comes through, and the next command is served', async () => {
  const ports = portsOn({ ...store, append: () => Promise.reject(new StoreUnavailable('disk full')) });
  await expect(submit(ports, ledger, enter(STREAM, ['mine']))).rejects.toThrow(StoreUnavailable);
  expect(await submit({ ...ports, store }, ledger, enter(STREAM, ['mine']))).toMatchObject({ ok: true, version: 1 });
});

test('commands on one stream run one after the other, so they never conflict within a process', async () => {
  const { wrapped, calls } = contested(0);
  const ports = portsOn(wrapped);
  await Promise.all(Array.from({ length: 50 }, (_, index) => submit(ports, ledger, enter(STREAM, [`e${index}`]))));
  expect(calls).toEqual({ heads: 50, appends: 50 });
});

test('a flood on one stream is answered as contended beyond the bound of its queue', async () => {
  const ports = portsOn(store);
  const answers = await Promise.all(Array.from({ length: 2_005 }, () => submit(ports, ledger, enter(STREAM, ['same']))));
  expect(answers.filter(({ ok }) => !ok)).toHaveLength(5);
  expect(answers.at(-1)).toMatchObject({ ok: false, rejection: { code: 'contended' } });
});

test('the instant of a commit never lies before that of the commit before', async () => {
  const [first, before, after] = ['2026-04-01T00:00:02.000Z', '2026-04-01T00:00:01.000Z', '2026-04-01T00:00:04.000Z'] as const;
  const submitted = (at: string) =>
    submit(
      portsOn(store, () => at),
      ledger,
      enter(STREAM, [at]),
    );
  await submitted(first);
  expect(await submitted(before)).toMatchObject({ ok: true, at: first, events: [{ at: first }] });
  expect(await submitted(after)).toMatchObject({ ok: true, at: after });
});

test('a refusal is a value and leaves nothing behind', async () => {
  expect(await send(store, 'forbidden')).toEqual({
    ok: false,
    rejection: { code: 'forbidden', detail: 'this entry is never taken' },
  });
  expect(await store.head(STREAM)).toBeUndefined();
});
