import { randomUUID } from 'node:crypto';
import { expect } from 'vitest';
import type { Provenance } from '../../domain/feature/events.ts';
import { CITY, featureStream, vendorOf } from '../../domain/feature/keys.ts';
import { type Notice, Notice as NoticeSchema } from '../../domain/feature/notice.ts';
import { findChange } from '../../domain/feature/state.ts';
import { NO_TERMS } from '../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../domain/kernel/canonical.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import type { Policy } from '../../domain/policy/schema.ts';
import type { Roster } from '../../domain/roster/schema.ts';
import { featureAggregate } from '../../functions/gate/aggregates.ts';
import { orderFeature, recordRevocation } from '../../functions/gate/feature.ts';
import { type Delivery, intake, type Received } from '../../functions/gate/intake.ts';
import type { GatePorts } from '../../functions/gate/ports.ts';
import { setRoster } from '../../functions/gate/rosters.ts';
import { directReads, recordTimeZone } from '../../functions/gate/rules.ts';
import { addVendor, readVendor } from '../../functions/gate/vendors.ts';
import { type FeedPorts, RELEASED_AT_ONCE } from '../../functions/platform/feed/consumer.ts';
import type { LogEntry } from '../../functions/platform/logging.ts';
import { load } from '../../functions/platform/store/load.ts';
import type { Store } from '../../functions/platform/store/port.ts';
import type { SideStore } from '../../functions/platform/store/sideStore.ts';
import { openSqliteSideStore } from '../../functions/platform/store/sqlite/sqliteSideStore.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { StreamQueue } from '../../functions/platform/store/submit.ts';
import { adoptPolicy } from '../../functions/reactions/adoption/policies.ts';
import { storedIndex } from '../../functions/register/memoryIndex.ts';
import type { RegisterPorts } from '../../functions/register/rows.ts';
import { COUNCIL, council, mayor, policy, roster, rule } from '../support/fixtures/city.ts';
import { ACME_PUBLIC_KEY, BY_OPERATOR, signedByVendor } from '../support/fixtures/vendor.ts';
import { loggedBytes, objections } from '../support/judged.ts';
import { testGuard, testMacs } from '../support/macs.ts';
import { type AtEnd, atEndOfTest } from '../support/shared.ts';

/** The beginning of every story. */
export const NOON = '2026-03-02T12:00:00.000Z';
export const URL_OF_GATE = 'https://gate.example';

export const atOnce = policy(rule([council(), mayor()], { notice: 'P0D', window: 'P90D', term: 'P1Y' }));

/** The office of the mayor, who switches something off. */
export const BY_MAYOR = { requirement: 'mayor', holder: 'mayor', body: 'mayor', seat: 'mayor', fileNumber: null, reason: null };

/** A roster as a city writes it, with an address for every person; `language`: of the persons it names. */
export const rosterFile = (base: Roster = roster(), language: Readonly<Record<string, string>> = {}): JsonValue => ({
  ...base,
  holders: base.holders.map((holder) => ({
    ...holder,
    email: `${holder.id}@city.example`,
    language: language[holder.id] ?? holder.language,
  })),
});

/** A gate on SQLite in memory, below its HTTP routes, with a clock that the test moves. */
export interface Gate {
  readonly ports: GatePorts & FeedPorts & RegisterPorts;
  readonly store: Store;
  readonly sideStore: SideStore;
  readonly logged: LogEntry[];
  readonly at: (instant: string) => void;
  /** Moves the wall clock by which tries are spaced. */
  readonly later: (ms: number) => void;
  readonly notice: (change?: Partial<Notice>, id?: string, entered?: Provenance) => Promise<Received>;
  readonly certify: (change: string, digest: string, over?: object, commandId?: string) => Promise<void>;
  readonly sign: (change: string, digest: string, over?: object) => Promise<void>;
  readonly decide: (change: Pick<Received, 'change' | 'digest'>, over?: object) => Promise<void>;
  readonly approve: (change?: Partial<Notice>, over?: object) => Promise<Received>;
  /** A council member confirms the certificate that waits. */
  readonly confirm: (change: string, digest: string, over?: object) => Promise<void>;
  readonly revoke: (change: string) => Promise<void>;
  /** The mayor's revocation, as it is recorded while the feature cannot be read. */
  readonly revokeBeside: (change: string, commandId?: string) => ReturnType<typeof recordRevocation>;
  readonly withdraw: (change: string) => Promise<void>;
}

