import { type ChildProcess, fork, spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from '../../../functions/platform/logging.ts';
import { freePort } from '../../../infra/demo/city.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { type LocalServer, startServer } from '../../../infra/local/server.ts';
import { readSettings } from '../../../infra/local/settings.ts';
import type { Asked, Ended } from './warmCommands.ts';

export type { Ended };

const MAIN = fileURLToPath(new URL('../../../infra/local/main.ts', import.meta.url));
const WARM = fileURLToPath(new URL('./warmCommands.ts', import.meta.url));

/** Returns what a program needs of the environment of the tests: where programs are, and where Node keeps what it has compiled. */
export const programEnv = () => ({ PATH: process.env.PATH ?? '', NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? '' });

/** A folder with its own settings, in which the real server and the real command line are started as processes. */
export interface Place {
  readonly folder: string;
  readonly port: number;
  readonly url: string;
  readonly env: NodeJS.ProcessEnv;
}

export const makePlace = async (): Promise<Place> => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-process-'));
  const port = await freePort();
  const env = {
    ...programEnv(),
    HOME: process.env.HOME ?? folder,
    PORT: String(port),
    ALDERGATE_DATA: join(folder, 'data'),
  };
  return { folder, port, url: `http://127.0.0.1:${port}`, env };
};

const collect = async (child: ChildProcess): Promise<Ended> => {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
};

let warm: ChildProcess | undefined;
let last: Promise<unknown> = Promise.resolve();

const runWarm = async (asked: Asked): Promise<Ended> => {
  if (warm?.connected !== true) {
    warm = fork(WARM, { execArgv: [], env: programEnv(), stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    warm.unref();
  }
  const child = warm;
  child.channel?.ref();
  try {
    return await new Promise((resolve, reject) => {
      child
        .once('message', resolve)
        .once('exit', (code) => reject(new Error(`${asked.args.join(' ')}: its process ended: ${code}`)));
      child.send(asked);
    });
  } finally {
    child.removeAllListeners();
    child.channel?.unref();
  }
};

/**
 * Runs one command of the command line to its end, beside whatever runs in this process. Its process is not its own: commands follow
 * each other in one, which is ten times as fast.
 */
export const cli = ({ folder: cwd, env }: Place, ...args: readonly string[]): Promise<Ended> => {
  const ended = last.then(() => runWarm({ args, cwd, env }));
  last = ended.catch(() => undefined);
  return ended;
};

/** Runs one command on a data folder, as on a machine without other settings. What it remembers is kept there, too. */
export const cliOn = (data: string, ...args: readonly string[]): Promise<Ended> =>
  cli({ folder: dirname(data), port: 0, url: '', env: { ...programEnv(), HOME: data, ALDERGATE_DATA: data } }, ...args);

export const cliJson = async (place: Place, ...args: readonly string[]): Promise<unknown> => {
  const { code, stdout, stderr } = await cli(place, ...args, '--json');
  if (code !== 0) throw new Error(`${args.join(' ')}: exit ${code}: ${stderr}`);
  return JSON.parse(stdout);
};

/** What a gate says of its own state: the codes of its problems, and all of it as text. */
export const readyz = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  const text = await response.text();
  const { problems = [] } = JSON.parse(text) as { readonly problems?: readonly { readonly code: string }[] };
  return { status: response.status, codes: problems.map(({ code }) => code), text };
};

export interface RunningServer {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

const GREETING = 'Aldergate is open at ';

const greets = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    let printed = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes(GREETING)) resolve();
    });
  });

/** Starts the real server and waits until it has said that it is open, or has ended. */
export const serve = async (place: Place): Promise<RunningServer> => {
  const child = spawn(process.execPath, [MAIN], { cwd: place.folder, env: place.env });
  const ended = collect(child);
  await Promise.race([greets(child), ended]);
  return { child, ended };
};

/** Starts the server of a place in this process, which takes half as long as in its own; the caller closes it. */
export const serveHere = async ({ folder, env }: Place, logger: Logger = () => undefined): Promise<LocalServer> =>
  startServer(openInstallation(readSettings(env, join(folder, 'aldergate.config.json'))), logger);

export const postNotice = async (place: Place, secret: string, id: string, notice: unknown): Promise<Response> => {
  const body = JSON.stringify(notice);
  const timestamp = Math.floor(Date.now() / 1000).toString();
  const signature = createHmac('sha256', Buffer.from(secret.slice('whsec_'.length), 'base64'))
    .update(`${id}.${timestamp}.${body}`)
    .digest('base64');
  return fetch(`${place.url}/v1/notices`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  });
};
