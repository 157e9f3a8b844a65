import process from 'node:process';
import { fileURLToPath } from 'node:url';

// A process that runs commands of the command line one after the other and loads their code once. `process.ts` starts it.

export interface Asked {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = fileURLToPath(new URL('../../../infra/cli/main.ts', import.meta.url));
let runs = 0;

const run = async ({ args, cwd, env }: Asked): Promise<Ended> => {
  process.argv.splice(1, Infinity, MAIN, ...args);
  process.chdir(cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  Object.assign(process.env, env);
  process.exitCode = 0;
  let [stdout, stderr] = ['', ''];
  const before = { out: process.stdout.write, err: process.stderr.write };
  process.stdout.write = (chunk: string | Uint8Array) => {
    stdout += String(chunk);
    return true;
  };
  process.stderr.write = (chunk: string | Uint8Array) => {
    stderr += String(chunk);
    return true;
  };
  try {
    runs += 1;
    // The main module runs anew; what it imports is there.
    await import(`${MAIN}?run=${runs}`);
    return { code: process.exitCode ?? 0, stdout, stderr };
  } finally {
    process.stdout.write = before.out;
    process.stderr.write = before.err;
    for (const stream of [process.stdout, process.stderr]) stream.removeAllListeners('error');
    process.exitCode = 0;
    // The folder of a command may be removed while this process goes on.
    process.chdir('/');
  }
};

process.on('message', (asked: Asked) => {
  void run(asked).then((ended) => process.send?.(ended));
});
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
