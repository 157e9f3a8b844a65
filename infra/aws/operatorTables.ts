import { readMacKeys } from '../../functions/handlers/runtime/secrets.ts';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { openRegisterTable, registerRowIn } from '../../functions/platform/store/dynamo/registerTable.ts';
import { dynamoRecordMacs, renewMacs } from '../../functions/platform/store/dynamo/renewMacs.ts';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import type { RecordGuard } from '../../functions/platform/store/sideStore.ts';
import type { RecordsOutputs } from './outputs.ts';

const openTables = async ({ CommitsTable, SideTable, RegisterTable, CommitSecret }: RecordsOutputs) => {
  const client = dynamoClient({});
  const keys = await readMacKeys(CommitSecret);
  const [macs, recordMacs] = [macsUnder(keys, 'commits'), macsUnder(keys, 'records')];
  const guard: RecordGuard = {
    macs: recordMacs,
    altered: ({ kind, id, problem }) => console.error(`left out: the record ${kind}/${id}: ${problem}`),
  };
  const register = openRegisterTable({ client, table: RegisterTable, guard });
  return {
    store: openDynamoStore({ client, table: CommitsTable, now: Date.now, macs }),
    sideStore: openDynamoSideStore({ client, table: SideTable, guard, register }),
    renewMacs: () => renewMacs(client, CommitsTable, macs),
    recordMacs: [
      dynamoRecordMacs(client, SideTable, recordMacs),
      dynamoRecordMacs(client, RegisterTable, recordMacs, registerRowIn),
    ],
    close: () => client.destroy(),
  };
};
export type OperatorTables = Awaited<ReturnType<typeof openTables>>;

/** Opens the tables of a stage for an operator's program, with the permissions of the account, for as long as it `use`s them. */
export const withTables = async <T>(records: RecordsOutputs, use: (tables: OperatorTables) => Promise<T>): Promise<T> => {
  const tables = await openTables(records);
  try {
    return await use(tables);
  } finally {
    tables.close();
  }
};
