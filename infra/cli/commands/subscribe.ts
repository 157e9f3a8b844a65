import { subscribeFromNow } from '../../../functions/reactions/webhooks/deliver.ts';
import { listSubscriptions, removeSubscription } from '../../../functions/reactions/webhooks/subscriptions.ts';
import { CommandRefused } from '../../local/errors.ts';
import { argument, type Command } from '../usage.ts';

const subscribe: Command = {
  usage: 'subscribe URL',
  does: 'sends every event from now on to a program, by signed webhooks',
  run: async (args, _options, { local }) => {
    const url = argument(args, 0, 'URL');
    if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
      throw new CommandRefused(`${url} is not an http or https address`);
    const subscription = await subscribeFromNow(local().ports, url);
    return { json: subscription, text: `subscription ${subscription.id}\nsecret ${subscription.secret}\nIt is shown this once.` };
  },
};

const subscriptions: Command = {
  usage: 'subscriptions',
  does: 'lists the subscribers, without their secrets',
  run: async (_args, _options, { local }) => {
    const items = (await listSubscriptions(local().ports.sideStore)).map(({ id, url }) => ({ id, url }));
    const text = items.length === 0 ? 'no subscribers' : items.map(({ id, url }) => `${id}  ${url}`).join('\n');
    return { json: { items, next: null }, text };
  },
};

const unsubscribe: Command = {
  usage: 'unsubscribe ID',
  does: 'ends a subscription',
  run: async (args, _options, { local }) => {
    const id = argument(args, 0, 'ID');
    if (!(await removeSubscription(local().ports.sideStore, id))) throw new CommandRefused(`there is no subscription ${id}`);
    return { json: { id, ended: true }, text: `subscription ${id} has ended` };
  },
};

export const subscribeCommands: readonly Command[] = [subscribe, subscriptions, unsubscribe];
