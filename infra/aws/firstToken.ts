import { parseArgs } from 'node:util';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { createToken } from '../../functions/web/http/tokens.ts';

/**
 * Makes the first token of an installation on AWS: whoever may write to the side table by the account's own permissions is the
 * operator. Every later one is made with this one, by `aldergate token create --url … --token …`.
 */
const { table, name } = parseArgs({
  options: { table: { type: 'string' }, name: { type: 'string', default: 'operator' } },
}).values;
if (table === undefined) {
  console.error('usage: node infra/aws/firstToken.ts --table SIDE-TABLE [--name NAME]');
  process.exitCode = 2;
} else {
  const client = dynamoClient({});
  const { token } = await createToken(
    openDynamoSideStore({ client, table }),
    { name, scopes: ['admin'] },
    new Date().toISOString(),
  );
  client.destroy();
  console.log(token);
}
