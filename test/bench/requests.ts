import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { demoNotice, signMessage } from '../../infra/demo/city.ts';
import type { Register } from './register.ts';

/** Returns a request as it goes over the wire. `line`: its method and path. */
export const bytesOf = (line: string, headers: object, body: string | Uint8Array = ''): Uint8Array => {
  const all = { host: '127.0.0.1', ...headers, 'content-length': String(Buffer.byteLength(body)) };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.concat([Buffer.from(`${line} HTTP/1.1\r\n${lines.join('')}\r\n`), Buffer.from(body)]);
};

export const signedNotice = (feature: string, secret: string, ms = Date.now()) =>
  signMessage({ now: () => new Date(ms).toISOString() }, secret, demoNotice('freeform-search', { feature }));

/** Makes signed notices of new features, `n-NAME-0` and so on, of one vendor after the other, as the limits of one would refuse them. */
export const signedNotices = ({ secrets }: Register, name: string, count: number): readonly Uint8Array[] => {
  const vendors = Object.entries(secrets);
  return Array.from({ length: count }, (_, index) => {
    const [vendor, secret] = vendors[index % vendors.length] ?? ['', ''];
    const { headers, body } = signedNotice(`${vendor}.n-${name}-${index}`, secret);
    return bytesOf('POST /v1/notices', headers, body);
  });
};

const CLI = join(import.meta.dirname, '../../infra/cli/aldergate.js');
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'usageAtExit.js')).href;

/**
 * Runs a command of `aldergate` on a data folder, in a process of its own, to its end, and returns what it took: milliseconds by
 * the clock and of processor time, and memory at most. Throws if it fails.
 */
export const aldergate = async (data: string, ...args: readonly string[]) => {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', PRELOAD, CLI, ...args], {
    cwd: data,
    env: { ...process.env, ALDERGATE_DATA: data },
    stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stdio[3] as NodeJS.ReadableStream), once(child, 'close')]);
  if (code !== 0) throw new Error(`aldergate ${args.join(' ')} ended with ${code}`);
  const spent: Readonly<Record<'cpuMs' | 'peakMb', number>> = JSON.parse(said);
  return { ...spent, wallMs: performance.now() - started };
};
