import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { formatVerifierKey } from '../../domain/log/note.ts';
import { openInstallation } from '../../infra/local/installation.ts';
import { publishedPorts } from '../../infra/local/sequencing.ts';
import { ASKED } from './register.ts';
import { settingsOf } from './settings.ts';

const post = (path: string, headers: Readonly<Record<string, string>>, body: string): Uint8Array => {
  const all = {
    host: '127.0.0.1',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
};

/** Returns a notice of a new feature as its vendor sends it, signed `v1`. */
export const signedNotice = (feature: string, secret: string, id: string, ms = Date.now()) => {
  const timestamp = String(Math.floor(ms / 1_000));
  const body = JSON.stringify({
    feature,
    kind: 'new-feature',
    title: 'FreeForm search for vehicles',
    summary: 'Officers can search camera images by typing a description in plain words.',
    description: 'Until now a search needed a plate or a make. '.repeat(6),
    version: '2026.3',
    effectiveAt: '2027-04-01T00:00:00Z',
    optOut: 'yes',
    impact: { purpose: 'changed', manner: 'changed', location: 'unchanged', dataTypes: 'unknown', sharing: 'unchanged' },
  });
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  const headers = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
  return { headers: { 'content-type': 'application/json', ...headers }, body };
};

/** Makes signed notices of new features, of one vendor after the other, as the limits of one would refuse them. `name`: of the round. */
export const signedNotices = (
  secrets: Readonly<Record<string, string>>,
  name: string,
  count: number,
): readonly { readonly feature: string; readonly bytes: Uint8Array }[] => {
  const vendors = Object.entries(secrets);
  return Array.from({ length: count }, (_, index) => {
    const [vendor, secret] = vendors[index % vendors.length] ?? ['', ''];
    const feature = `${vendor}.n-${name}-${index}`;
    const { headers, body } = signedNotice(feature, secret, `msg-${name}-${index}`);
    return { feature, bytes: post('/v1/notices', headers, body) };
  });
};

/** Returns the request of one evaluation. */
export const evaluation = (token: string, key: string = ASKED) => {
  const path = `/ofrep/v1/evaluate/flags/${key}`;
  const body = JSON.stringify({ context: { targetingKey: 'unit-7', agency: 'police' } });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return { path, body, headers, bytes: post(path, headers, body) };
};

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
    return formatVerifierKey((await publishedPorts(installation)).signer.key);
  } finally {
    await installation.close();
  }
};

/** Checks the log of a data folder with `aldergate verify`, as somebody who has never seen it. `state`: a file that does not exist. */
export const verified = async (data: string, state: string): Promise<Ended> =>
  aldergate(data, 'verify', join(data, 'log'), '--key', await vkeyIn(data), '--state', state);
