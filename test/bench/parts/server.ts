import { join } from 'node:path';
import { makeFolder } from '../folder.ts';
import { type Peer, type Server, start, startServer } from '../processes.ts';
import { makeRegister, type Register } from '../register.ts';
import { evaluation, signedNotices } from '../requests.ts';
import { compare, percentile } from '../rounds.ts';
import type { Load, Loaded } from '../servers/load.ts';
import { figure, type Line, type Measured, type Scale, tableOf } from '../table.ts';

/** Sixteen vendors, so that the limits of `npm start` refuse no notice of all rounds. */
const VENDORS = 16;
const LOADS = [
  { clients: 1, count: 100 },
  { clients: 32, count: 200 },
] as const;
/** The pause between two OFREP answers that are timed, beside the notices and beside none. */
const EVERY_MS = 3;
const IDLE_MS = 2_000;
/** What follows takes longer than the notices, so answers are timed beside that too. */
const BESIDE_MS = 1_000;
const FLOOR = 'node:http + HMAC + a row, commits shared';

const UNITS = { sustained: '/s until all has followed', processor: '/s of processor' } as const;
type Figure = keyof typeof UNITS;
const FIGURES = Object.keys(UNITS) as Figure[];

export type Generator = Peer<object, Load, Loaded>;
export const startGenerator = (): Promise<Generator> => start('servers/load.ts');

interface Sides extends Register {
  readonly gate: Server;
  readonly floor: Server;
  readonly generator: Generator;
}

const latencies = (name: string, ascending: readonly number[]): readonly string[] => [
  name,
  String(ascending.length),
  ...[0.5, 0.99, 1].map((share) => figure(percentile(ascending, share))),
];

/** Sends notices to a server. The clock and the processor time of its whole process run until the last mail is out and all is published. */
const sustained = async (server: Server, generator: Generator, load: Omit<Load, 'port' | 'status'>) => {
  const [before, started] = [await server.usage(), performance.now()];
  const { probedMs } = await generator.ask({ ...load, port: server.port, status: 202 });
  await server.settled();
  const seconds = (performance.now() - started) / 1_000;
  const spentUs = (await server.usage()).processUs - before.processUs;
  return { figures: { sustained: load.total / seconds, processor: (load.total * 1_000_000) / spentUs }, probedMs };
};

const under = async ({ gate, floor, generator, secrets, token }: Sides, clients: number, count: number, rounds: number) => {
  const probedMs: number[] = [];
  const probe = { request: evaluation(token).bytes, everyMs: EVERY_MS, atLeastMs: BESIDE_MS };
  const sendTo = (server: Server) => async (round: number) => {
    const requests = signedNotices(secrets, `${clients}-${round}`, count).map(({ bytes }) => bytes);
    const load = { clients, requests, total: count, ...(server === gate && { probe }) };
    const measured = await sustained(server, generator, load);
    if (round > 0) probedMs.push(...measured.probedMs);
    return measured.figures;
  };
  const compared = await compare(rounds, FIGURES, sendTo(gate), sendTo(floor));
  const name = `notices, ${clients} client${clients === 1 ? '' : 's'}`;
  const lines = FIGURES.map((each): Line => ({ name, against: FLOOR, unit: UNITS[each], ...compared[each] }));
  return {
    lines,
    row: latencies(
      name,
      probedMs.sort((one, other) => one - other),
    ),
  };
};

/**
 * Measures the server of `npm start` under notices, with everything that follows each: 15 mails, the register, the public log. OFREP answers
 * are timed beside them.
 */
export const server = async ({ quick }: Scale): Promise<Measured> => {
  const path = makeFolder();
  const data = join(path, 'data');
  const { secrets, token } = await makeRegister(data, { features: 0, vendors: VENDORS });
  const gate = await startServer('whole.ts', data);
  const floor = await startServer('noticeFloor.ts', join(path, 'floor.db'), JSON.stringify(secrets));
  const sides = { gate, floor, generator: await startGenerator(), secrets, token };
  try {
    await gate.settled();
    const probe = { request: evaluation(token).bytes, everyMs: EVERY_MS, atLeastMs: IDLE_MS };
    const idle = await sides.generator.ask({ port: gate.port, clients: 0, requests: [], total: 0, status: 202, probe });
    const rows = [latencies('no notices', idle.probedMs)];
    const lines: Line[] = [];
    for (const { clients, count } of LOADS) {
      const measured = await under(sides, clients, quick ? count / 4 : count, quick ? 1 : 3);
      lines.push(...measured.lines);
      rows.push(measured.row);
    }
    return {
      tables: [tableOf(lines), { head: ['one OFREP answer beside', 'answers', 'p50, ms', 'p99, ms', 'slowest, ms'], rows }],
    };
  } finally {
    await sides.generator.stop();
    await floor.stop();
    await gate.stop();
  }
};
