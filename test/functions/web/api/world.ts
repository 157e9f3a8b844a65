import { generateKeyPairSync, randomUUID, sign as signBytes } from 'node:crypto';
import type { Hono } from 'hono';
import { Webhook } from 'standardwebhooks';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { type NoticeLimits, noticeCounter, usageInMemory } from '../../../../functions/gate/noticeLimits.ts';
import { addVendor } from '../../../../functions/gate/vendors.ts';
import { healthOf, readableCheck } from '../../../../functions/platform/health.ts';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import { MemoryIndex } from '../../../../functions/register/memoryIndex.ts';
import { catchUp } from '../../../../functions/register/project.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import type { ApiDeps } from '../../../../functions/web/api/bind.ts';
import { createToken, credentials, type Scope } from '../../../../functions/web/http/tokens.ts';
import { API_OPERATIONS } from '../../../../functions/web/routes/api.ts';
import type { ApiOperation } from '../../../../functions/web/routes/route.ts';
import { roster } from '../../../support/fixtures/city.ts';
import { permitted } from '../../../support/permitted.ts';
import { type AtEnd, atEndOfTest } from '../../../support/shared.ts';
import { atOnce, type Gate, mustBe, openGate, rosterFile } from '../../openGate.ts';

export { atOnce as councilAndMayor, NOON } from '../../openGate.ts';

export const officials = (instead: Parameters<typeof roster>[0] = {}) => rosterFile(roster(instead));

export interface World {
  readonly gate: Gate;
  readonly deps: ApiDeps;
  readonly app: Hono;
  readonly logged: readonly LogEntry[];
  readonly at: (instant: string) => void;
  readonly now: () => string;
  /** Every commit there is, for "nothing was stored". */
  readonly commits: () => Promise<number>;
  readonly streams: () => Promise<readonly string[]>;
  readonly token: (scope: Scope, agencies?: readonly string[]) => Promise<string>;
}

interface WorldOptions {
  readonly limits?: NoticeLimits;
  readonly rules?: Policy | null;
  readonly zone?: string;
  readonly atEnd?: AtEnd;
}

/** A gate with the API over it, and without a vendor. */
export const openWorld = async ({
  rules = atOnce,
  zone = 'UTC',
  limits = { perHour: 0, bytesPerDay: 0 },
  atEnd = atEndOfTest,
}: WorldOptions = {}): Promise<World> => {
  const gate = await openGate({ rules, zone, atEnd, honest: false, vendors: [] });
  const { store, logged, at } = gate;
  const own = { ...gate.ports, countNotice: noticeCounter(limits, usageInMemory(), gate.ports.clock) };
  const { logger, clock } = own;
  const ports = { ...own, register: new MemoryIndex(own, logger) };
  const deps: ApiDeps = {
    ports,
    logger,
    rosterSalt: new Uint8Array(32),
    leaseSeconds: 30,
    checkpoint: () => undefined,
    health: healthOf([readableCheck(ports)], clock, logger),
    authenticate: credentials(ports),
  };
  const streams = async () => {
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await store.feed(cursor, 500);
      found.push(...page.items.map(({ stream }) => stream));
      cursor = page.next;
      if (page.done) return found;
    }
  };
  return {
    gate,
    deps,
    app: apiApp({ ...deps, ports: permitted('api', ports), authenticate: credentials(permitted('api', ports)) }),
    logged,
    at,
    now: clock,
    commits: async () => (await streams()).length,
    streams,
    token: async (scope, agencies = []) =>
      (await createToken(ports, { name: `${scope.replace(':', '-')}-token`, scopes: [scope], agencies, person: null })).token,
  };
};

export const vendor = async ({ deps, now }: World, id: string): Promise<Signer> => {
  const signer = ed25519Signer(now);
  await mustBe(addVendor(deps.ports, id, `Vendor ${id}`, signer.publicKey));
  return signer;
};

/** `secret` is what it was given. */
export const secretVendor = async ({ deps, now }: World, id: string): Promise<Signer & { readonly secret: string }> => {
  const [{ secret = '' } = {}] = (await mustBe(addVendor(deps.ports, id, `Vendor ${id}`))).keys;
  const headers: Signer['headers'] = (body, message = `msg_${randomUUID()}`, at = now()) =>
    signedHeaders(message, at, new Webhook(secret).sign(message, new Date(at), Buffer.from(body).toString()));
  return { headers, secret };
};

export const notice = (change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  feature: 'acme',
  kind: 'new-feature',
  title: 'A new way to search',
  summary: 'Says what it does in plain words.',
  version: '2026.3',
  ...change,
});

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the test asserts
  readonly body: any;
}

