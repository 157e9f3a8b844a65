import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnePerTurn } from '../../../infra/local/turns.ts';
import { answering } from '../../support/listening.ts';

const GET = 'GET / HTTP/1.1\r\nHost: gate\r\n\r\n';

/** Answers each request in a later turn. `began`: in which turn each began, after how many had arrived, and was the last answered. */
const slow = async () => {
  let [turn, arrived] = [0, 0];
  const count = (): void => {
    turn += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  onTestFinished(() => clearImmediate(counting));
  const began: { readonly turn: number; readonly arrived: number; readonly isAlone: boolean }[] = [];
  let last: ServerResponse | undefined;
  const listener = listenOnePerTurn((_request, response) => {
    began.push({ turn, arrived, isAlone: last?.closed !== false });
    last = response;
    void nextTurn().then(() => response.end('ok'));
  });
  const url = await answering((...exchange) => {
    arrived += 1;
    listener(...exchange);
  });
  const open = async () => {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    onTestFinished(() => void socket.destroy());
    socket.on('error', () => undefined).resume();
    await once(socket, 'connect');
    return socket;
  };
  return { began, open };
};

test('what arrives together begins one in a turn, and on one connection after the answer to the last', async () => {
  const { began, open } = await slow();
  (await open()).write(GET.repeat(20));
  await expect.poll(() => began.length).toBe(20);
  expect(began.every(({ isAlone }) => isAlone)).toBe(true);
  const sockets = await Promise.all(Array.from({ length: 20 }, open));
  // The first round waits until each is accepted; the second arrives at once.
  for (const answered of [40, 60]) {
    for (const socket of sockets) socket.write(GET);
    await expect.poll(() => began.length).toBe(answered);
  }
  expect(new Set(began.map(({ turn }) => turn)).size).toBe(60);
});

test('others are let in first, since a turn lets in one connection', async () => {
  const { began, open } = await slow();
  const sockets = Array.from({ length: 20 }, open);
  for (const socket of sockets) void socket.then((connected) => connected.write(GET));
  await expect.poll(() => began.length).toBe(20);
  expect(began[1]?.arrived).toBeGreaterThan(5);
});

test('who sends hundreds without waiting is cut off', async () => {
  const { began, open } = await slow();
  const socket = await open();
  socket.write(GET.repeat(500));
  await once(socket, 'close');
  expect(began.length).toBeLessThan(100);
});

test('who has always some unanswered is not', async () => {
  const { began, open } = await slow();
  const socket = await open();
  socket.on('data', (data: Buffer) => socket.write(GET.repeat(data.toString().split('HTTP/1.1').length - 1)));
  socket.write(GET.repeat(3));
  await expect.poll(() => began.length).toBeGreaterThan(150);
});
