import { parseArgs } from 'node:util';
import { skipTo, walkFeed } from '../../functions/platform/feed/sweep.ts';
import { webhookConsumer } from '../../functions/reactions/webhooks/deliver.ts';
import { addSubscription } from '../../functions/reactions/webhooks/subscriptions.ts';
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
  const [store, sideStore] = [tables.storeIn(commits), tables.sideStoreIn(sideTable)];
  const subscription = await addSubscription(sideStore, url);
  await skipTo(sideStore, webhookConsumer(subscription, Date.now), await walkFeed(store));
  tables.close();
  console.log(`subscription ${subscription.id}\nsecret ${subscription.secret}\nIt is shown this once.`);
}
