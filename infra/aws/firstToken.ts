import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { StreamQueue } from '../../functions/platform/store/queue.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { operatorTables } from './operatorTables.ts';

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
  const tables = await operatorTables(secret);
  const ports = {
    store: tables.storeIn(commits),
    sideStore: tables.sideStoreIn(side),
    clock: () => new Date().toISOString(),
    newId: randomUUID,
    queue: new StreamQueue(),
  };
  const { token } = await createToken(ports, { name, scopes: ['admin'] });
  tables.close();
  console.log(token);
}
