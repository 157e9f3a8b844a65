import { skipToEnd } from '../../../functions/feed/sweep.ts';
import { jsonLog } from '../../../functions/http/log.ts';
import { webhookConsumer } from '../../../functions/subscribe/deliver.ts';
import { addSubscription } from '../../../functions/subscribe/subscriptions.ts';
import { argument, type Command, Refused } from '../usage.ts';

export const subscribeCommand: Command = {
  words: 'subscribe',
  usage: 'subscribe URL',
  does: 'tells a program of every event from now on, by signed webhooks',
  takes: {},
  run: async (args, _options, { local }) => {
    const url = argument(args, 0, 'URL');
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new Refused(`${url} is not an http or https address`);
    const { ports } = local();
    const subscription = await addSubscription(ports.side, url);
    const log = jsonLog(ports.clock, (line) => void process.stderr.write(line));
    await skipToEnd({ ...ports, log }, webhookConsumer(subscription, Date.now));
    return { json: subscription, text: `subscription ${subscription.id}\nsecret ${subscription.secret}\nIt is shown this once.` };
  },
};
