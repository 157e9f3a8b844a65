import { runClock } from '../../../functions/reactions/clock/runClock.ts';
import { MemoryIndex } from '../../../functions/register/memoryIndex.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { say } from '../processes.ts';
import { settingsOf } from '../settings.ts';

// Runs the clock of a data folder, as the server does every two seconds on the thread that answers: the first run, which reads the
// register, and later ones, in milliseconds of processor time.

const RUNS = 50;
const [data = ''] = process.argv.slice(2);
const installation = openInstallation(settingsOf(data));
const logger = () => undefined;
const ports = { ...installation.ports, register: new MemoryIndex(installation.ports, logger), logger };

/** Returns the mean of some runs, as a thread's processor time is counted too coarsely for one of them. */
const meanOf = async (runs: number): Promise<number> => {
  const started = process.threadCpuUsage();
  for (let run = 0; run < runs; run += 1) await runClock(ports, ports.clock());
  const { user, system } = process.threadCpuUsage(started);
  return (user + system) / 1_000 / runs;
};

const first = await meanOf(1);
const later = await meanOf(RUNS);
await installation.close();
say({ first, later });
