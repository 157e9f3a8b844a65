import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../folder.ts';
import { startServer } from '../processes.ts';
import { makeRegister } from '../register.ts';
import { signedNotices } from '../requests.ts';
import { spreadOf } from '../rounds.ts';
import { type Measured, type Scale, spread } from '../table.ts';
import { startGenerator } from './server.ts';

const NOTICES = 20;
const LOOK_EVERY_MS = 2;
const AIM_MS = 1_000;

/** Measures how soon after its acknowledgement a single notice is proved by a published checkpoint, on the whole server, mails and all. */
export const publication = async ({ quick }: Scale): Promise<Measured> => {
  const data = makeFolder();
  const { secrets } = await makeRegister(data, { features: 0, vendors: 1 });
  const gate = await startServer('whole.ts', data);
  const generator = await startGenerator();
  try {
    const delays: number[] = [];
    for (const { feature, bytes } of signedNotices(secrets, 'p', quick ? 5 : NOTICES)) {
      await gate.settled();
      await generator.ask({ port: gate.port, clients: 1, requests: [bytes], status: 202 });
      const acknowledged = performance.now();
      while (!(await fetch(`http://127.0.0.1:${gate.port}/log/proof/${feature}/1`)).ok) await sleep(LOOK_EVERY_MS);
      delays.push(performance.now() - acknowledged);
    }
    const head = ['from the acknowledgement of a notice', 'ms', 'at most, aim'];
    return { tables: [{ head, rows: [['until a published checkpoint proves it', spread(spreadOf(delays)), String(AIM_MS)]] }] };
  } finally {
    await generator.stop();
    await gate.stop();
  }
};
