import { start } from '../processes.ts';
import type { Rounds } from '../rounds.ts';
import { figure, type Measured, type Scale, tableOf } from '../table.ts';

const AGAINST = 'a handler that reads one item of DynamoDB';

interface ColdStart {
  readonly name: string;
  readonly starts: Rounds;
  readonly bytes: number;
  readonly leastBytes: number;
}

/** Measures each function as it is deployed, from the start of its process to its first answer. */
export const coldStarts = async ({ quick }: Scale): Promise<Measured> => {
  const { ask, stop } = await start<object, { readonly rounds: number }, readonly ColdStart[]>(
    '../infra/aws/support/coldStarts.ts',
  );
  const measured = await ask({ rounds: quick ? 1 : 7 });
  await stop();
  const lines = measured.map(({ name, starts }) => ({ name, against: AGAINST, unit: 'first answers/s', ...starts }));
  const sizes = measured.map(({ name, bytes, leastBytes }) => [name, figure(bytes / 1_000), figure(bytes / leastBytes)]);
  return { tables: [tableOf(lines), { head: ['bundle', 'kB', 'of the peer’s'], rows: sizes }] };
};
