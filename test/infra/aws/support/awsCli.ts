import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { PutItemCommand, paginateScan } from '@aws-sdk/client-dynamodb';
import { KMSClient, PutKeyPolicyCommand } from '@aws-sdk/client-kms';
import { dynamoClient } from '../../../../functions/platform/store/dynamo/calls.ts';
import { createTables } from '../../../contract/dynamoTables.ts';

// The calls of AWS's command line that the pages about AWS make, for machines without it. An option that it does not know fails.

const TEXT = { type: 'string', default: '' } as const;
const OPTIONS = {
  'source-table-name': TEXT,
  'target-table-name': TEXT,
  'restore-date-time': TEXT,
  'table-name': TEXT,
  region: TEXT,
  'key-id': TEXT,
  'policy-name': TEXT,
  policy: TEXT,
  id: TEXT,
  'if-match': TEXT,
  'distribution-config': TEXT,
  query: TEXT,
  output: TEXT,
};

const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });

/** As of now: the engine of the tests keeps no past. */
const restore = async () => {
  const client = dynamoClient({});
  const { 'source-table-name': from, 'target-table-name': to, 'restore-date-time': at } = values;
  if (Number.isNaN(Date.parse(at))) throw new Error('--restore-date-time');
  await createTables(client, { commits: to, side: `${to}-side`, register: `${to}-register` });
  for await (const { Items: items = [] } of paginateScan({ client }, { TableName: from }))
    for (const Item of items) await client.send(new PutItemCommand({ TableName: to, Item }));
  client.destroy();
};

const pathOf = (value: string) => value.replace(/^file:\/\//, '');

/** KMS finds a key by its ARN only in the key's own region. */
const putKeyPolicy = async () => {
  const { 'key-id': KeyId, 'policy-name': name, policy, region } = values;
  if (region !== KeyId.split(':')[3] || name !== 'default') throw new Error('--region, --policy-name');
  const client = new KMSClient({ region });
  await client.send(new PutKeyPolicyCommand({ KeyId, Policy: readFileSync(pathOf(policy), 'utf8') }));
  client.destroy();
};

const DISTRIBUTION = { id: 'E2OLD', ETag: 'E1', DistributionConfig: { Aliases: { Quantity: 1, Items: ['gate.city.example'] } } };

const getDistribution = async () => {
  const { id, ...config } = DISTRIBUTION;
  if (values.id !== id) throw new Error('--id');
  process.stdout.write(JSON.stringify(config));
};

/** Leaves in `updated.json` what was sent, and who could read the files that hold the origin secret. */
const updateDistribution = async () => {
  if (values.id !== DISTRIBUTION.id || values['if-match'] !== DISTRIBUTION.ETag) throw new Error('--id, --if-match');
  const file = pathOf(values['distribution-config']);
  const modes = ['old.json', file].map((each) => (statSync(each).mode & 0o777).toString(8));
  writeFileSync('updated.json', JSON.stringify({ config: JSON.parse(readFileSync(file, 'utf8')), modes }));
};

const CALLS: Readonly<Record<string, () => Promise<void>>> = {
  'dynamodb restore-table-to-point-in-time': restore,
  'dynamodb wait table-exists': async () => undefined,
  'kms put-key-policy': putKeyPolicy,
  'cloudfront list-distributions': async () => void process.stdout.write(DISTRIBUTION.id),
  'cloudfront get-distribution-config': getDistribution,
  'cloudfront update-distribution': updateDistribution,
};

const call = CALLS[positionals.join(' ')];
if (call === undefined) throw new Error(`not a call of the pages about AWS: aws ${positionals.join(' ')}`);
await call();
