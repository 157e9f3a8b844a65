import { join } from 'node:path';
import { makeFolder } from '../folder.ts';
import type { Load, Loaded } from '../load.ts';
import { type Peer, start } from '../processes.ts';
import { post, signedNotices } from '../requests.ts';
import { compare } from '../rounds.ts';
import { VENDOR } from '../vendor.ts';
import type { Result } from './result.ts';

const ROUNDS = 5;
const ROUND_MS_MAX = 1_000;
/** Many clients first: then both servers are warm when one client comes, whose rounds are short. */
const NOTICES = [
  { clients: 32, count: 1_000 },
  { clients: 1, count: 150 },
] as const;
const EVALUATIONS = { clients: 32, count: 4_000 } as const;
const KEY = `${VENDOR}.lpr.search`;

interface Gate {
  readonly port: number;
  readonly secret: string;
  readonly token: string;
}
type Generator = Peer<Load, Loaded>;

const notices = async (gate: Gate, generator: Generator, path: string): Promise<readonly Result[]> => {
  const floor = await start<{ port: number }, never, never>('servers/noticeFloor.ts', join(path, 'floor.db'), gate.secret);
  const results: Result[] = [];
  for (const { clients, count } of NOTICES) {
    const sendTo = (port: number) => async (round: number) => {
      const requests = signedNotices(VENDOR, gate.secret, `${clients}-${round}`, count);
      return (await generator.ask({ port, clients, requests, times: 1, msMax: ROUND_MS_MAX, status: 202 })).perSecond;
    };
    results.push({
      name: `durable notices, ${clients} client${clients === 1 ? '' : 's'}`,
      peerName: 'node:http + HMAC + one-row commits',
      unit: 'requests/s',
      aim: 0.6,
      ...(await compare(ROUNDS, sendTo(gate.port), sendTo(floor.ready.port))),
    });
  }
  await floor.stop();
  return results;
};

const evaluations = async ({ port, token }: Gate, generator: Generator): Promise<Result> => {
  const path = `/ofrep/v1/evaluate/flags/${KEY}`;
  const body = JSON.stringify({ context: { targetingKey: 'unit-7', agency: 'police' } });
  const authorization = `Bearer ${token}`;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body,
  });
  const text = await answer.text();
  if ((JSON.parse(text) as { value?: unknown }).value !== true) throw new Error(`${KEY} is not enabled: ${text}`);
  const { connection: _connection, 'keep-alive': _keepAlive, date: _date, ...headers } = Object.fromEntries(answer.headers);
  const floor = await start<{ port: number }, never, never>('servers/echoFloor.ts', JSON.stringify(headers), text);
  const requests = [post(path, { authorization }, body)];
  const askOf = (which: number) => async () =>
    (
      await generator.ask({
        port: which,
        clients: EVALUATIONS.clients,
        requests,
        times: EVALUATIONS.count,
        msMax: ROUND_MS_MAX,
        status: 200,
      })
    ).perSecond;
  const compared = await compare(ROUNDS, askOf(port), askOf(floor.ready.port));
  await floor.stop();
  return {
    name: `evaluations of one flag (OFREP), ${EVALUATIONS.clients} clients`,
    peerName: 'node:http that reads the body and sends the same bytes',
    unit: 'requests/s',
    aim: 0.5,
    ...compared,
  };
};

/** Measures 1 and 2: requests to a server and to its floor, each in a process of its own, from a third one. */
export const overHttp = async (): Promise<readonly Result[]> => {
  const { path, remove } = makeFolder();
  const gate = await start<Gate, never, never>('servers/gate.ts', path);
  const generator = await start<unknown, Load, Loaded>('load.ts');
  try {
    return [...(await notices(gate.ready, generator, path)), await evaluations(gate.ready, generator)];
  } finally {
    await generator.stop();
    await gate.stop();
    remove();
  }
};
