import { afterEach, expect, test, vi } from 'vitest';
import { logbookStream } from '../../../domain/log/logbookState.ts';
import { endOf, LogEnded, untilEnd } from '../../../functions/gate/logbook.ts';
import { freezeLog } from '../../../functions/log/sequencer/logbook.ts';
import { type Bench, bench, ORIGIN, writeTo } from '../log/sequencer/ports.ts';

const SUCCESSOR = { origin: 'next.example/log', key: 'next.example/log+1+AAAA' };
const endIn = ({ store }: Bench) => endOf(store, async () => ORIGIN);
const freeze = (ports: Bench) => freezeLog(ports, ports.signer.key, SUCCESSOR);

/** Advances by a little more than a second at each call. */
const stopClock = () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(0);
  return () => void now.mockReturnValue(now() + 1_001);
};

afterEach(() => vi.restoreAllMocks());

test('however many ask at once, the logbook is read once a second, and no more when the log has ended', async () => {
  const ports = bench();
  const later = stopClock();
  const read = vi.spyOn(ports.store, 'head');
  const end = endIn(ports);
  expect(await Promise.all([end(), end(), end()])).toEqual([undefined, undefined, undefined]);
  expect(read).toHaveBeenCalledTimes(1);
  await freeze(ports);
  read.mockClear();
  expect(await end()).toBeUndefined();
  expect(read).not.toHaveBeenCalled();
  later();
  expect(await end()).toMatchObject({ successor: SUCCESSOR });
  later();
  expect(await end()).toMatchObject({ successor: SUCCESSOR });
  expect(read).toHaveBeenCalledTimes(1);
});

test('while the logbook cannot be read nothing is written on an older answer', async () => {
  const ports = bench();
  const later = stopClock();
  const end = endIn(ports);
  const store = untilEnd(ports.store, end);
  await writeTo(store, 'feature/a');
  later();
  const read = vi.spyOn(ports.store, 'head').mockRejectedValue(new Error('no store'));
  const head = await ports.store.history('feature/a', { after: 0, limit: 1 });
  await expect(store.append({ ...(head[0] ?? expect.fail()), version: 2 })).rejects.toThrow('no store');
  await expect(end()).rejects.toThrow('no store');
  read.mockRestore();
  expect(await end()).toBeUndefined();
});

test('after the end only the log’s own streams take anything', async () => {
  const ports = bench();
  await freeze(ports);
  const store = untilEnd(ports.store, endIn(ports));
  await expect(writeTo(store, 'feature/a')).rejects.toThrow(LogEnded);
  await writeTo(store, 'log');
  expect((await ports.store.head('log'))?.version).toBe(1);
  await writeTo(store, logbookStream(ORIGIN));
  expect((await ports.store.head(logbookStream(ORIGIN)))?.version).toBe(2);
});
