import { randomUUID } from 'node:crypto';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { noticeCounter, usageInSideStore } from '../../../functions/gate/noticeLimits.ts';
import { readRules } from '../../../functions/gate/rules.ts';
import { RELEASED_AT_ONCE } from '../../../functions/platform/feed/consumer.ts';
import { openDynamoSideStore } from '../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StreamQueue } from '../../../functions/platform/store/queue.ts';
import { getRegister } from '../../../functions/register/documents.ts';
import { openRegister } from '../../../functions/register/registerAttributes.ts';
import { tableIndex } from '../../../functions/register/tableIndex.ts';
import { COMMITS, REGISTER, SIDE } from '../../contract/dynamoTables.ts';
import { believed } from '../../support/believed.ts';
import { testGuard, testMacs } from '../../support/macs.ts';

/** As an hour after all was written: what was written in the last minutes is listed again each time. */
const AN_HOUR_MS = 3_600_000;

/** The ports of a function on AWS as it starts, as `handlers/runtime/ports.ts` wires them, without secrets. */
export const portsOnAws = (client: DynamoDBClient) => {
  const guard = testGuard;
  const table = openRegister({ client, table: REGISTER, guard });
  const sideStore = openDynamoSideStore({ client, table: SIDE, guard, register: table });
  const plain = openDynamoStore({ client, table: COMMITS, now: Date.now, macs: testMacs });
  const store = believed(plain, sideStore);
  const clock = () => new Date().toISOString();
  const logger = () => undefined;
  let rules: ReturnType<typeof readRules> | undefined;
  const feed = { store, sideStore, clock, logger, isReleased: RELEASED_AT_ONCE, wallMs: Date.now };
  return {
    ...feed,
    register: tableIndex(feed, { table, logger, nowMs: () => Date.now() + AN_HOUR_MS }),
    newId: randomUUID,
    queue: new StreamQueue(),
    zone: 'UTC',
    city: { name: 'City', contact: undefined },
    url: 'https://gate.example',
    countNotice: noticeCounter({ perHour: 1_000_000, bytesPerDay: 1_000_000_000 }, usageInSideStore(sideStore), clock),
    // Read at most once a second there, and once here.
    rules: () => {
      rules ??= readRules({ store });
      return rules;
    },
    glance: (keys: readonly string[]) => Promise.all(keys.map(async (key) => (await getRegister(sideStore, key))?.state ?? null)),
  };
};
