import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { noticeCounter, usageInSideStore } from '../../gate/noticeLimits.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { cachedRules } from '../../gate/rules.ts';
import { comparedLimits, isInLog } from '../../log/sequencer/logIndex.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import { alteredSource, type Finding, report } from '../../platform/health.ts';
import { Alterations, Ledger } from '../../platform/ledger.ts';
import { errorFields } from '../../platform/logging.ts';
import { dynamoClient } from '../../platform/store/dynamo/calls.ts';
import { type DynamoRegister, openDynamoSideStore, openRegisterTable } from '../../platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../platform/store/dynamo/dynamoStore.ts';
import { macsUnder } from '../../platform/store/mac.ts';
import type { Store } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { StreamQueue } from '../../platform/store/submit.ts';
import { getRegister } from '../../register/documents.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import { tableIndex } from '../../register/tableIndex.ts';
import type { CitySettings, Tables } from './environment.ts';
import { logger, systemClock } from './invocation.ts';
import { readMacKeys } from './secrets.ts';

interface TablePorts<R> extends FeedPorts {
  readonly registerTable: R;
  readonly ledger: Ledger;
  readonly commits: Store;
}

/**
 * Opens the ports of a function that accepts commands. In `store` streams that the sequencer holds are unreadable; `everything` has them
 * too. `watched`: the store of commits under `store`.
 */
export const gatePorts = async (
  env: z.infer<typeof Tables> & z.infer<typeof CitySettings>,
  watched: (commits: Store) => Store = (commits) => commits,
): Promise<TablePorts<DynamoRegister> & GatePorts & RegisterPorts & { readonly everything: Store }> => {
  const ports = await feedPorts(env, openRegisterTable);
  const store = ports.ledger.believed(watched(ports.commits));
  return {
    ...ports,
    everything: ports.store,
    store,
    register: tableIndex({ ...ports, store }, { table: ports.registerTable, logger, nowMs: Date.now }),
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: env.ALDERGATE_TIME_ZONE,
    city: {
      name: env.ALDERGATE_CITY,
      contact: env.ALDERGATE_CONTACT,
      accessibility: env.ALDERGATE_ACCESSIBILITY,
      privacy: env.ALDERGATE_PRIVACY,
    },
    url: env.ALDERGATE_URL,
    countNotice: noticeCounter(
      { perHour: env.ALDERGATE_NOTICES_PER_HOUR, bytesPerDay: env.ALDERGATE_NOTICE_BYTES_PER_DAY },
      usageInSideStore(ports.sideStore),
      ports.clock,
    ),
    rules: cachedRules(ports),
    glance: (keys: readonly string[]) =>
      Promise.all(keys.map(async (key) => (await getRegister(ports.sideStore, key))?.state ?? null)),
  };
};

/**
 * Raises the alarm about an altered row or record: a log line, and a report for `/readyz` that stays until an operator has
 * checked the tables.
 */
const alarmOf =
  (sideStore: SideStore) =>
  (name: string, { code, detail }: Finding): void => {
    logger({ level: 'error', event: 'altered behind the gate’s back', code, detail });
    report({ sideStore, clock: systemClock }, alteredSource(name), [{ code, detail }]).catch((error: unknown) =>
      logger({ level: 'error', event: 'alarm not reported', ...errorFields(error) }),
    );
  };

/** For a function that neither reads nor writes the register, and loads nothing of it. */
export const NO_REGISTER = (): undefined => undefined;

/**
 * Opens the ports of a consumer, through one client, which keeps its connections between invocations. A consumer handles a commit once
 * it is in the log, and so was judged.
 */
export const feedPorts = async <R extends DynamoRegister | undefined>(
  env: z.infer<typeof Tables>,
  openRegister: (options: Parameters<typeof openRegisterTable>[0]) => R,
): Promise<TablePorts<R>> => {
  const client = dynamoClient({});
  const keys = await readMacKeys(env.ALDERGATE_COMMIT_SECRET);
  const alterations = new Alterations();
  const guard = { macs: macsUnder(keys, 'records'), altered: alterations.record };
  const registerTable = openRegister({ client, table: env.ALDERGATE_REGISTER_TABLE, guard });
  const sideStore = openDynamoSideStore({ client, table: env.ALDERGATE_SIDE_TABLE, guard, register: registerTable });
  alterations.announce = alarmOf(sideStore);
  const commits = openDynamoStore({
    client,
    table: env.ALDERGATE_COMMITS_TABLE,
    now: Date.now,
    macs: macsUnder(keys, 'commits'),
  });
  const ledger = new Ledger({ held: () => comparedLimits(sideStore, systemClock()) }, alterations);
  return {
    commits,
    ledger,
    store: ledger.judged(commits),
    sideStore,
    registerTable,
    clock: systemClock,
    logger,
    isReleased: isInLog(sideStore),
    wallMs: Date.now,
  };
};
