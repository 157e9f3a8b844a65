import type * as z from 'zod';
import { heldLimits, isInLog } from '../../log/held.ts';
import { Alterations } from '../../platform/alterations.ts';
import type { FeedPorts } from '../../platform/feed/consumer.ts';
import { alteredSource, type Finding, report } from '../../platform/health.ts';
import { Ledger } from '../../platform/ledger.ts';
import { errorFields } from '../../platform/logging.ts';
import { openDynamoSideStore } from '../../platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../platform/store/dynamo/dynamoStore.ts';
import type { DynamoRegister, openRegisterTable } from '../../platform/store/dynamo/registerTable.ts';
import { dynamoClient } from '../../platform/store/dynamo/retrying.ts';
import { macsUnder } from '../../platform/store/mac.ts';
import type { Store } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import type { Tables } from './environment.ts';
import { logger, systemClock } from './invocation.ts';
import { readMacKeys } from './secrets.ts';

/**
 * Raises the alarm about an altered row or record: a line in the log, and a report for `/readyz`, which stays until an operator has
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
 * What a consumer needs, through one client, which keeps its connections between invocations. A consumer handles a commit once it is in
 * the log, and so was judged.
 */
export const feedPorts = async <R extends DynamoRegister | undefined>(
  env: z.infer<typeof Tables>,
  openRegister: (options: Parameters<typeof openRegisterTable>[0]) => R,
): Promise<FeedPorts & { readonly registerTable: R; readonly ledger: Ledger; readonly commits: Store }> => {
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
  const ledger = new Ledger({ held: () => heldLimits(sideStore) }, alterations);
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
