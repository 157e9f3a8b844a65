import { join } from 'node:path';
import { makeFolder } from '../folder.ts';
import { makeRegister } from '../register.ts';
import { signedNotices } from '../requests.ts';
import { compareEach } from '../rounds.ts';
import { figure } from '../table.ts';
import { VENDOR } from '../vendor.ts';
import { FIGURES, type Generator, type Server, startBare, startGenerator, startWhole, underLoad } from './loaded.ts';
import { clientsIn, evaluation, linesOf, NOTICE_FLOOR } from './overHttp.ts';
import { percentile } from './percentile.ts';
import type { Measured, Result, Scale, Table } from './result.ts';

/** One client first: its figures are taken before the register and the log have grown. */
const LOADS = [
  { clients: 1, count: 150, aims: { byClock: 0.3, byThread: 0.55, byProcess: null } },
  { clients: 32, count: 300, aims: { byClock: 0.3, byThread: 0.9, byProcess: null } },
] as const;
const ROUND_MS_MAX = 2_000;
/** The pause between two OFREP answers that are timed, beside the notices and beside none. */
const PROBE_EVERY_MS = 3;

const latencies = (name: string, ascending: readonly number[]): readonly string[] => [
  name,
  String(ascending.length),
  ...[0.5, 0.99, 1].map((share) => figure(percentile(ascending, share))),
];

interface Sides {
  readonly gate: Server;
  readonly floor: Server;
  readonly generator: Generator;
  readonly secret: string;
  readonly token: string;
}

/** Counted rounds, and the share of the notices that is sent in each: each has mails, so a round costs more than its notices. */
interface Size {
  readonly rounds: number;
  readonly share: number;
}

const under = async (
  { gate, floor, generator, secret, token }: Sides,
  { clients, count, aims }: (typeof LOADS)[number],
  { rounds, share }: Size,
): Promise<{ readonly results: readonly Result[]; readonly probedMs: readonly number[] }> => {
  const probedMs: number[] = [];
  const probe = { request: evaluation(token).bytes, everyMs: PROBE_EVERY_MS, status: 200 };
  const sendTo = (server: Server) => async (round: number) => {
    const requests = signedNotices(VENDOR, secret, `${clients}-${round}`, count * share);
    const load = { clients, requests, times: 1, msMax: ROUND_MS_MAX, status: 202, ...(server === gate && { probe }) };
    const measured = await underLoad(server, generator, load);
    if (round > 0) probedMs.push(...measured.probedMs);
    return measured.figures;
  };
  const compared = await compareEach(rounds, FIGURES, sendTo(gate), sendTo(floor));
  const results = linesOf(`notices to the whole server, ${clientsIn(clients)}`, NOTICE_FLOOR, compared, aims);
  return { results, probedMs: probedMs.sort((one, other) => one - other) };
};

const idle = async ({ gate, generator, token }: Sides): Promise<readonly number[]> => {
  const probe = { request: evaluation(token).bytes, everyMs: PROBE_EVERY_MS, status: 200 };
  const { probedMs } = await underLoad(gate, generator, {
    clients: 0,
    requests: [],
    times: 0,
    msMax: ROUND_MS_MAX,
    status: 200,
    probe,
  });
  return probedMs;
};

/**
 * Measures the server of `npm start` under notices, with everything that follows each: 15 mails, the register, the public log. OFREP answers
 * are timed beside them.
 */
export const wholeServer = async ({ quick }: Scale): Promise<Measured> => {
  const size: Size = quick ? { rounds: 1, share: 0.4 } : { rounds: 3, share: 1 };
  const path = makeFolder();
  const data = join(path, 'data');
  const { secret, token } = await makeRegister(data, 0);
  const gate = await startWhole(data);
  const [floor, generator] = [await startBare('servers/noticeFloor.ts', join(path, 'floor.db'), secret), await startGenerator()];
  const sides = { gate, floor, generator, secret, token };
  try {
    await gate.settled();
    const rows = [latencies('no notices', await idle(sides))];
    const results: Result[] = [];
    for (const load of LOADS) {
      const measured = await under(sides, load, size);
      results.push(...measured.results);
      rows.push(latencies(`notices from ${clientsIn(load.clients)}`, measured.probedMs));
    }
    const table: Table = { head: ['one OFREP answer beside', 'answers', 'p50, ms', 'p99, ms', 'slowest, ms'], rows };
    return { results, tables: [table] };
  } finally {
    await generator.stop();
    await floor.stop();
    await gate.stop();
  }
};
