import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import type { Mac, Macs } from '../mac.ts';
import { type AlteredRecord, type RecordMacs, renewedRecordMac, rowProblem } from '../sideStore.ts';
import { type Item, pages, retrying, type Table } from './calls.ts';
import { sideRowIn } from './dynamoSideStore.ts';
import { renewedItemMac } from './dynamoStore.ts';
import { macItem } from './tables.ts';

async function* itemsOf({ client, table }: Table): AsyncGenerator<Item> {
  for await (const page of pages(client, (from) => new ScanCommand({ TableName: table, ConsistentRead: true, ...from })))
    yield* page;
}

/** Puts the MAC only on the item it was made for. Not an update, which the policy of the commits table denies to everyone. */
const replaceMac = async ({ client, table }: Table, item: Item, fresh: Mac): Promise<boolean> => {
  if (item.mac === undefined) return false;
  const command = new PutItemCommand({
    TableName: table,
    Item: { ...item, ...macItem(fresh) },
    ConditionExpression: 'mac = :old',
    ExpressionAttributeValues: { ':old': item.mac },
  });
  try {
    await retrying(() => client.send(command));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};

const renewed = async (table: Table, freshOf: (item: Item) => Mac | undefined): Promise<number> => {
  let count = 0;
  for await (const item of itemsOf(table)) {
    const fresh = freshOf(item);
    if (fresh !== undefined && (await replaceMac(table, item, fresh))) count += 1;
  }
  return count;
};

/**
 * Replaces every valid MAC in a table of commits that the current key did not make. Needs the operator's own permissions. Returns the
 * number replaced; may be run again after an interruption.
 */
export const renewMacs = (client: DynamoDBClient, table: string, macs: Macs): Promise<number> =>
  renewed({ client, table }, (item) => renewedItemMac(item, macs));

/** Returns the functions that renew the MACs in a table of records, with the operator's own permissions. */
export const dynamoRecordMacs = (client: DynamoDBClient, table: string, macs: Macs, rowIn = sideRowIn): RecordMacs => ({
  altered: async () => {
    const found: AlteredRecord[] = [];
    for await (const item of itemsOf({ client, table })) {
      const { kind, id, ...row } = rowIn(item);
      const problem = rowProblem({ macs }, { kind, id, ...row });
      if (problem !== undefined) found.push({ kind, id, problem });
    }
    return found;
  },
  renewMacs: () => renewed({ client, table }, (item) => renewedRecordMac({ macs }, rowIn(item))),
});
