import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { Notice } from '../../../domain/feature/notice.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { type Delivery, intake } from '../../../functions/gate/intake.ts';
import type { GatePorts } from '../../../functions/gate/ports.ts';
import { readVendor } from '../../../functions/gate/vendors.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { oneByOne, type Store } from '../../../functions/platform/store/port.ts';
import { StreamQueue } from '../../../functions/platform/store/submit.ts';
import { signedByVendor } from '../../support/fixtures/vendor.ts';
import { atOnce, NOON, openGate, URL_OF_GATE } from '../openGate.ts';

const STREAM = 'feature/acme.lpr';
const RECEIPT = 'receipt/acme/msg-1';

const text = (over: object = {}): string =>
  JSON.stringify({ feature: 'acme.lpr', kind: 'new-feature', title: 'Search', summary: 'Finds cars by their colour.', ...over });

/** A delivery as a route hands it over after it checked shape and signature. */
const deliver = async (ports: GatePorts, body = text(), deliveryId = 'msg-1'): Promise<Delivery> => {
  const bytes = new TextEncoder().encode(body);
  const key = (await readVendor(ports, 'acme'))?.keys[0]?.key.id ?? '';
  return {
    vendor: 'acme',
    deliveryId,
    actor: 'vendor:acme',
    body: bytes,
    notice: Notice.parse(JSON.parse(body)),
    provenance: signedByVendor('acme', deliveryId, NOON, bytes, key),
    attachments: [],
    counted: null,
  };
};

const versionOf = async (store: Store, stream: string): Promise<number> => (await store.head(stream))?.version ?? 0;

describe('a notice is held', () => {
  test('by a receipt and one change, which waits for its first requirement', async () => {
    const { ports, store } = await openGate();
    expect(await intake(ports, await deliver(ports))).toStrictEqual({
      ok: true,
      received: {
        change: 'acme.lpr/1',
        revision: 1,
        digest: digestOf(new TextEncoder().encode(text())),
        status: 'pending',
        requirements: [
          { id: 'council', body: 'council', instrument: 'certification', status: 'open' },
          { id: 'mayor', body: 'mayor', instrument: 'signature', status: 'waiting' },
        ],
        missingAncestors: ['acme'],
        url: `${URL_OF_GATE}/changes/acme.lpr/1`,
      },
    });
    expect(await versionOf(store, RECEIPT)).toBe(1);
    expect(await versionOf(store, STREAM)).toBe(1);
  });

  test('unless the feature refuses it: no receipt is left, so a resend is judged again', async () => {
    const { ports, store } = await openGate();
    const refused = await intake(ports, await deliver(ports, text({ revises: 7 })));
    expect(refused).toMatchObject({ ok: false });
    expect(await versionOf(store, RECEIPT)).toBe(0);
    expect(await versionOf(store, STREAM)).toBe(0);
  });
});

