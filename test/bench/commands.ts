import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { openInstallation } from '../../infra/local/installation.ts';
import { publishedPorts } from '../../infra/local/sequencing.ts';
import { settingsOf } from './settings.ts';

const CLI = join(import.meta.dirname, '../../infra/cli/aldergate.js');
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'usageAtExit.js')).href;

const Spent = z.object({ cpuMs: z.number(), peakMb: z.number() });

/** A command that ended: its milliseconds by the clock and of processor time, and its memory at most. */
export interface Ended extends z.infer<typeof Spent> {
  readonly wallMs: number;
}

/** Runs a command of `aldergate` on a data folder, in a process of its own, to its end. Throws if it fails. */
export const aldergate = async (data: string, ...args: readonly string[]): Promise<Ended> => {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', PRELOAD, CLI, ...args], {
    cwd: data,
    env: { ...process.env, ALDERGATE_DATA: data },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const [stderr, spent] = [text(child.stderr as NodeJS.ReadableStream), text(child.stdio[3] as NodeJS.ReadableStream)];
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`aldergate ${args.join(' ')} ended with ${code}: ${await stderr}`);
  return { ...Spent.parse(JSON.parse(await spent)), wallMs: performance.now() - started };
};

/** Returns the verifier key of the log in a data folder. */
export const vkeyIn = async (data: string): Promise<string> => {
  const installation = openInstallation(settingsOf(data));
  try {
    return formatVerifierKey((await publishedPorts(installation, () => undefined)).signer.key);
  } finally {
    await installation.close();
  }
};

/** Checks the log of a data folder with `aldergate verify`, as somebody who has never seen it. `state`: a file that does not exist. */
export const verified = async (data: string, state: string): Promise<Ended> =>
  aldergate(data, 'verify', join(data, 'log'), '--key', await vkeyIn(data), '--state', state);
