import { parseArgs } from 'node:util';
import { PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { dynamoClient } from '../../../../functions/platform/store/dynamo/retrying.ts';
import { createTables } from '../../../contract/dynamoTables.ts';

// The calls of AWS's command line that docs/deploy.md makes, for machines without it. An option that it does not know fails.

const OPTIONS = {
  'source-table-name': { type: 'string', default: '' },
  'target-table-name': { type: 'string', default: '' },
  'restore-date-time': { type: 'string', default: '' },
  'table-name': { type: 'string', default: '' },
} as const;

const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });

/** As of now: the engine of the tests keeps no past. */
const restore = async (): Promise<void> => {
  const client = dynamoClient({});
  const { 'source-table-name': from, 'target-table-name': to, 'restore-date-time': at } = values;
  if (Number.isNaN(Date.parse(at))) throw new Error('--restore-date-time');
  await createTables(client, { commits: to, side: `${to}-side`, register: `${to}-register` });
  for await (const { Items: items = [] } of paginateScan({ client }, { TableName: from }))
    for (const Item of items) await client.send(new PutItemCommand({ TableName: to, Item }));
  client.destroy();
};

const CALLS: Readonly<Record<string, () => Promise<void>>> = {
  'dynamodb restore-table-to-point-in-time': restore,
  'dynamodb wait table-exists': async () => undefined,
};

const call = CALLS[positionals.join(' ')];
if (call === undefined) throw new Error(`not a call of docs/deploy.md: aws ${positionals.join(' ')}`);
await call();
