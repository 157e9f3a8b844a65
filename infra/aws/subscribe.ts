import { parseArgs } from 'node:util';
import { readMacKeys } from '../../functions/handlers/runtime/secrets.ts';
import { skipToEnd } from '../../functions/platform/feed/sweep.ts';
import { openDynamoSideStore } from '../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../functions/platform/store/dynamo/dynamoStore.ts';
import { dynamoClient } from '../../functions/platform/store/dynamo/retrying.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import { webhookConsumer } from '../../functions/reactions/webhooks/deliver.ts';
import { addSubscription } from '../../functions/reactions/webhooks/subscriptions.ts';

/** Subscribes a program to every event from now on, by signed webhooks, as `aldergate subscribe` does on one machine. */
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
  const client = dynamoClient({});
  const sideStore = openDynamoSideStore({ client, table: sideTable });
  const store = openDynamoStore({ client, table: commits, now: Date.now, macs: macsUnder(await readMacKeys(secret)) });
  const subscription = await addSubscription(sideStore, url);
  await skipToEnd({ store, sideStore }, webhookConsumer(subscription, Date.now));
  client.destroy();
  console.log(`subscription ${subscription.id}\nsecret ${subscription.secret}\nIt is shown this once.`);
}
