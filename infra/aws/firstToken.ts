import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readMacKeys } from '../../functions/handlers/runtime/secrets.ts';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import { createToken } from '../../functions/web/http/tokens.ts';

/**
 * Makes the first token of an installation on AWS: write access to both tables, by the account's own permissions, makes the operator.
 * Every later one is made with this one, by `aldergate token create --url … --token …`.
 */
const {
  commits,
  side,
  name,
  'commit-secret': secret,
} = parseArgs({
  options: {
    commits: { type: 'string' },
    side: { type: 'string' },
    'commit-secret': { type: 'string' },
    name: { type: 'string', default: 'operator' },
  },
}).values;
if (commits === undefined || side === undefined || secret === undefined) {
  console.error('usage: node infra/aws/firstToken.ts --commits TABLE --side TABLE --commit-secret SECRET [--name NAME]');
  process.exitCode = 2;
} else {
  const client = dynamoClient({});
  const macs = macsUnder(await readMacKeys(secret));
  const ports = {
    store: openDynamoStore({ client, table: commits, now: Date.now, macs }),
    sideStore: openDynamoSideStore({ client, table: side }),
    clock: () => new Date().toISOString(),
    newId: randomUUID,
    queue: new StreamQueue(),
  };
  const { token } = await createToken(ports, { name, scopes: ['admin'] });
  client.destroy();
  console.log(token);
}
