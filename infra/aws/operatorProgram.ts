import { LogError } from '../../domain/log/encoding.ts';
import { readMacKeys, UnusableSecret } from '../../functions/handlers/runtime/secrets.ts';
import { dynamoClient } from '../../functions/platform/store/dynamo/calls.ts';
import { openDynamoSideStore, openRegisterTable, registerRowIn } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { dynamoRecordMacs, renewMacs } from '../../functions/platform/store/dynamo/renewMacs.ts';
import { StoreUnavailable } from '../../functions/platform/store/errors.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import type { RecordGuard } from '../../functions/platform/store/sideStore.ts';
import { OutputsError, type RecordsOutputs } from './outputs.ts';

const OF_PARSE_ARGS = /^ERR_PARSE_ARGS_/;

const isMisuse = (error: unknown): error is Error =>
  error instanceof OutputsError ||
  error instanceof LogError ||
  (error instanceof Error && 'code' in error && typeof error.code === 'string' && OF_PARSE_ARGS.test(error.code));

/** Properties of errors of the system, of a service's response, and of the SDK without credentials. */
const FROM_OUTSIDE = ['syscall', '$metadata', 'tryNextLink'];

/** Reports whether an operator can fix an error: a file, the account or its permissions. */
const isMendable = (error: unknown): error is Error =>
  error instanceof StoreUnavailable ||
  error instanceof UnusableSecret ||
  (error instanceof Error && FROM_OUTSIDE.some((name) => name in error));

/**
 * Runs an operator program, which returns its exit code, or undefined if its arguments are invalid; then the usage is printed.
 * Prints one line for an error that an operator can fix. Any other error is a defect and is thrown, for its stack.
 */
export const operatorProgram = async (usage: string, run: () => Promise<number | undefined>): Promise<void> => {
  try {
    process.exitCode = await run();
    if (process.exitCode !== undefined) return;
    console.error(
      `usage: ${usage}\nEach reads the stage from --outputs FILE (cdk-outputs.json), and takes --stage NAME if that has several.`,
    );
  } catch (error) {
    if (!(isMisuse(error) || isMendable(error))) throw error;
    console.error(error.message);
    process.exitCode = isMendable(error) ? 1 : 2;
    return;
  }
  process.exitCode = 2;
};

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

/** Opens the tables of a stage for an operator program, with the permissions of the account, until `use` settles. */
export const withTables = async <T>(records: RecordsOutputs, use: (tables: OperatorTables) => Promise<T>): Promise<T> => {
  const tables = await openTables(records);
  try {
    return await use(tables);
  } finally {
    tables.close();
  }
};
