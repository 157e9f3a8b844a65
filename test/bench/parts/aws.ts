import { start } from '../processes.ts';
import { comparison, figure, type Line, type Part, tableOf } from '../table.ts';

/** Counts what each kind of request asks of DynamoDB, in units of its price: other work on the machine changes nothing. */
export const aws: Part = async (quick) => {
  const sizes = quick ? [100] : [100, 1_000];
  const rows: (readonly string[])[] = [];
  for (const keys of sizes) {
    const { ask } = await start<object, object, readonly (readonly string[])[]>('../infra/aws/support/units.ts');
    for (const [index, [name = '', ...units]] of (await ask({ keys })).entries())
      rows[index] = [...(rows[index] ?? [name]), ...units];
  }
  return [tableOf(['request', ...sizes.flatMap((keys) => [`read units, ${figure(keys)} on`, 'write units', 'requests'])], rows)];
};

/** What the process that starts the functions has measured of each: the line of a comparison, and the bytes of the bundles. */
export interface ColdStarts {
  readonly lines: readonly Line[];
  readonly sizes: readonly (readonly string[])[];
}

/** Measures each function as it is deployed, from the start of its process to its first answer. */
export const coldStarts: Part = async (quick) => {
  const { ask } = await start<object, object, ColdStarts>('../infra/aws/support/coldStarts.ts');
  const { lines, sizes } = await ask({ rounds: quick ? 1 : 7 });
  return [comparison(lines), tableOf(['bundle', 'kB', 'of the peer’s'], sizes)];
};
