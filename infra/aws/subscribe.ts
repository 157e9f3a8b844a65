import { parseArgs } from 'node:util';
import { subscribeFromNow } from '../../functions/reactions/webhooks/deliver.ts';
import { operatorTables } from './operatorTables.ts';

const { values, positionals } = parseArgs({
  options: { commits: { type: 'string' }, side: { type: 'string' }, 'commit-secret': { type: 'string' } },
  allowPositionals: true,
});
const [url = ''] = positionals;
const { commits, side: sideTable, 'commit-secret': secret } = values;
if (
  commits === undefined ||
  sideTable === undefined ||
  secret === undefined ||
  !URL.canParse(url) ||
  new URL(url).protocol !== 'https:'
) {
  console.error('usage: node infra/aws/subscribe.ts https://… --commits TABLE --side TABLE --commit-secret SECRET');
  process.exitCode = 2;
} else {
  const tables = await operatorTables(secret);
  const ports = { store: tables.storeIn(commits), sideStore: tables.sideStoreIn(sideTable) };
  const subscription = await subscribeFromNow(ports, url);
  tables.close();
  console.log(`subscription ${subscription.id}\nsecret ${subscription.secret}\nIt is shown this once.`);
}
