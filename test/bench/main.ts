import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { writePart } from './document.ts';
import type { Measured, Scale } from './measures/result.ts';
import { PARTS, type Part } from './parts.ts';
import { markdownOf, tableOfResults } from './table.ts';

// `npm run bench`: everything is measured beside a named peer in the same run, or at several sizes, because figures of a machine say little
// about the code and ratios much. Nothing here is a test: the exit code is 0 whatever is measured. See docs/benchmarks.md.

const USAGE = `npm run bench -- [PART …] [--quick] [--features N,N …] [--write] [--json]

  PART        ${Object.keys(PARTS).join(', ')}; all without one
  --quick     a look within a minute: few rounds, small registers
  --features  the sizes of registers, instead of the usual ones
  --write     puts what is printed into docs/benchmarks.md
  --json      prints JSON instead of tables
`;

class WrongUsage extends Error {}

const sizesIn = (text: string | undefined): readonly number[] | undefined => {
  const sizes = text?.split(',').map(Number);
  if (sizes?.some((size) => !Number.isSafeInteger(size) || size < 1))
    throw new WrongUsage('--features takes whole numbers above 0');
  return sizes;
};

const readArguments = () => {
  const { values, positionals } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      features: { type: 'string' },
      write: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const unknown = positionals.find((name) => !(name in PARTS));
  if (unknown !== undefined) throw new WrongUsage(`there is no part ${unknown}`);
  const names = Object.keys(PARTS).filter((name) =>
    positionals.length > 0 ? positionals.includes(name) : !values.quick || PARTS[name]?.quick === true,
  );
  return { ...values, names, scale: { quick: values.quick, features: sizesIn(values.features) } };
};

const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  } catch {
    return 'without git';
  }
};

/** Describes the run of a part: when, on what, and how busy the machine was besides. */
const stampOf = (at: Date, seconds: number, loadBefore: number, scale: Scale): string => {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? '?'}, Node ${process.version}, commit ${commit()}`;
  const quick = scale.quick ? ', quick' : '';
  return `${at.toISOString().slice(0, 16)}Z, ${seconds.toFixed(0)} s${quick}, load ${loadBefore.toFixed(1)} before it, ${machine}.`;
};

const textOf = ({ results, tables = [], notes = [] }: Measured, stamp: string): string => {
  const compared = results.length === 0 ? [] : [markdownOf(tableOfResults(results))];
  return [...compared, ...tables.map(markdownOf), ...notes, stamp].join('\n\n');
};

const run = async (name: string, part: Part, { scale, write, json }: ReturnType<typeof readArguments>): Promise<unknown> => {
  process.stderr.write(`measuring ${name} …\n`);
  const started = new Date();
  const [loadBefore = 0] = loadavg();
  const measured = await part.measure(scale);
  const text = textOf(measured, stampOf(started, (Date.now() - started.getTime()) / 1_000, loadBefore, scale));
  if (!json) process.stdout.write(`\n## ${name}\n\n${text}\n`);
  if (write) writePart(name, text);
  return { name, at: started.toISOString(), ...measured };
};

const main = async (): Promise<void> => {
  const given = readArguments();
  if (given.help) return void process.stdout.write(USAGE);
  const all: unknown[] = [];
  for (const name of given.names) all.push(await run(name, PARTS[name] as Part, given));
  if (given.json) process.stdout.write(`${JSON.stringify(all, null, 2)}\n`);
};

await main().catch((error: unknown) => {
  if (!(error instanceof WrongUsage)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exit(2);
});
