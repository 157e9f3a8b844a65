import { ConditionalCheckFailedException, type DynamoDBClient, ScanCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import type { Macs } from '../mac.ts';
import { type Item, keyOf, renewedMac } from './item.ts';
import { retrying } from './retrying.ts';

/**
 * Replaces every valid MAC in a table of commits that the current key did not make. Needs the operator's own permissions, since
 * no function of the gate may update a commit. Leaves a row without a valid MAC unchanged. Returns the number replaced. A run
 * after an interruption continues the work.
 */
export const renewMacs = async (client: DynamoDBClient, table: string, macs: Macs): Promise<number> => {
  let renewed = 0;
  let last: Item | undefined;
  do {
    const command = new ScanCommand({ TableName: table, ConsistentRead: true, ...(last && { ExclusiveStartKey: last }) });
    const page = await retrying((options) => client.send(command, options));
    for (const item of page.Items ?? []) if (await renew(client, table, item, macs)) renewed += 1;
    last = page.LastEvaluatedKey;
  } while (last);
  return renewed;
};

/** Writes nothing but the MAC, and only onto the row it was made for. */
const renew = async (client: DynamoDBClient, table: string, item: Item, macs: Macs): Promise<boolean> => {
  const fresh = renewedMac(item, macs);
  if (fresh?.mac === undefined || fresh.macKey === undefined || item.mac === undefined) return false;
  const command = new UpdateItemCommand({
    TableName: table,
    Key: keyOf(item.pk?.S ?? '', Number(item.sk?.N)),
    UpdateExpression: 'SET mac = :mac, macKey = :key',
    ConditionExpression: 'mac = :old',
    ExpressionAttributeValues: { ':mac': fresh.mac, ':key': fresh.macKey, ':old': item.mac },
  });
  try {
    await retrying((options) => client.send(command, options));
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
};
