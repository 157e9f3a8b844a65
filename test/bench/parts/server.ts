import { join } from 'node:path';
import { type Peer, type Server, start, startServer } from '../processes.ts';
import { makeRegister } from '../register.ts';
import { signedNotices } from '../requests.ts';
import type { Load, Loaded } from '../servers/load.ts';
import { makeFolder } from '../settings.ts';
import { compare, type Line, type Measured, type Scale, tableOf } from '../table.ts';

/** Sixteen vendors, so that the limits of `npm start` refuse no notice of all rounds. */
const VENDORS = 16;
const LOADS = [
  { clients: 1, count: 100 },
  { clients: 32, count: 200 },
] as const;
const FLOOR = 'node:http + HMAC + a row, commits shared';

const UNITS = { sustained: '/s until all has followed', processor: '/s of processor' } as const;
type Figure = keyof typeof UNITS;
const FIGURES = Object.keys(UNITS) as Figure[];

export type Generator = Peer<object, Load, Loaded>;
export const startGenerator = (): Promise<Generator> => start('servers/load.ts');

/** Sends notices to a server. The clock and the processor time of its whole process run until the last mail is out and all is published. */
const sustained = async (server: Server, generator: Generator, load: Omit<Load, 'port' | 'status'>) => {
  const [before, started] = [await server.usage(), performance.now()];
  await generator.ask({ ...load, port: server.port, status: 202 });
  await server.settled();
  const seconds = (performance.now() - started) / 1_000;
  const spentUs = (await server.usage()).processUs - before.processUs;
  return { sustained: load.requests.length / seconds, processor: (load.requests.length * 1_000_000) / spentUs };
};

/** Measures the server of `npm start` under notices, with everything that follows each: 2 mails, the register, the public log. */
export const server = async ({ quick }: Scale): Promise<Measured> => {
  const path = makeFolder();
  const data = join(path, 'data');
  const { secrets } = await makeRegister(data, { features: 0, vendors: VENDORS });
  const gate = await startServer('whole.ts', data);
  const floor = await startServer('noticeFloor.ts', join(path, 'floor.db'), JSON.stringify(secrets));
  const generator = await startGenerator();
  try {
    await gate.settled();
    const lines: Line[] = [];
    for (const { clients, count } of LOADS) {
      const sendTo = (side: Server) => (round: number) => {
        const requests = signedNotices(secrets, `${clients}-${round}`, quick ? count / 4 : count).map(({ bytes }) => bytes);
        return sustained(side, generator, { clients, requests });
      };
      const compared = await compare(quick ? 1 : 3, FIGURES, sendTo(gate), sendTo(floor));
      const name = `notices, ${clients} client${clients === 1 ? '' : 's'}`;
      lines.push(...FIGURES.map((each): Line => ({ name, against: FLOOR, unit: UNITS[each], ...compared[each] })));
    }
    return { tables: [tableOf(lines)] };
  } finally {
    await generator.stop();
    await floor.stop();
    await gate.stop();
  }
};
