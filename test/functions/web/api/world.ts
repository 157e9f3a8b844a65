import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { NO_TERMS } from '../../../../domain/feature/terms.ts';
import type { JsonValue } from '../../../../domain/kernel/json.ts';
import type { Policy } from '../../../../domain/policy/schema.ts';
import { orderFeature } from '../../../../functions/gate/feature.ts';
import { type NoticeLimits, noticeCounter, usageInMemory } from '../../../../functions/gate/noticeLimits.ts';
import { setRoster } from '../../../../functions/gate/rosters.ts';
import { directReads, recordTimeZone } from '../../../../functions/gate/rules.ts';
import { addVendor, rotateVendor } from '../../../../functions/gate/vendors.ts';
import { healthOf, readableCheck } from '../../../../functions/platform/health.ts';
import type { LogEntry } from '../../../../functions/platform/logging.ts';
import { openSqliteSideStore } from '../../../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../../../functions/platform/store/sqlite/sqliteStore.ts';
import { StreamQueue } from '../../../../functions/platform/store/submit.ts';
import { adoptPolicy } from '../../../../functions/reactions/adoption/policies.ts';
import { MemoryIndex } from '../../../../functions/register/memoryIndex.ts';
import { apiApp } from '../../../../functions/web/api/app.ts';
import type { ApiDeps } from '../../../../functions/web/api/bind.ts';
import { createToken, credentials } from '../../../../functions/web/http/tokens.ts';
import { COUNCIL, council, mayor, policy, roster, rule } from '../../../support/fixtures/city.ts';
import { testGuard, testMacs } from '../../../support/macs.ts';
import { assertDescribed } from './described.ts';
import { ed25519Signer, hmacSigner, type Signer } from './signers.ts';

export { ed25519Signer, type Signer } from './signers.ts';

/** A council's vote and the mayor's signature, at once and for a year. */
export const councilAndMayor = policy(rule([council(), mayor()], { notice: 'P0D', window: 'P90D', term: 'P1Y' }));

export const NOON = '2026-03-02T12:00:00.000Z';

/** The city's officials with an address each, some of them others `instead`. */
export const officials = (instead: Parameters<typeof roster>[0] = {}) => {
  const file = roster(instead);
  return { ...file, holders: file.holders.map((holder) => ({ ...holder, email: `${holder.id}@city.example` })) };
};

export interface World {
  readonly deps: ApiDeps;
  readonly app: Hono;
  readonly logged: readonly LogEntry[];
  readonly at: (instant: string) => void;
  readonly now: () => string;
  /** Every commit there is, for "nothing was stored". */
  readonly commits: () => Promise<number>;
  readonly streams: () => Promise<readonly string[]>;
  readonly token: (scope: string, agencies?: readonly string[]) => Promise<string>;
}

interface WorldOptions {
  readonly limits?: NoticeLimits;
  /** Null: neither policy nor roster. */
  readonly rules?: Policy | null;
  readonly zone?: string;
  /** Gets what closes the world; it is for one test unless said otherwise. */
  readonly keep?: (close: () => Promise<void>) => void;
}

