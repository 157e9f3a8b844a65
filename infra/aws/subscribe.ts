import { parseArgs } from 'node:util';
import { removeSubscription, subscribeFromNow, subscriberLine, subscribers } from '../../functions/reactions/webhooks/deliver.ts';
import { type OperatorTables, operatorProgram, withTables } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

const USAGE = `node infra/aws/subscribe.ts https://…
       node infra/aws/subscribe.ts list
       node infra/aws/subscribe.ts end ID`;

const list = async (tables: OperatorTables): Promise<number> => {
  for (const each of await subscribers(tables)) console.log(subscriberLine(each));
  return 0;
};

const end = async ({ sideStore }: OperatorTables, id: string): Promise<number> => {
  const isEnded = await removeSubscription(sideStore, id);
  console.log(isEnded ? `subscription ${id} has ended` : `there is no subscription ${id}`);
  return isEnded ? 0 : 1;
};

const subscribe = async (tables: OperatorTables, url: string): Promise<number> => {
  const { id, secret } = await subscribeFromNow(tables, url);
  console.log(`subscription ${id}\nsecret ${secret}\nIt is shown this once.`);
  return 0;
};

/** Rejects credentials in the URL: deliveries are signed with the secret of the subscription. */
const isAddress = (text: string): boolean => {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && url.username === '' && url.password === '';
};

await operatorProgram(USAGE, async () => {
  const { values, positionals } = parseArgs({ options: STAGE_OPTIONS, allowPositionals: true });
  const [what = '', id, ...more] = positionals;
  if (more.length > 0 || (what === 'end') !== (id !== undefined)) return undefined;
  if (what !== 'list' && what !== 'end' && !isAddress(what)) return undefined;
  return withTables(recordsOutputs(values), (tables) => {
    if (what === 'list') return list(tables);
    return id === undefined ? subscribe(tables, what) : end(tables, id);
  });
});
