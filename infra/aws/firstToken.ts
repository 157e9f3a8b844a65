import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { StreamQueue } from '../../functions/platform/store/submit.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { operatorProgram, withTables } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

/** Makes the first token of an installation on AWS. The operator is authorised by the account's own write access to both tables. */
await operatorProgram('node infra/aws/firstToken.ts', async () => {
  const { values } = parseArgs({ options: STAGE_OPTIONS });
  return withTables(recordsOutputs(values), async ({ store, sideStore }) => {
    const ports = { store, sideStore, clock: () => new Date().toISOString(), newId: randomUUID, queue: new StreamQueue() };
    const { token } = await createToken(ports, { name: 'operator', scopes: ['admin'], person: null });
    console.log(token);
    return 0;
  });
});