export const mustBe = async <T extends { readonly ok: boolean }>(outcome: Promise<T>): Promise<Extract<T, { ok: true }>> => {
  const got = await outcome;
  if (!got.ok) throw new Error(`refused: ${JSON.stringify(got)}`);
  return got as Extract<T, { ok: true }>;
};

const split = (change: string) => {
  const cut = change.lastIndexOf('/');
  return { key: change.slice(0, cut), n: Number(change.slice(cut + 1)) };
};

/** How a test wants its gate; `storeOf` and `sideOf` may put faults around the real ones. */
interface GateOptions {
  readonly rules?: Policy | null;
  readonly officials?: JsonValue;
  readonly zone?: string;
  readonly begins?: string;
  /** The file of the commits, which are in memory otherwise. */
  readonly path?: string;
  /** False: the test writes what no gate would, so the judge is not asked about its log. */
  readonly honest?: boolean;
  readonly city?: GatePorts['city'];
  readonly vendors?: readonly string[];
  readonly storeOf?: (store: Store) => Store;
  readonly sideStoreOf?: (sideStore: SideStore) => SideStore;
  readonly atEnd?: AtEnd;
}

/** Opens a gate with a roster and, unless null, a policy in force. */
export const openGate = async ({
  rules = atOnce,
  officials = rosterFile(),
  zone = 'UTC',
  begins = NOON,
  path = ':memory:',
  honest = true,
  city = { name: 'City', contact: undefined },
  vendors = ['acme'],
  storeOf = (store) => store,
  sideStoreOf = (sideStore) => sideStore,
  atEnd = atEndOfTest,
}: GateOptions = {}): Promise<Gate> => {
  const [plainStore, plainSideStore] = [openSqliteStore(path, testMacs), openSqliteSideStore(':memory:', testGuard)];
  atEnd(async () => {
    if (honest) expect(objections(await loggedBytes(plainStore)), 'what the judge objects to').toEqual([]);
    await plainStore.close();
    await plainSideStore.close();
  });
  const [store, sideStore] = [storeOf(plainStore), sideStoreOf(plainSideStore)];
  let [now, wall, sent] = [begins, 0, 0];
  const logged: LogEntry[] = [];
  const ports = {
    store,
    sideStore,
    ...directReads(store),
    countNotice: async () => undefined,
    register: storedIndex({ store, sideStore }),
    clock: () => now,
    wallMs: () => wall,
    newId: randomUUID,
    queue: new StreamQueue(),
    zone,
    city,
    url: URL_OF_GATE,
    logger: (entry: LogEntry) => void logged.push(entry),
    isReleased: RELEASED_AT_ONCE,
  };
  await recordTimeZone(ports);
  await mustBe(setRoster(ports, officials, new Uint8Array(32)));
  if (rules !== null) await mustBe(adoptPolicy(ports, rules as unknown as JsonValue));
  const keys = new Map<string, string>();
  const keyOf = async (vendor: string) => {
    const known = keys.get(vendor);
    if (known !== undefined) return known;
    const [key] = (await mustBe(addVendor(ports, vendor, `Vendor ${vendor}`, ACME_PUBLIC_KEY))).keys;
    keys.set(vendor, key?.id ?? '');
    return keyOf(vendor);
  };
  for (const vendor of vendors) await keyOf(vendor);
  const order = async (change: string, actor: string, request: object, commandId: string = randomUUID()) => {
    const { key, n } = split(change);
    const full = { change: n, ...request } as never;
    await mustBe(orderFeature(ports, { key, commandId, actor, request: full }));
  };
  const decision = { revision: 1, terms: NO_TERMS, comment: null };
  const gate: Gate = {
    ports,
    store,
    sideStore,
    logged,
    at: (instant) => {
      now = instant;
    },
    later: (ms) => {
      wall += ms;
    },
    notice: async (change = {}, id = randomUUID(), entered) => {
      const notice = NoticeSchema.parse({
        feature: 'acme',
        kind: 'new-feature',
        title: 'A new way to search',
        summary: 'Says what it does in plain words.',
        ...change,
      });
      // A trailing space more each time: the same notice in other bytes.
      sent += 1;
      const body = new TextEncoder().encode(`${canonical(notice as unknown as JsonValue)}${' '.repeat(sent)}`);
      const vendor = vendorOf(notice.feature);
      const taken = await intake(ports, {
        vendor,
        deliveryId: id,
        actor: entered?.by ?? (vendor === CITY ? 'operator' : `vendor:${vendor}`),
        body,
        notice,
        provenance: entered ?? (vendor === CITY ? BY_OPERATOR : signedByVendor(vendor, id, now, body, await keyOf(vendor))),
        attachments: [],
        counted: null,
      });
      if (!taken.ok) throw new Error(`refused: ${JSON.stringify(taken.rejection)}`);
      return taken.received;
    },
    certify: (change, digest, over = {}, commandId?: string) =>
      order(
        change,
        'holder:clerk',
        {
          type: 'certify',
          purpose: 'adopt',
          requirement: 'council',
          holder: 'clerk',
          digest,
          ...decision,
          fileNumber: '26-0001',
          meetingDate: now.slice(0, 10),
          mover: null,
          seconder: null,
          votes: Object.fromEntries(COUNCIL.map((seat) => [seat, 'yes'])),
          minutesUrl: null,
          minutesSha256: null,
          ...over,
        },
        commandId,
      ),
    sign: (change, digest, over = {}) =>
      order(change, 'holder:mayor', {
        type: 'sign',
        requirement: 'mayor',
        holder: 'mayor',
        decision: 'approve',
        digest,
        ...decision,
        ...over,
      }),
    confirm: async (change, digest, over = {}) => {
      const { key, n } = split(change);
      const { state } = await load(ports.store, featureAggregate, featureStream(key));
      const certificate = findChange(state, n)?.confirmation?.act ?? 'none';
      const command = { type: 'confirm', requirement: 'council', holder: 'at-large-a', decision: 'confirm', certificate };
      return order(change, 'holder:at-large-a', { ...command, digest, ...decision, ...over });
    },
    revoke: (change) =>
      order(change, 'holder:mayor', { type: 'revoke', requirement: 'mayor', holder: 'mayor', reason: null, fileNumber: null }),
    revokeBeside: (change, commandId = 'beside') => {
      const { key, n } = split(change);
      return recordRevocation(ports, commandId, { key, change: n, ...BY_MAYOR });
    },
    withdraw: async (change) => {
      const body = new TextEncoder().encode(canonical({ withdraw: change }));
      const [vendor, id] = [vendorOf(split(change).key), randomUUID()];
      const provenance = signedByVendor(vendor, id, now, body, await keyOf(vendor));
      const request = { type: 'withdraw', digest: digestOf(body), provenance };
      return order(change, `vendor:${vendor}`, request, `withdraw/${vendor}/${id}`);
    },
    decide: async ({ change, digest }, over) => {
      await gate.certify(change, digest, over);
      await gate.sign(change, digest, over);
    },
    approve: async (change, over) => {
      const received = await gate.notice(change);
      await gate.decide(received, over);
      return received;
    },
  };
  return gate;
};

