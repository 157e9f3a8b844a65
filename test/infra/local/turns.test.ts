import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { oneATurn } from '../../../infra/local/turns.ts';
import { answering } from '../../support/listening.ts';

const GET = 'GET / HTTP/1.1\r\nHost: gate\r\n\r\n';

/** Answers each request in a later turn. `began`: in which turn each began, and whether the one before it was answered. */
const slow = async () => {
  let turn = 0;
  const count = (): void => {
    turn += 1;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  onTestFinished(() => clearImmediate(counting));
  const began: { readonly turn: number; readonly isAlone: boolean }[] = [];
  let last: ServerResponse | undefined;
  const url = await answering(
    oneATurn((_request, response) => {
      began.push({ turn, isAlone: last?.closed !== false });
      last = response;
      void nextTurn().then(() => response.end('ok'));
    }),
  );
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

test('who sends hundreds without waiting is cut off', async () => {
  const { began, open } = await slow();
  const socket = await open();
  socket.write(GET.repeat(500));
  await once(socket, 'close');
  expect(began.length).toBeLessThan(3);
});
