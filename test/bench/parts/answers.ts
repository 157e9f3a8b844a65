import { makeFolder } from '../folder.ts';
import { type Server, startServer } from '../processes.ts';
import { ASKED, makeRegister } from '../register.ts';
import { evaluation } from '../requests.ts';
import { compare } from '../rounds.ts';
import { type Measured, type Scale, tableOf } from '../table.ts';
import { startGenerator } from './server.ts';

const CLIENTS = 32;
const COUNT = 4_000;
const FLOOR = 'node:http that reads the body and sends the same bytes';

/** Measures evaluations of one flag that is on, against a server that sends the same bytes. */
export const answers = async ({ quick }: Scale): Promise<Measured> => {
  const data = makeFolder();
  const { token } = await makeRegister(data, { features: 0, vendors: 1 });
  const gate = await startServer('whole.ts', data);
  const generator = await startGenerator();
  try {
    await gate.settled();
    const { path, body, headers, bytes } = evaluation(token);
    const answer = await fetch(`http://127.0.0.1:${gate.port}${path}`, { method: 'POST', headers, body });
    const text = await answer.text();
    if ((JSON.parse(text) as { value?: unknown }).value !== true) throw new Error(`${ASKED} is not enabled: ${text}`);
    const { connection: _connection, 'keep-alive': _keepAlive, date: _date, ...sent } = Object.fromEntries(answer.headers);
    const floor = await startServer('echoFloor.ts', JSON.stringify(sent), text);
    const askOf = (server: Server) => async () => {
      const [before, started] = [await server.usage(), performance.now()];
      await generator.ask({ port: server.port, clients: CLIENTS, requests: [bytes], total: COUNT, status: 200 });
      const byClock = (COUNT * 1_000) / (performance.now() - started);
      return { byClock, byThread: (COUNT * 1_000_000) / ((await server.usage()).threadUs - before.threadUs) };
    };
    const compared = await compare(quick ? 2 : 5, ['byClock', 'byThread'], askOf(gate), askOf(floor));
    await floor.stop();
    const line = { name: `one OFREP answer, ${CLIENTS} clients`, against: FLOOR };
    return {
      tables: [
        tableOf([
          { ...line, unit: '/s', ...compared.byClock },
          { ...line, unit: '/s of its thread', aim: 0.7, ...compared.byThread },
        ]),
      ],
    };
  } finally {
    await generator.stop();
    await gate.stop();
  }
};
