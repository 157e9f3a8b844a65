import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type JsonObject, type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { localDateOf } from '../../domain/kernel/zone.ts';
import { jsonLogger, type LogEntry } from '../../functions/platform/logging.ts';
import { LEASE_SECONDS } from '../../functions/web/api/ofrep/flag.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { remoteClient } from '../cli/apiClient.ts';
import { signatureOf } from '../cli/commands/notice.ts';
import { openInstallation } from '../local/installation.ts';
import { startServer } from '../local/server.ts';

export const HOST = '127.0.0.1';

const ZONE = 'America/Denver';
const SETTINGS = {
  host: HOST,
  timeZone: ZONE,
  itMail: 'it@city.example',
  mailFrom: 'Aldergate <aldergate@city.example>',
  logOrigin: undefined,
  expectCheckpoint: undefined,
  smtpUrl: undefined,
  witnesses: { witnesses: [], quorum: 0 },
  city: { name: 'Example City', contact: 'City clerk, 555-0100' },
  noticeLimits: { perHour: 0, bytesPerDay: 0 },
  leaseSeconds: LEASE_SECONDS,
};
const DAY_MS = 86_400_000;

/** Returns a clock whose story began `daysAgo` days before `presentMs`. It stands still until it is advanced or released. */
const demoClock = (daysAgo: number, presentMs: number) => {
  let standsMs: number | undefined = presentMs - daysAgo * DAY_MS;
  const dayMs = (day: number): number => presentMs + (day - daysAgo) * DAY_MS;
  const dayAt = (day: number): string => new Date(dayMs(day)).toISOString();
  return {
    now: (): string => new Date(standsMs ?? Date.now()).toISOString(),
    toDay: (day: number): void => {
      if (standsMs === undefined || dayMs(day) < standsMs || dayMs(day) > presentMs)
        throw new Error(`the clock cannot be put on day ${day}`);
      standsMs = dayMs(day);
    },
    dayAt,
    dateAt: (day: number): string => localDateOf(dayAt(day), ZONE),
    release: (): void => {
      standsMs = undefined;
    },
  };
};

const ed25519Keys = (): { readonly publicKey: string; readonly secret: string } => {
  const { d = '', x = '' } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const encoded = (prefix: string, key: string): string => `${prefix}_${Buffer.from(key, 'base64url').toString('base64')}`;
  return { publicKey: encoded('whpk', x), secret: encoded('whsk', d) };
};

export const signMessage = ({ now }: Pick<ReturnType<typeof demoClock>, 'now'>, secret: string, message: string) => {
  const [id, body] = [`msg_${randomUUID()}`, new Uint8Array(Buffer.from(message))];
  const timestamp = Math.floor(Date.parse(now()) / 1000).toString();
  const signature = signatureOf(secret, Buffer.concat([Buffer.from(`${id}.${timestamp}.`), body]));
  const signed = { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature };
  return { body, headers: { 'content-type': 'application/json', ...signed } };
};

const settleIn = async (url: string, token: string, policy: JsonValue) => {
  const { call } = remoteClient(url, token);
  const { roster } = await call('PUT', '/v1/roster', { body: demoRoster() });
  await call('POST', '/v1/policy', { body: { policy } });
  const { publicKey, secret: northcam } = ed25519Keys();
  await call('POST', '/v1/vendors', { body: { id: 'northcam', name: 'Northcam', publicKey } });
  const { keys } = await call('POST', '/v1/vendors', { body: { id: 'recordex', name: 'Recordex' } });
  const it = { name: 'city-it', scopes: ['state:read', 'observe'], agencies: ['police'] };
  const { token: itToken } = await call('POST', '/v1/tokens', { body: it });
  return { secrets: { northcam, recordex: keys[0]?.secret ?? '' }, itToken, seats: roster?.bodies['council']?.seats ?? [] };
};

/** `preferred`: the port to listen on if it is free; `presentMs`: when the story's last day is. */
type Options = { readonly preferred?: number; readonly presentMs?: number; readonly policy?: JsonValue };

