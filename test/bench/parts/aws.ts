import { start } from '../processes.ts';
import { figure, type Measured, type Rounds, type Scale, tableOf } from '../table.ts';

/** What was asked of DynamoDB, in its units and in requests. */
export interface Units {
  readonly reads: number;
  readonly writes: number;
  readonly requests: number;
}

/** `kept`: with the default `bulkMaxAge`; `unkept`: with `PT0S`. */
export interface Measurement {
  readonly name: string;
  readonly kept: Units;
  readonly unkept: Units;
}

/** Features on. */
const SIZES = [100, 1_000];

/**
 * Counts what each kind of request asks of DynamoDB, in units of its price. Counts, not times: other work on the machine changes
 * nothing.
 */
export const aws = async ({ quick }: Scale): Promise<Measured> => {
  const sizes = quick ? SIZES.slice(0, 1) : SIZES;
  const measured: (readonly Measurement[])[] = [];
  for (const keys of sizes) {
    const { ask, stop } = await start<object, { readonly keys: number }, readonly Measurement[]>('../infra/aws/support/units.ts');
    measured.push(await ask({ keys }));
    await stop();
  }
  const [first = []] = measured;
  const rows = first.map(({ name }, index) => [
    name,
    ...measured.flatMap((each) => {
      const { kept, unkept } = each[index] as Measurement;
      const reads = kept === unkept ? figure(kept.reads) : `${figure(unkept.reads)} → ${figure(kept.reads)}`;
      return [reads, figure(kept.writes), figure(kept.requests)];
    }),
  ]);
  const head = ['request', ...sizes.flatMap((keys) => [`read units, ${figure(keys)} on`, 'write units', 'requests'])];
  return { tables: [{ head, rows }] };
};

const AGAINST = 'a handler that reads one item of DynamoDB';

/** `leastBytes`: of the peer's bundle. */
export interface ColdStart {
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
