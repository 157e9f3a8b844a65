import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import { endToken } from '../../../../../functions/gate/tokens.ts';
import { DERIVED } from '../../../../../functions/register/derived/records.ts';
import { catchUp } from '../../../../../functions/register/project.ts';
import { apiApp } from '../../../../../functions/web/api/app.ts';
import { EventStreams, type StreamSink, withStreams } from '../../../../../functions/web/api/ofrep/eventStreams.ts';
import { tokenId } from '../../../../../functions/web/http/tokens.ts';
import { answering } from '../../../../support/listening.ts';
import { FLAGS, story } from './story.ts';

const LEASE_S = 30;
const STEP_MS = 600_000;

const opened = async () => {
  const { world, on, token } = await story();
  await on('acme');
  const time = { wall: Date.parse('2026-03-02T12:00:00.000Z'), monotonic: 1_000 };
  let streams: EventStreams | undefined;
  const url = await answering((request, response) =>
    withStreams(streams as EventStreams, (_, other) => void other.writeHead(404).end())(request, response),
  );
  streams = new EventStreams({
    ports: world.deps.ports,
    logger: world.deps.logger,
    leaseSeconds: LEASE_S,
    url,
    wallMs: () => time.wall,
    monotonicMs: () => time.monotonic,
  });
  onTestFinished(() => streams.close());
  const app = apiApp({ ...world.deps, streams });
  const bulk = async (bearer = token, headers: Readonly<Record<string, string>> = { 'aldergate-streams': '1' }) => {
    const answer = await app.request(FLAGS, {
      method: 'POST',
      body: '{}',
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json', ...headers },
    });
    const body = answer.status === 200 ? ((await answer.json()) as { eventStreams?: { type: string; url: string }[] }) : {};
    return { status: answer.status, etag: answer.headers.get('etag') ?? '', stream: body.eventStreams?.[0]?.url };
  };
  const revoke = async () => {
    await world.gate.revoke('acme/1');
    await catchUp(world.deps.ports, 'acme');
  };
  /** Names an instant at which time alone changes an answer. */
  const named = () => world.deps.ports.sideStore.put(DERIVED.due, '2026-03-02T12:30:00.000Z/acme', {});
  return { world, token, time, bulk, revoke, named, streams };
};

/** A stream as a client reads it: its status, the events so far, how many are awaited, and whether it is over. */
const listen = async (url = '') => {
  const response = await new Promise<IncomingMessage>((resolve, reject) => void get(url, resolve).on('error', reject));
  onTestFinished(() => void response.destroy());
  const read = { text: '', over: false };
  response.on('data', (chunk: Buffer) => {
    read.text += String(chunk);
  });
  response.on('end', () => {
    read.over = true;
  });
  const events = () =>
    [...read.text.matchAll(/id: (\w+)\ndata: (.*)\n\n/g)].map(([, id, data = '']) => ({ id, data: JSON.parse(data) as unknown }));
  const has = (count: number) => expect.poll(() => events().length).toBe(count);
  return { status: response.statusCode, headers: response.headers, events, has, read };
};

/** The same, with a stream that has said its first. */
const listened = async (told?: Awaited<ReturnType<typeof opened>>) => {
  const all = told ?? (await opened());
  const stream = await listen((await all.bulk()).stream);
  await stream.has(1);
  return { ...all, stream };
};

test('only a client that wants to listen is given a stream, and its answers have a tag of their own', async () => {
  const { bulk } = await opened();
  const [plain, listening] = [await bulk(undefined, {}), await bulk()];
  expect(plain.stream).toBeUndefined();
  expect(listening.stream).toMatch(/\/ofrep\/v1\/streams\/[0-9a-f]{64}\.\d+\.[\w-]{43}$/);
  expect(listening.etag).not.toBe(plain.etag);
  expect((await bulk(undefined, { 'aldergate-streams': '1', 'if-none-match': listening.etag })).status).toBe(304);
});

test('a stream says at once, and after a commit, to ask again; the same state has the same id', async () => {
  const { bulk, revoke } = await opened();
  const { stream } = await bulk();
  const [one, other] = [await listen(stream), await listen(stream)];
  expect([one.status, one.headers['content-type'], one.headers['x-accel-buffering']]).toStrictEqual([
    200,
    'text/event-stream',
    'no',
  ]);
  for (const each of [one, other]) await each.has(1);
  const [first] = one.events();
  expect(first).toStrictEqual({ id: expect.any(String), data: { type: 'refetchEvaluation', etag: `"${first?.id}"` } });
  expect(other.events()).toStrictEqual(one.events());
  await revoke();
  for (const each of [one, other]) await each.has(2);
  expect(one.events()[1]?.id).not.toBe(first?.id);
  expect(other.events()).toStrictEqual(one.events());
});

test('a stream that is quiet says so every third of a lease, by the same event, also where the wall clock is set back', async () => {
  const { stream, time } = await listened();
  time.wall -= 3_600_000;
  time.monotonic += (LEASE_S * 1_000) / 3;
  await stream.has(2);
  expect(stream.events()[1]).toStrictEqual(stream.events()[0]);
});

