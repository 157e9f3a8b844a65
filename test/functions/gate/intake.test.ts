import { describe, expect, test } from 'vitest';
import { Notice } from '../../../domain/feature/notice.ts';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { type Delivery, intake } from '../../../functions/gate/intake.ts';
import type { GatePorts } from '../../../functions/gate/ports.ts';
import { readVendor } from '../../../functions/gate/vendors.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import { oneByOne, type Store } from '../../../functions/platform/store/port.ts';
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
