import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { endOf, untilEnd } from '../../gate/end.ts';
import { noticeCounter, usageInSideStore } from '../../gate/noticeLimits.ts';
import type { GatePorts, Rules } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { withheld } from '../../log/withheld.ts';
import { Alterations, watched } from '../../platform/alterations.ts';
import { type FeedPorts, RELEASED_AT_ONCE } from '../../platform/feed/consumer.ts';
import { alteredSource, type Finding, report } from '../../platform/health.ts';
import { errorFields } from '../../platform/logging.ts';
import { openDynamoSideStore } from '../../platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../platform/store/dynamo/dynamoStore.ts';
import { dynamoClient } from '../../platform/store/dynamo/retrying.ts';
import { macsUnder } from '../../platform/store/mac.ts';
import type { Store } from '../../platform/store/port.ts';
import { StreamQueue } from '../../platform/store/queue.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import { getRegister } from '../../register/docs.ts';
import type { RegisterPorts } from '../../register/registerIndex.ts';
import { storedIndex } from '../../register/storedIndex.ts';
import type { CitySettings, Tables } from './environment.ts';
import { logger, systemClock } from './invocation.ts';
import { originOf } from './publicLog.ts';
import { readMacKeys } from './secrets.ts';

/**
 * Returns what raises the alarm about an altered row or record: a line in the log, and a report for the function that answers
 * `/readyz`, which stays until an operator has checked the tables.
 */
const alarmOf =
  (sideStore: SideStore) =>
  (name: string, { code, detail }: Finding): void => {
    logger({ level: 'error', event: 'altered behind the gate’s back', code, detail });
    report({ sideStore, clock: systemClock }, alteredSource(name), [{ code, detail }]).catch((error: unknown) =>
      logger({ level: 'error', event: 'alarm not reported', ...errorFields(error) }),
    );
  };

/**
 * Opens what a consumer needs: both tables through one client, which keeps its connections between invocations. Rejects when the key
 * for the MACs of commits cannot be read.
 */
export const feedPorts = async (env: z.infer<typeof Tables>): Promise<FeedPorts> => {
  const client = dynamoClient({});
  const keys = await readMacKeys(env.ALDERGATE_COMMIT_SECRET);
  const alterations = new Alterations();
  const sideStore = openDynamoSideStore({
    client,
    table: env.ALDERGATE_SIDE_TABLE,
    guard: { macs: macsUnder(keys, 'records'), altered: alterations.record },
  });
  alterations.announce = alarmOf(sideStore);
  const store = openDynamoStore({
    client,
    table: env.ALDERGATE_COMMITS_TABLE,
    now: Date.now,
    macs: macsUnder(keys, 'commits'),
  });
  return {
    store: watched(store, alterations),
    sideStore,
    clock: systemClock,
    logger,
    isReleased: RELEASED_AT_ONCE,
    wallMs: Date.now,
  };
};

/** The time within which a new policy or roster takes effect, in ms. Each decision names the version it was made under. */
const RULES_AGE_MS_MAX = 1_000;

/** Returns a reader of the rules that reads them at most once a second, so that a command is one read and one write. */
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

/**
 * Opens the ports of a function that takes commands. Its store rejects appends once the log has ended, and streams that the sequencer
 * holds are unreadable in it; `everything` has them too, for the sequencer.
 */
export const gatePorts = async (
  env: z.infer<typeof Tables> & z.infer<typeof CitySettings>,
): Promise<GatePorts & FeedPorts & RegisterPorts & { readonly everything: Store }> => {
  const ports = await feedPorts(env);
  const origin = originOf(env);
  const end = endOf(ports.store, async () => origin);
  const everything = untilEnd(ports.store, end);
  const store = withheld(everything, ports.sideStore);
  return {
    ...ports,
    everything,
    store,
    end,
    register: storedIndex({ ...ports, store, end }),
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: env.ALDERGATE_TIME_ZONE,
    city: { name: env.ALDERGATE_CITY, contact: env.ALDERGATE_CONTACT },
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