/** A gate on a SQLite file of its own, with a clock that the test moves; gone when the test is over. */
export const openWorld = async ({
  rules = councilAndMayor,
  zone = 'UTC',
  limits = { perHour: 0, bytesPerDay: 0 },
  keep = onTestFinished,
}: WorldOptions = {}): Promise<World> => {
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-api-'));
  const store = openSqliteStore(join(folder, 'commits.db'), testMacs);
  const sideStore = openSqliteSideStore(join(folder, 'side.db'), testGuard);
  keep(async () => {
    await store.close();
    await sideStore.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let now = NOON;
  const logged: LogEntry[] = [];
  const own = {
    store,
    sideStore,
    ...directReads(store),
    countNotice: noticeCounter(limits, usageInMemory(), () => now),
    clock: () => now,
    newId: randomUUID,
    queue: new StreamQueue(),
    zone,
    city: { name: 'City', contact: undefined },
    url: 'https://gate.example',
  };
  const logger = (entry: LogEntry): void => void logged.push(entry);
  const ports = { ...own, register: new MemoryIndex(own, logger) };
  const deps: ApiDeps = {
    ports,
    logger,
    rosterSalt: new Uint8Array(32),
    leaseSeconds: 30,
    checkpoint: () => undefined,
    health: healthOf([readableCheck(ports)], ports.clock),
    authenticate: credentials(ports),
  };
  if (rules !== null) {
    await recordTimeZone(ports);
    await mustBe(setRoster(ports, officials() as unknown as JsonValue, new Uint8Array(32)));
    await mustBe(adoptPolicy(ports, rules as unknown as JsonValue));
  }
  const streams = async (): Promise<readonly string[]> => {
    const found: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await store.feed(cursor, 500);
      found.push(...page.items.map(({ stream }) => stream));
      cursor = page.next;
      if (page.done) return found;
    }
  };
  return {
    deps,
    app: apiApp(deps),
    logged,
    at: (instant) => {
      now = instant;
    },
    now: () => now,
    commits: async () => (await streams()).length,
    streams,
    token: async (scope, agencies = []) =>
      (await createToken(ports, { name: `${scope.replace(':', '-')}-token`, scopes: [scope], agencies, person: null })).token,
  };
};

const mustBe = async <T extends { readonly ok: boolean }>(outcome: Promise<T>): Promise<T> => {
  const got = await outcome;
  if (!got.ok) throw new Error(`refused: ${JSON.stringify(got)}`);
  return got;
};

/** A vendor that signs `v1a`. */
export const vendor = async ({ deps, now }: World, id: string): Promise<Signer> => {
  const signer = ed25519Signer(now);
  await mustBe(addVendor(deps.ports, id, `Vendor ${id}`, signer.publicKey));
  return signer;
};

/** A vendor that signs `v1`; `secret` is what it was given. */
export const secretVendor = async ({ deps, now }: World, id: string): Promise<Signer & { readonly secret: string }> => {
  const added = await mustBe(addVendor(deps.ports, id, `Vendor ${id}`));
  const secret = added.ok ? (added.keys[0]?.secret ?? '') : '';
  return { ...hmacSigner(now, secret), secret };
};

export const rotated = async ({ deps, now }: World, id: string): Promise<Signer> => {
  const signer = ed25519Signer(now);
  await mustBe(rotateVendor(deps.ports, id, signer.publicKey));
  return signer;
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
  if (response.ok && body !== null) assertDescribed(method, path, body);
  return { status: response.status, headers: response.headers, body };
};

export const post = async (
  { app }: Pick<World, 'app'>,
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> =>
  answered(
    'POST',
    path,
    await app.request(path, {
      method: 'POST',
      body: body as string,
      headers: { 'content-type': 'application/json', ...headers },
    }),
  );

export const get = async ({ app }: Pick<World, 'app'>, path: string, token?: string): Promise<Answered> =>
  answered('GET', path, await app.request(path, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } }));

export const remove = async (
  { app }: Pick<World, 'app'>,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<Answered> => answered('DELETE', path, await app.request(path, { method: 'DELETE', headers }));

export const notified = (world: World, signer: Signer, change: Readonly<Record<string, unknown>> = {}, id?: string) => {
  const body = JSON.stringify(notice(change));
  return post(world, '/v1/notices', body, signer.headers(body, id));
};

/** An act of an official on the first revision of a change; rejects with the rejection. */
const act = async ({ deps }: World, key: string, requirement: string, holder: string, request: object): Promise<void> => {
  const command = { requirement, holder, revision: 1, comment: null, ...request } as never;
  await mustBe(orderFeature(deps.ports, { key, commandId: randomUUID(), actor: `holder:${holder}`, request: command }));
};

export const certify = (world: World, key: string, change: number, digest: string, terms = NO_TERMS): Promise<void> =>
  act(world, key, 'council', 'clerk', {
    type: 'certify',
    purpose: 'adopt',
    change,
    digest,
    terms,
    fileNumber: '26-0001',
    meetingDate: world.now().slice(0, 10),
    mover: null,
    seconder: null,
    votes: Object.fromEntries(COUNCIL.map((seat) => [seat, 'yes'])),
    minutesUrl: null,
    minutesSha256: null,
  });

export const sign = (world: World, key: string, change: number, digest: string, terms = NO_TERMS): Promise<void> =>
  act(world, key, 'mayor', 'mayor', { type: 'sign', decision: 'approve', change, digest, terms });

export const revoke = (world: World, key: string, change = 1): Promise<void> =>
  act(world, key, 'mayor', 'mayor', { type: 'revoke', change, reason: null, fileNumber: null });

export const approve = async (...args: Parameters<typeof certify>): Promise<void> => {
  await certify(...args);
  await sign(...args);
};