describe('the same delivery again', () => {
  test('gets the first answer and makes no commit', async () => {
    const { ports, store } = await openGate();
    const first = await intake(ports, await deliver(ports));
    expect(await intake(ports, await deliver(ports))).toStrictEqual(first);
    expect(await versionOf(store, RECEIPT)).toBe(1);
    expect(await versionOf(store, STREAM)).toBe(1);
  });

  test('gets the first answer also after a later revision', async () => {
    const { ports } = await openGate();
    const first = await intake(ports, await deliver(ports));
    expect(await intake(ports, await deliver(ports, text({ title: 'Search 2', revises: 1 }), 'msg-2'))).toMatchObject({
      received: { change: 'acme.lpr/1', revision: 2 },
    });
    expect(await intake(ports, await deliver(ports))).toStrictEqual(first);
  });

  test('with another body is refused and makes no commit', async () => {
    const { ports, store } = await openGate();
    await intake(ports, await deliver(ports));
    expect(await intake(ports, await deliver(ports, text({ title: 'Other' })))).toMatchObject({
      ok: false,
      rejection: { code: 'other-body' },
    });
    expect(await versionOf(store, STREAM)).toBe(1);
  });

  test('twenty times at once makes one change', async () => {
    const { ports, store } = await openGate();
    const delivery = await deliver(ports);
    const answers = await Promise.all(Array.from({ length: 20 }, () => intake(ports, delivery)));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ ok: true, received: { change: 'acme.lpr/1', revision: 1 } });
    expect(await versionOf(store, STREAM)).toBe(1);
  });

  test('under another id, in force, is the approved change for ever, and a new one once it is not', async () => {
    const { ports, store, certify, sign, revoke } = await openGate({ rules: atOnce });
    const sent = async (id: string) => {
      const taken = await intake(ports, await deliver(ports, text(), id));
      return taken.ok ? taken.received : expect.unreachable();
    };
    const { change, digest } = await sent('msg-1');
    await certify(change, digest);
    await sign(change, digest);
    const version = await versionOf(store, STREAM);
    const again = await sent('msg-2');
    expect(again).toMatchObject({ change, digest, revision: 1, status: 'approved', requirements: [] });
    expect(await versionOf(store, STREAM)).toBe(version);
    await revoke(change);
    expect(await sent('msg-2')).toStrictEqual(again);
    expect(await sent('msg-3')).toMatchObject({ change: 'acme.lpr/2', status: 'pending' });
  });

  test('under another id, once a forced update outdated it, is the change that arrived anew, not the approved one', async () => {
    const { ports, certify, sign } = await openGate({ rules: atOnce });
    const sent = async (id: string, body = text()) => {
      const taken = await intake(ports, await deliver(ports, body, id));
      return taken.ok ? taken.received : expect.unreachable();
    };
    const { change, digest } = await sent('msg-1');
    await certify(change, digest);
    await sign(change, digest);
    await sent('msg-2', text({ kind: 'update', title: 'Search, forced', optOut: 'no' }));
    expect(await sent('msg-3')).toMatchObject({ change: 'acme.lpr/3', status: 'pending' });
    expect(await sent('msg-4')).toMatchObject({ change: 'acme.lpr/3', status: 'pending', requirements: [{ id: 'council' }, {}] });
  });

  test.each([
    ['the same delivery', 'msg-1', { change: 'acme.lpr/1', revision: 1 }, [1, 1]],
    ['another notice of the feature', 'msg-2', { change: 'acme.lpr/2', revision: 1 }, [1, 2]],
    ['another body under its id', 'msg-1', undefined, [1, 1]],
  ])('while another process takes %s, is answered by what stands in the store', async (_, deliveryId, received, versions) => {
    let meanwhile = async (): Promise<unknown> => undefined;
    const storeOf = (store: Store): Store => ({
      ...store,
      appendInOrder: async (records) => {
        const act = meanwhile;
        meanwhile = async () => undefined;
        await act();
        return store.appendInOrder(records);
      },
    });
    const { ports, store } = await openGate({ storeOf });
    const other = { ...ports, queue: new StreamQueue() };
    const body = deliveryId === 'msg-1' && received !== undefined ? text() : text({ title: 'Other' });
    meanwhile = async () => intake(other, await deliver(ports, body, deliveryId));
    const expected = received === undefined ? { ok: false, rejection: { code: 'other-body' } } : { ok: true, received };
    expect(await intake(ports, await deliver(ports))).toMatchObject(expected);
    expect([await versionOf(store, RECEIPT), await versionOf(store, STREAM)]).toEqual(versions);
    expect(await intake(ports, await deliver(ports))).toMatchObject(expected);
  });

  test('completes what a crash between receipt and notice left undone', async () => {
    let down = true;
    const storeOf = (store: Store): Store => {
      const append: Store['append'] = async (record) => {
        if (down && record.stream === STREAM) throw new StoreUnavailable('the store is away');
        return store.append(record);
      };
      return { ...store, append, appendInOrder: oneByOne(append) };
    };
    const { ports, store } = await openGate({ storeOf });
    await expect(intake(ports, await deliver(ports))).rejects.toThrow(StoreUnavailable);
    expect([await versionOf(store, RECEIPT), await versionOf(store, STREAM)]).toEqual([1, 0]);
    down = false;
    expect(await intake(ports, await deliver(ports))).toMatchObject({ ok: true, received: { change: 'acme.lpr/1' } });
    expect([await versionOf(store, RECEIPT), await versionOf(store, STREAM)]).toEqual([1, 1]);
  });
});

const NOTICES = 32;

/** Counts the transactions of all files from here on; `fail`: the next COMMIT fails as a full disk does. */
const transactions = () => {
  const counted = { commits: 0, fail: false };
  const { exec } = DatabaseSync.prototype;
  vi.spyOn(DatabaseSync.prototype, 'exec').mockImplementation(function (this: DatabaseSync, sql) {
    if (sql === 'COMMIT') counted.commits += 1;
    if (sql !== 'COMMIT' || !counted.fail) return exec.call(this, sql);
    counted.fail = false;
    throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
  });
  return counted;
};
afterEach(() => vi.restoreAllMocks());

const keys = Array.from({ length: NOTICES }, (_, n) => `acme.f${n}`);

test('notices that arrive in one turn share one transaction; one that is refused leaves the others', async () => {
  const { notice } = await openGate();
  await notice({ feature: 'acme.first' }, 'first');
  const counted = transactions();
  const other = notice({ feature: 'acme.first' }, 'first');
  const [refused, ...taken] = await Promise.allSettled([other, ...keys.map((feature) => notice({ feature }))]);
  expect(counted.commits).toBe(1);
  expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('other-body') } });
  expect(taken.map((each) => each.status === 'fulfilled' && each.value.change)).toEqual(keys.map((key) => `${key}/1`));
});

test('notices for one feature at the same time are decided one after the other, each on what the one before wrote', async () => {
  const { notice, store } = await openGate();
  const counted = transactions();
  const taken = await Promise.all(Array.from({ length: 8 }, () => notice({ feature: 'acme.same' })));
  expect(taken.map(({ change }) => change)).toEqual(Array.from({ length: 8 }, (_, n) => `acme.same/${n + 1}`));
  expect((await store.head('feature/acme.same'))?.version).toBe(8);
  expect(counted.commits).toBe(8);
});

test('when the transaction fails none of its notices is acknowledged or there, and each can be sent again', async () => {
  const { notice, store } = await openGate();
  const counted = transactions();
  counted.fail = true;
  const sent = () => Promise.allSettled(keys.map((feature) => notice({ feature }, feature)));
  expect((await sent()).map(({ status }) => status)).toEqual(keys.map(() => 'rejected'));
  for (const key of keys) {
    expect(await store.head(`feature/${key}`)).toBeUndefined();
    expect(await store.head(`receipt/acme/${key}`)).toBeUndefined();
  }
  expect((await sent()).map(({ status }) => status)).toEqual(keys.map(() => 'fulfilled'));
  expect(counted.commits).toBe(2);
});