/** Opens the demo's city in a temporary folder: a real gate and the keys of all its users. The story began `daysAgo` days ago. */
export const openCity = async (daysAgo: number, { preferred, presentMs = Date.now(), policy = demoPolicy() }: Options = {}) => {
  const clock = demoClock(daysAgo, presentMs);
  const data = mkdtempSync(join(tmpdir(), 'aldergate-demo-'));
  const port = await freePort(preferred);
  const url = `http://${HOST}:${port}`;
  const installation = openInstallation({ ...SETTINGS, data, port, url }, clock.now);
  const logger = jsonLogger(clock.now, (line) => void process.stderr.write(line));
  const log = (entry: LogEntry): void => {
    // Features that are on without permission are part of the story.
    if (entry.event !== 'drift') logger(entry);
  };
  const server = await startServer(installation, log, []);
  const admin = await createToken(installation.ports, { name: 'operator', scopes: ['admin'], person: null });
  const { secrets, itToken, seats } = await settleIn(url, admin.token, policy);
  const sign = (notice: string, dates: JsonObject = {}, vendor: keyof typeof secrets = 'northcam') =>
    signMessage(clock, secrets[vendor], demoNotice(notice, dates));
  return {
    url,
    zone: ZONE,
    clock,
    installation,
    itToken,
    seats,
    settle: server.settle,
    signMessage: (message: string) => signMessage(clock, secrets.northcam, message),
    ask: remoteClient(url, itToken).call,
    sign,
    post: async (notice: string, dates?: JsonObject) => {
      const { status, text } = await request('POST', `${url}/v1/notices`, sign(notice, dates));
      if (status !== 202) throw new Error(`the notice ${notice} is answered with ${status}: ${text}`);
    },
    sendReport: (change: string, bytes: Uint8Array) => {
      const file = { kind: 'impact-report', title: 'Impact report', mediaType: 'text/plain' };
      const document = { change, ...file, content: Buffer.from(bytes).toString('base64') };
      return request('POST', `${url}/v1/documents`, signMessage(clock, secrets.northcam, JSON.stringify(document)));
    },
    close: async () => {
      await server.close();
      rmSync(data, { recursive: true, force: true });
    },
  };
};
export type DemoCity = Awaited<ReturnType<typeof openCity>>;

const bytesOf = (name: string): Uint8Array => readFileSync(new URL(`./fixtures/${name}`, import.meta.url));

const read = (name: string): JsonValue => {
  const parsed = parseStrict(bytesOf(`${name}.json`));
  if (!parsed.ok) throw new Error(`the demo's own file ${name}.json cannot be read: ${parsed.pointer} ${parsed.detail}`);
  return parsed.value;
};

/** Thirteen council seats, a mayor, an auditor and a clerk: seats and roles, no people. */
export const demoRoster = (): JsonValue => read('roster');

/**
 * Council and mayor for everything; for a contract the auditor too, and an impact report for what watches new places. A week of public
 * notice, ninety days to decide.
 */
export const demoPolicy = (): JsonValue => read('policy');

/** The impact report on the plate readers, which their notice names by its hash. */
export const demoReport = (): Uint8Array => bytesOf('impact-report.txt');

export const demoNotice = (name: string, dates: JsonObject = {}): string =>
  JSON.stringify({ ...((read('notices') as JsonObject)[name] as JsonObject), ...dates }, null, 2);

// Below the ports that systems give to connections on their own (from 32768 on Linux): what is free now still is when a server starts.
const [FIRST, COUNT] = [20_000, 12_000];
/** Keeps apart what processes that were started one after the other choose at the same time. */
let chosen = process.pid * 97;

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, HOST, () => probe.close(() => resolve(true)));
  });

/** Resolves with the preferred port of this machine if it is free, else with another one. */
export const freePort = async (preferred?: number): Promise<number> => {
  if (preferred !== undefined && (await isFree(preferred))) return preferred;
  for (let tries = 0; tries < COUNT; tries += 1) {
    chosen += 1;
    const port = FIRST + (chosen % COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error('there is no free port');
};

/** Throws, with the difference as its message, unless both are deeply equal. */
export const expectSame = (what: string, actual: unknown, expected: unknown): void => {
  if (!isDeepStrictEqual(actual, expected))
    throw new Error(`${what} should be ${JSON.stringify(expected)} and is ${JSON.stringify(actual)}`);
};

interface Asked {
  readonly token?: string;
  readonly json?: unknown;
  readonly body?: string | URLSearchParams | Uint8Array<ArrayBuffer>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends one request; redirects are not followed. `json`: the body as JSON; `undefined` if it is not JSON. */
export const request = async (method: string, url: string, { token, json, body, headers }: Asked = {}) => {
  const sent = new Headers({ accept: 'application/json', ...headers });
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  if (json !== undefined) sent.set('content-type', 'application/json');
  const payload = json === undefined ? (body ?? null) : JSON.stringify(json);
  const signal = AbortSignal.timeout(20_000);
  const response = await fetch(url, { method, headers: sent, redirect: 'manual', signal, body: payload });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
  return { status: response.status, text, json: isJson ? (JSON.parse(text) as unknown) : undefined };
};

/** Sends a request whose response must have this status; otherwise throws with the response's text. */
export const requestFor = async (status: number, method: string, url: string, asked: Asked = {}) => {
  const answer = await request(method, url, asked);
  const said = answer.status === status ? '' : `: ${answer.text.slice(0, 300)}`;
  expectSame(`the status of ${method} ${new URL(url).pathname.replace(/^\/d\/.*/, '/d/…')}${said}`, answer.status, status);
  return answer;
};
