import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { noticeCounter, usageInSideStore } from '../../gate/noticeLimits.ts';
import type { GatePorts, Rules } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import type { Ledger } from '../../platform/ledger.ts';
import { openRegisterTable } from '../../platform/store/dynamo/registerTable.ts';
import type { Store } from '../../platform/store/port.ts';
import { StreamQueue } from '../../platform/store/queue.ts';
import { getRegister } from '../../register/documents.ts';
import type { RegisterPorts } from '../../register/rows.ts';
import { tableIndex } from '../../register/tableIndex.ts';
import type { CitySettings, Tables } from './environment.ts';
import { feedPorts } from './feedPorts.ts';
import { logger } from './invocation.ts';

/** Each decision names the version it was made under. */
const RULES_AGE_MS_MAX = 1_000;

/** So that a command is one read and one write. */
const cachedRules = (ports: FeedPorts): (() => Promise<Rules>) => {
  let known: { readonly rules: Promise<Rules>; readonly at: number } | undefined;
  return () => {
    const now = performance.now();
    if (known === undefined || now - known.at > RULES_AGE_MS_MAX) {
      const rules = readRules(ports);
      known = { rules, at: now };
      rules.catch(() => {
        known = undefined;
      });
    }
    return known.rules;
  };
};

interface StorePorts {
  /** Has the streams that the sequencer holds, too. */
  readonly everything: Store;
  readonly commits: Store;
  readonly ledger: Ledger;
}

/** For a function that takes commands. In `store` streams that the sequencer holds are unreadable. `watched`: what it lies on, of the commits. */
export const gatePorts = async (
  env: z.infer<typeof Tables> & z.infer<typeof CitySettings>,
  watched: (commits: Store) => Store = (commits) => commits,
): Promise<GatePorts & FeedPorts & RegisterPorts & StorePorts> => {
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
    glance: (keys) => Promise.all(keys.map(async (key) => (await getRegister(ports.sideStore, key))?.state ?? null)),
  };
};
