import { parseArgs } from 'node:util';
import { subscribeFromNow } from '../../functions/reactions/webhooks/deliver.ts';
import { operatorProgram, withTables } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

await operatorProgram('node infra/aws/subscribe.ts https://…', async () => {
  const { values, positionals } = parseArgs({ options: STAGE_OPTIONS, allowPositionals: true });
  const [url = ''] = positionals;
  if (!URL.canParse(url) || new URL(url).protocol !== 'https:') return undefined;
  return withTables(recordsOutputs(values), async (ports) => {
    const { id, secret } = await subscribeFromNow(ports, url);
    console.log(`subscription ${id}\nsecret ${secret}\nIt is shown this once.`);
    return 0;
  });
});
