import { join } from 'node:path';
import { makeFolder } from '../folder.ts';
import { ASKED, type Register } from '../register.ts';
import { post, signedNotices } from '../requests.ts';
import { compareEach } from '../rounds.ts';
import { VENDOR } from '../vendor.ts';
import { FIGURES, type Generator, type Server, startBare, startGenerator, underLoad } from './loaded.ts';
import type { Measured, Result, Scale } from './result.ts';

const ROUND_MS_MAX = 1_000;
/** Many clients first: then both servers are warm when one client comes, whose rounds are short. */
const NOTICES = [
  { clients: 32, count: 1_000, aims: { byClock: 0.6, byThread: 0.9, byProcess: null } },
  { clients: 1, count: 150, aims: { byClock: 0.6, byThread: 0.55, byProcess: null } },
] as const;
const EVALUATIONS = { clients: 32, count: 4_000, aims: { byClock: null, byThread: 0.7, byProcess: null } } as const;
export const NOTICE_FLOOR = 'node:http + HMAC + one-row commits';

const UNITS = { byClock: '/s', byThread: '/s of its thread', byProcess: '/s of processor' } as const;

type Gate = Server & { readonly ready: Register };
type Aims = Readonly<Record<(typeof FIGURES)[number], number | null>>;
type Sides = Awaited<ReturnType<typeof compareEach<(typeof FIGURES)[number]>>>;

/** Returns a line for each figure of a comparison. */
export const linesOf = (name: string, peerName: string, compared: Sides, aims: Aims): readonly Result[] =>
  FIGURES.map((figure) => ({ name, peerName, unit: UNITS[figure], aim: aims[figure], ...compared[figure] }));

export const clientsIn = (clients: number): string => `${clients} client${clients === 1 ? '' : 's'}`;

const notices = async (gate: Gate, generator: Generator, path: string, rounds: number): Promise<readonly Result[]> => {
  const { secret } = gate.ready;
  const floor = await startBare('servers/noticeFloor.ts', join(path, 'floor.db'), secret);
  const results: Result[] = [];
  for (const { clients, count, aims } of NOTICES) {
    const sendTo = (server: Server) => async (round: number) => {
      const requests = signedNotices(VENDOR, secret, `${clients}-${round}`, count);
      return (await underLoad(server, generator, { clients, requests, times: 1, msMax: ROUND_MS_MAX, status: 202 })).figures;
    };
    const compared = await compareEach(rounds, FIGURES, sendTo(gate), sendTo(floor));
    results.push(...linesOf(`durable notices, ${clientsIn(clients)}`, NOTICE_FLOOR, compared, aims));
  }
  await floor.stop();
  return results;
};

/** The request of one evaluation. */
export const evaluation = (token: string, key: string = ASKED) => {
  const path = `/ofrep/v1/evaluate/flags/${key}`;
  const body = JSON.stringify({ context: { targetingKey: 'unit-7', agency: 'police' } });
  const authorization = `Bearer ${token}`;
  return { path, body, authorization, bytes: post(path, { authorization }, body) };
};

const evaluations = async (gate: Gate, generator: Generator, rounds: number): Promise<readonly Result[]> => {
  const { path, body, authorization, bytes } = evaluation(gate.ready.token);
  const answer = await fetch(`http://127.0.0.1:${gate.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization },
    body,
  });
  const text = await answer.text();
  if ((JSON.parse(text) as { value?: unknown }).value !== true) throw new Error(`${ASKED} is not enabled: ${text}`);
  const { connection: _connection, 'keep-alive': _keepAlive, date: _date, ...headers } = Object.fromEntries(answer.headers);
  const floor = await startBare('servers/echoFloor.ts', JSON.stringify(headers), text);
  const { clients, count, aims } = EVALUATIONS;
  const askOf = (server: Server) => async () =>
    (await underLoad(server, generator, { clients, requests: [bytes], times: count, msMax: ROUND_MS_MAX, status: 200 })).figures;
  const compared = await compareEach(rounds, FIGURES, askOf(gate), askOf(floor));
  await floor.stop();
  const peerName = 'node:http that reads the body and sends the same bytes';
  return linesOf(`evaluations of one flag (OFREP), ${clientsIn(clients)}`, peerName, compared, aims);
};

/** Measures requests to the API alone and to its floor, each in a process of its own, from a third one. */
export const overHttp = async ({ quick }: Scale): Promise<Measured> => {
  const rounds = quick ? 2 : 5;
  const path = makeFolder();
  const gate = await startBare<Register & { readonly port: number }>('servers/gate.ts', path);
  const generator = await startGenerator();
  try {
    const noticed = await notices(gate, generator, path, rounds);
    return { results: [...noticed, ...(await evaluations(gate, generator, rounds))] };
  } finally {
    await generator.stop();
    await gate.stop();
  }
};
