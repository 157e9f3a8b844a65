import { expect, test } from 'vitest';
import { isJson, mediaTypeOf, readBody } from '../../../../functions/web/http/input.ts';
import type { Refused } from '../../../../functions/web/http/problems.ts';

const request = (body: ReadableStream<Uint8Array> | null, headers: Readonly<Record<string, string>> = {}) =>
  new Request('https://gate.example/', { method: 'POST', body, headers, duplex: 'half' });

const pieces = (...sizes: readonly number[]) => {
  let taken = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const size = sizes[taken];
        taken += 1;
        if (size === undefined) controller.close();
        else controller.enqueue(new Uint8Array(size).fill(taken));
      },
    },
    { highWaterMark: 0 },
  );
  return { body, taken: () => taken };
};

const statusOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 200,
    (error: Refused) => error.answer.status,
  );

test('bytes come as they were sent, whatever the pieces', async () => {
  expect(await readBody(request(pieces(2, 1).body), 3)).toStrictEqual(Buffer.from([1, 1, 2]));
  expect(await readBody(request(pieces(3).body), 3)).toStrictEqual(new Uint8Array([1, 1, 1]));
  expect(await readBody(request(pieces().body), 3)).toHaveLength(0);
  expect(await readBody(request(null), 3)).toHaveLength(0);
});

test('a declared length above the limit is refused unread', async () => {
  const { body, taken } = pieces(1);
  expect(await statusOf(readBody(request(body, { 'content-length': '4' }), 3))).toBe(413);
  expect(taken()).toBe(0);
});

test('without a length that can be read, reading ends at the limit', async () => {
  for (const headers of [{}, { 'content-length': 'x' }, { 'content-length': '-1' }]) {
    const { body, taken } = pieces(2, 2, 2, 2, 2);
    expect(await statusOf(readBody(request(body, headers), 3))).toBe(413);
    expect(taken()).toBe(2);
  }
});

test('with a false length what came is counted anyway', async () => {
  expect(await statusOf(readBody(request(pieces(2, 2).body, { 'content-length': '1' }), 3))).toBe(413);
  expect(await readBody(request(pieces(2, 1).body, { 'content-length': '1' }), 3)).toStrictEqual(new Uint8Array([1, 1, 2]));
});

test('a body that breaks off is the client’s fault', async () => {
  const body = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('reset')) });
  expect(await statusOf(readBody(request(body), 3))).toBe(400);
  const declared = new ReadableStream<Uint8Array>({ pull: (controller) => controller.error(new Error('reset')) });
  expect(await statusOf(readBody(request(declared, { 'content-length': '2' }), 3))).toBe(400);
});

test('a compressed body is refused', async () => {
  expect(await statusOf(readBody(request(pieces(1).body, { 'content-encoding': 'br' }), 3))).toBe(415);
  expect(await statusOf(readBody(request(pieces(1).body, { 'content-encoding': 'Identity' }), 3))).toBe(200);
});

test.each([
  ['application/json', true],
  ['Application/JSON; charset=UTF-8', true],
  ['application/json;charset="utf-8"', true],
  ['application/json; charset=utf-16', false],
  ['application/problem+json', false],
  ['text/json', false],
  ['', false],
  [null, false],
])('%s is JSON: %s', (header, expected) => expect(isJson(header)).toBe(expected));

test('a media type is returned without its parameters', () => {
  expect(mediaTypeOf(' Text/HTML ; q=1')).toBe('text/html');
  expect(mediaTypeOf(null)).toBe('');
});
