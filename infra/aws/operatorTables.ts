import { readMacKeys } from '../../functions/handlers/runtime/secrets.ts';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { openRegisterTable, registerRowIn } from '../../functions/platform/store/dynamo/registerTable.ts';
import { dynamoRecordMacs, renewMacs } from '../../functions/platform/store/dynamo/renewMacs.ts';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import type { RecordGuard } from '../../functions/platform/store/sideStore.ts';

/** Opens the tables of an installation for an operator's program, with the permissions of the account. `secret`: that of the MAC keys. */
export const operatorTables = async (secret: string) => {
  const client = dynamoClient({});
  const keys = await readMacKeys(secret);
  const [macs, recordMacs] = [macsUnder(keys, 'commits'), macsUnder(keys, 'records')];
  const guard: RecordGuard = {
    macs: recordMacs,
    altered: ({ kind, id, problem }) => console.error(`left out: the record ${kind}/${id}: ${problem}`),
  };
  return {
    storeIn: (table: string) => openDynamoStore({ client, table, now: Date.now, macs }),
    sideStoreIn: (table: string, register?: string) =>
      openDynamoSideStore({
        client,
        table,
        guard,
        ...(register !== undefined && { register: openRegisterTable({ client, table: register, guard }) }),
      }),
    renewMacs: (table: string) => renewMacs(client, table, macs),
    recordMacsIn: (table: string) => dynamoRecordMacs(client, table, recordMacs),
    registerMacsIn: (table: string) => dynamoRecordMacs(client, table, recordMacs, registerRowIn),
    close: () => client.destroy(),
  };
};
export type OperatorTables = Awaited<ReturnType<typeof operatorTables>>;