/** The answer of a request; every success must be what the route table describes. */
const answered = async (method: string, path: string, response: Response): Promise<Answered> => {
  const text = await response.text();
  const body = text === '' ? null : JSON.parse(text);
  if (response.ok && body !== null) assertDescribed(method, path, body, response.status);
  return { status: response.status, headers: response.headers, body };
};

/** A body as it is sent: a text or bytes as they are, anything else as JSON. */
const bytesOf = (body: unknown) =>
  typeof body === 'string' || body instanceof Uint8Array ? (body as string) : JSON.stringify(body);

type App = Pick<World, 'app'>;
type Sent = Readonly<Record<string, string>>;

export const post = async ({ app }: App, path: string, body: unknown, headers: Sent = {}): Promise<Answered> => {
  const init = { method: 'POST', body: bytesOf(body), headers: { 'content-type': 'application/json', ...headers } };
  return answered('POST', path, await app.request(path, init));
};

export const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

export const get = async ({ app }: App, path: string, token?: string): Promise<Answered> =>
  answered('GET', path, await app.request(path, { headers: token === undefined ? {} : bearer(token) }));

export const remove = async ({ app }: App, path: string, headers: Sent): Promise<Answered> =>
  answered('DELETE', path, await app.request(path, { method: 'DELETE', headers }));

export const signed = (app: App, signer: Signer, path: string, message: unknown, ...how: [id?: string, at?: string]) =>
  post(app, path, bytesOf(message), signer.headers(bytesOf(message), ...how));

type Change = Readonly<Record<string, unknown>>;

export const notified = (world: World, signer: Signer, change: Change = {}, id?: string) =>
  signed(world, signer, '/v1/notices', notice(change), id);

export const refusal = (status: number, code: string, ...pointers: readonly string[]) => ({
  status,
  body: {
    type: `urn:aldergate:problem:${code}`,
    ...(pointers.length > 0 && { errors: pointers.map((pointer) => ({ pointer })) }),
  },
});

const PATTERNS = Object.entries(API_OPERATIONS).map(([path, operations]) => ({
  pattern: new RegExp(`^${path.replace(/\{\w+\+\}/, '.+').replaceAll(/\{\w+\}/g, '[^/]+')}$`),
  operations: operations as Partial<Record<string, ApiOperation>>,
}));

/** Throws if the body of a success is not what the route table describes for that request. */
const assertDescribed = (method: string, path: string, body: unknown, status?: number) => {
  const { pathname } = new URL(path, 'https://gate.example');
  const operation = PATTERNS.find(({ pattern }) => pattern.test(pathname))?.operations[method];
  operation?.answer.parse(body);
  if (operation === undefined || status === undefined) return;
  const described = [operation.status, ...Object.keys(operation.also ?? {}).map(Number)];
  if (!described.includes(status)) throw new Error(`${method} ${pathname} answers ${status}, which is not described`);
};

type Signed = Readonly<Record<string, string>>;

/** One who signs notices: headers for the exact bytes, at the time of the world's clock. */
export interface Signer {
  readonly headers: (body: string | Uint8Array, id?: string, at?: string) => Signed;
}

const signedHeaders = (id: string, at: string, signature: string): Signed => ({
  'content-type': 'application/json',
  'webhook-id': id,
  'webhook-timestamp': String(Math.floor(Date.parse(at) / 1000)),
  'webhook-signature': signature,
});

export const ed25519Signer = (now: () => string): Signer & { readonly publicKey: string } => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
  return {
    publicKey: `whpk_${raw.toString('base64')}`,
    headers: (body, id = `msg_${randomUUID()}`, at = now()) => {
      const content = Buffer.concat([Buffer.from(`${id}.${Math.floor(Date.parse(at) / 1000)}.`), Buffer.from(body)]);
      return signedHeaders(id, at, `v1a,${signBytes(null, content, privateKey).toString('base64')}`);
    },
  };
};

/** What the projector does a moment after a commit. */
export const settle = async ({ deps }: World, keys: readonly string[]): Promise<void> => {
  for (const key of keys) await catchUp(deps.ports, key);
};

export const story = async (options?: WorldOptions) => {
  const world = await openWorld(options);
  const [acme, token] = [await vendor(world, 'acme'), await world.token('state:read')];
  const notify = (change?: Change, id?: string) => notified(world, acme, change, id);
  return {
    world,
    acme,
    token,
    notify,
    approved: async (change: Change = {}, terms = NO_TERMS) => {
      const { body } = await notify(change);
      await world.gate.decide(body, { terms });
      return body;
    },
    read: async (path: string, by = token) => (await get(world, path, by)).body,
    variant: async () => (await post(world, '/ofrep/v1/evaluate/flags/acme', {}, bearer(token))).body.variant,
  };
};