/** A notice of acme on its way in, as a route hands it over after it checked shape and signature; `words` make its body what it is. */
export const deliver = async (
  ports: GatePorts,
  words: Partial<Readonly<Record<keyof Notice, unknown>>> = {},
  deliveryId = 'msg-1',
): Promise<Delivery> => {
  const said = { feature: 'acme.lpr', kind: 'new-feature', title: 'Search', summary: 'Finds cars by their colour.', ...words };
  const body = new TextEncoder().encode(JSON.stringify(said));
  const key = (await readVendor(ports, 'acme'))?.keys[0]?.key.id ?? '';
  return {
    vendor: 'acme',
    deliveryId,
    actor: 'vendor:acme',
    body,
    notice: NoticeSchema.parse(said),
    provenance: signedByVendor('acme', deliveryId, NOON, body, key),
    attachments: [],
    counted: null,
  };
};

/** A store or side store in which the calls that `fails` picks throw before they do anything. */
export const failing = <T extends object>(
  target: T,
  fails: (method: string, args: readonly unknown[]) => Error | false | undefined,
): T =>
  new Proxy(target, {
    get: (object, name, receiver) => {
      const value: unknown = Reflect.get(object, name, receiver);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const error = fails(String(name), args);
        return error ? Promise.reject(error) : (value as (...each: unknown[]) => unknown).apply(object, args);
      };
    },
  });
