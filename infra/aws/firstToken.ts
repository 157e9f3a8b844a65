import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { StreamQueue } from '../../functions/platform/store/submit.ts';
import { Refused } from '../../functions/web/http/problems.ts';
import { createToken } from '../../functions/web/http/tokens.ts';
import { operatorProgram, withTables } from './operatorProgram.ts';
import { recordsOutputs, STAGE_OPTIONS } from './outputs.ts';

const OPTIONS = { ...STAGE_OPTIONS, name: { type: 'string', default: 'operator' } } as const;

/** Makes the first token of an installation on AWS: write access to both tables, by the account's own permissions, makes the operator. */
await operatorProgram('node infra/aws/firstToken.ts [--name NAME]', async () => {
  const { values } = parseArgs({ options: OPTIONS });
  return withTables(recordsOutputs(values), async ({ store, sideStore }) => {
    const ports = { store, sideStore, clock: () => new Date().toISOString(), newId: randomUUID, queue: new StreamQueue() };
    try {
      const { token } = await createToken(ports, { name: values.name, scopes: ['admin'], person: null });
      console.log(token);
      return 0;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // It begins with the pointer of the field, which is the option of that name.
      console.error((JSON.parse(error.answer.body) as { readonly detail: string }).detail.replace('/', '--'));
      return 2;
    }
  });
});
