import { DatabaseSync } from 'node:sqlite';
import { describe, expect, test, vi } from 'vitest';
import { digestOf } from '../../../domain/kernel/canonical.ts';
import { intake } from '../../../functions/gate/intake.ts';
import { StoreUnavailable } from '../../../functions/platform/store/errors.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { StreamQueue } from '../../../functions/platform/store/submit.ts';
import { deliver, openGate, URL_OF_GATE } from '../openGate.ts';

const STREAM = 'feature/acme.lpr';

/** A gate, what it answers to a delivery, and how many commits the receipt of the first one and its feature have. */
const open = async (options: Parameters<typeof openGate>[0] = {}) => {
  const gate = await openGate(options);
  const take = async (words = {}, id?: string, ports = gate.ports) => intake(ports, await deliver(ports, words, id));
  const received = async (...sent: Parameters<typeof take>) => {
    const taken = await take(...sent);
    return taken.ok ? taken.received : expect.unreachable();
  };
  const versions = () =>
    Promise.all(['receipt/acme/msg-1', STREAM].map(async (stream) => (await gate.store.head(stream))?.version ?? 0));
  return { ...gate, take, received, versions };
};
const OTHER_BODY = { ok: false, rejection: { code: 'other-body' } };

describe('a notice is held', () => {
  test('by a receipt and one change, which waits for its first requirement', async () => {
    const { take, ports, versions } = await open();
    expect(await take()).toStrictEqual({
      ok: true,
      received: {
        change: 'acme.lpr/1',
        revision: 1,
        digest: digestOf((await deliver(ports)).body),
        status: 'pending',
        requirements: [
          { id: 'council', body: 'council', instrument: 'certification', status: 'open' },
          { id: 'mayor', body: 'mayor', instrument: 'signature', status: 'waiting' },
        ],
        missingAncestors: ['acme'],
        url: `${URL_OF_GATE}/changes/acme.lpr/1`,
      },
    });
    expect(await versions()).toEqual([1, 1]);
  });

  test('and no prefix of its key that is approved is named as missing', async () => {
    const { approve, received } = await open();
    await approve();
    expect(await received()).toMatchObject({ missingAncestors: [] });
  });

  test('unless the feature refuses it: no receipt is left, so a resend is judged again', async () => {
    const { take, versions } = await open();
    expect(await take({ revises: 7 })).toMatchObject({ ok: false });
    expect(await versions()).toEqual([0, 0]);
  });
});

describe('the same delivery again', () => {
  test('gets the first answer and makes no commit, with another body none, and the first also after a later revision', async () => {
    const { take, versions } = await open();
    const first = await take();
    expect(await take()).toStrictEqual(first);
    expect(await take({ title: 'Other' })).toMatchObject(OTHER_BODY);
    expect(await versions()).toEqual([1, 1]);
    expect(await take({ title: 'Search 2', revises: 1 }, 'msg-2')).toMatchObject({
      received: { change: 'acme.lpr/1', revision: 2 },
    });
    expect(await take()).toStrictEqual(first);
  });

  test('of a removal is removed, and asks nobody', async () => {
    const { received } = await open();
    for (const _ of [1, 2]) expect(await received({ kind: 'removal' })).toMatchObject({ status: 'removed', requirements: [] });
  });

  test('twenty times at once makes one change', async () => {
    const { take, versions } = await open();
    const answers = await Promise.all(Array.from({ length: 20 }, () => take()));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ ok: true, received: { change: 'acme.lpr/1', revision: 1 } });
    expect(await versions()).toEqual([1, 1]);
  });

  test('under another id, in force, is the approved change for ever, and a new one once it is not', async () => {
    const { received, versions, certify, sign, revoke } = await open();
    const { change, digest } = await received();
    await certify(change, digest);
    await sign(change, digest);
    const before = await versions();
    const again = await received({}, 'msg-2');
    expect(again).toMatchObject({ change, digest, revision: 1, status: 'approved', requirements: [] });
    expect(await versions()).toEqual(before);
    await revoke(change);
    expect(await received({}, 'msg-2')).toStrictEqual(again);
    expect(await received({}, 'msg-3')).toMatchObject({ change: 'acme.lpr/2', status: 'pending' });
  });

  test('under another id, once a forced update outdated it, is the change that arrived anew, not the approved one', async () => {
    const { received, certify, sign } = await open();
    const { change, digest } = await received();
    await certify(change, digest);
    await sign(change, digest);
    await received({ kind: 'update', title: 'Search, forced', optOut: 'no' }, 'msg-2');
    const pending = { change: 'acme.lpr/3', status: 'pending' };
    expect(await received({}, 'msg-3')).toMatchObject(pending);
    expect(await received({}, 'msg-4')).toMatchObject({ ...pending, requirements: [{ id: 'council' }, {}] });
  });

  test.each([
    ['the same delivery', {}, 'msg-1', { ok: true, received: { change: 'acme.lpr/1', revision: 1 } }, [1, 1]],
    ['another notice', { title: 'Other' }, 'msg-2', { ok: true, received: { change: 'acme.lpr/2', revision: 1 } }, [1, 2]],
    ['another body under its id', { title: 'Other' }, 'msg-1', OTHER_BODY, [1, 1]],
  ])('while another process takes %s, is answered by what stands in the store', async (_, words, id, expected, made) => {
    let meanwhile = async (): Promise<unknown> => undefined;
    const storeOf = (store: Store): Store => ({
      ...store,
      append: async (records) => {
        const act = meanwhile;
        meanwhile = async () => undefined;
        await act();
        return store.append(records);
      },
    });
    const { take, ports, versions } = await open({ storeOf });
    meanwhile = () => take(words, id, { ...ports, queue: new StreamQueue() });
    expect(await take()).toMatchObject(expected);
    expect(await versions()).toEqual(made);
    expect(await take()).toMatchObject(expected);
  });

  test('completes what a crash between receipt and notice left undone', async () => {
    let down = true;
    const storeOf = (store: Store): Store => ({
      ...store,
      append: async (records) => {
        const before = records.filter(({ stream }) => stream !== STREAM);
        if (!down || before.length === records.length) return store.append(records);
        await store.append(before);
        throw new StoreUnavailable('the store is away');
      },
    });
    const { take, versions } = await open({ storeOf });
    await expect(take()).rejects.toThrow(StoreUnavailable);
    expect(await versions()).toEqual([1, 0]);
    down = false;
    expect(await take()).toMatchObject({ ok: true, received: { change: 'acme.lpr/1' } });
    expect(await versions()).toEqual([1, 1]);
  });
});

test('notices that arrive in one turn share one transaction; one that is refused leaves the others', async () => {
  const { notice } = await openGate();
  const keys = Array.from({ length: 32 }, (_, n) => `acme.f${n}`);
  await notice({ feature: 'acme.first' }, 'first');
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec');
  const other = notice({ feature: 'acme.first' }, 'first');
  const [refused, ...taken] = await Promise.allSettled([other, ...keys.map((feature) => notice({ feature }))]);
  expect(exec.mock.calls.filter(([sql]) => sql === 'COMMIT')).toHaveLength(1);
  expect(refused).toMatchObject({ status: 'rejected', reason: { message: expect.stringContaining('other-body') } });
  expect(taken.map((each) => each.status === 'fulfilled' && each.value.change)).toEqual(keys.map((key) => `${key}/1`));
});