test('a stream says to ask again at an instant at which time alone changes an answer', async () => {
  const told = await opened();
  await told.named();
  const { world, stream } = await listened(told);
  world.at('2026-03-02T12:29:59.999Z');
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(stream.events()).toHaveLength(1);
  world.at('2026-03-02T12:30:00.000Z');
  await stream.has(2);
});

test('an instant that is named after a commit was seen is heard of, too', async () => {
  const { world, stream, time, named } = await listened();
  await named();
  time.monotonic += 1_000;
  await new Promise((resolve) => setTimeout(resolve, 300));
  world.at('2026-03-02T12:30:00.000Z');
  await stream.has(2);
});

/** An event stream, its sink, and what the server answers with; `stall`: has the client stop reading until something is unread. */
const sinking = async () => {
  const made = Promise.withResolvers<StreamSink>();
  const answered = Promise.withResolvers<ServerResponse>();
  const over = vi.fn();
  const admit = async () => (sink: StreamSink) => {
    made.resolve(sink);
    return over;
  };
  const url = await answering((request, response) => {
    answered.resolve(response);
    withStreams({ admit } as unknown as EventStreams, () => undefined)(request, response);
  });
  const client = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void client.destroy());
  client.write('GET /ofrep/v1/streams/x HTTP/1.1\r\nhost: gate\r\n\r\n');
  const [sink, response] = await Promise.all([made.promise, answered.promise]);
  const stall = async () => {
    client.pause();
    while (response.writableLength === 0) {
      sink.write('x'.repeat(30_000));
      await new Promise(setImmediate);
    }
  };
  return { sink, response, over, stall, client };
};

test('a stream whose client does not read is let go at its end', async () => {
  const { sink, response, over, stall } = await sinking();
  await stall();
  expect(over).not.toHaveBeenCalled();
  sink.end();
  await expect.poll(() => over.mock.calls.length).toBe(1);
  expect(response.destroyed).toBe(true);
  sink.write('more');
});

test('what is written after the end of a stream is no error', async () => {
  const { sink, response, over } = await sinking();
  const failed = vi.fn();
  response.on('error', failed);
  sink.end();
  sink.write('more');
  await expect.poll(() => over.mock.calls.length).toBe(1);
  expect(failed).not.toHaveBeenCalled();
});

test('an address only listens: nobody asks with it, and altered it opens nothing', async () => {
  const { bulk } = await opened();
  const { stream = '' } = await bulk();
  const capability = stream.slice(stream.lastIndexOf('/') + 1);
  expect((await bulk(capability)).status).toBe(401);
  const [token = '', step = '', mac = ''] = capability.split('.');
  const swapped = `${mac.startsWith('A') ? 'B' : 'A'}${mac.slice(1)}`;
  for (const wrong of [
    `${token}.${step}.${swapped}`,
    `${token}.${Number(step) + 1}.${mac}`,
    `${'0'.repeat(64)}.${step}.${mac}`,
    '',
    'x',
  ])
    expect((await listen(`${stream.slice(0, stream.lastIndexOf('/') + 1)}${wrong}`)).status, wrong).toBe(404);
});

test.each(['POST', 'HEAD', 'DELETE'])('a stream is opened by GET, not %s', async (method) => {
  const { bulk } = await opened();
  const answer = await fetch((await bulk()).stream ?? '', { method });
  expect([answer.status, answer.headers.get('allow')]).toStrictEqual([405, 'GET, OPTIONS']);
});

test('an address opens a stream in two steps of time; then the tag of the answer has changed, so that it is replaced', async () => {
  const { bulk, time } = await opened();
  const first = await bulk();
  time.wall += STEP_MS;
  expect((await listen(first.stream)).status).toBe(200);
  const second = await bulk(undefined, { 'aldergate-streams': '1', 'if-none-match': first.etag });
  expect([second.status, second.stream === first.stream]).toStrictEqual([200, false]);
  time.wall += STEP_MS;
  expect((await listen(first.stream)).status).toBe(404);
  expect((await listen(second.stream)).status).toBe(200);
});

test('a stream ends with its token, and no other is opened', async () => {
  const { world, bulk, token, time } = await opened();
  const { stream } = await bulk();
  const open = await listen(stream);
  await open.has(1);
  await endToken(world.deps.ports, tokenId(token));
  time.monotonic += 1_000;
  await expect.poll(() => open.read.over).toBe(true);
  expect((await listen(stream)).status).toBe(404);
});

test('a token has two hundred streams at most; one that ends makes room', async () => {
  const { bulk, streams } = await opened();
  const { stream = '' } = await bulk();
  const capability = stream.slice(stream.lastIndexOf('/') + 1);
  const closes: (() => void)[] = [];
  for (let n = 0; n < 200; n += 1) {
    const admitted = await streams.admit(capability);
    if (typeof admitted === 'string') throw new Error(admitted);
    closes.push(admitted({ write: () => undefined, end: () => undefined }));
  }
  expect(await streams.admit(capability)).toBe('too-many');
  expect((await listen(stream)).status).toBe(429);
  closes[0]?.();
  expect(await streams.admit(capability)).toBeTypeOf('function');
});
