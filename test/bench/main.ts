import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { writePart } from './document.ts';
import { PARTS } from './parts.ts';
import { markdownOf, type Scale } from './table.ts';

// `npm run bench`: everything is measured beside a named peer in the same run, or at several sizes, because figures of a machine say little
// about the code and ratios much. Nothing here is a test: the exit code is 0 whatever is measured. See docs/benchmarks.md.

const USAGE = `npm run bench -- [PART …] [--quick] [--write]

  PART        ${Object.keys(PARTS).join(', ')}; all without one
  --quick     a look within minutes: few rounds, small registers
  --write     puts what is printed into docs/benchmarks.md
`;

class WrongUsage extends Error {}

const commit = (): string => {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname }).trim();
  } catch {
    return 'without git';
  }
};

const stampOf = (startedMs: number, loadBefore: number, { quick }: Scale): string => {
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? '?'}, Node ${process.version}, commit ${commit()}`;
  const seconds = ((Date.now() - startedMs) / 1_000).toFixed(0);
  const at = new Date(startedMs).toISOString().slice(0, 16);
  return `${at}Z, ${seconds} s${quick ? ', quick' : ''}, load ${loadBefore.toFixed(1)} before it, ${machine}.`;
};

const run = async (name: string, scale: Scale): Promise<string> => {
  process.stderr.write(`measuring ${name} …\n`);
  const [started, [loadBefore = 0]] = [Date.now(), loadavg()];
  const { tables = [], notes = [] } = (await PARTS[name]?.(scale)) ?? {};
  return [...tables.map(markdownOf), ...notes, stampOf(started, loadBefore, scale)].join('\n\n');
};

const main = async (): Promise<void> => {
  const options = {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (values.help) return void process.stdout.write(USAGE);
  const unknown = positionals.find((name) => !(name in PARTS));
  if (unknown !== undefined) throw new WrongUsage(`there is no part ${unknown}`);
  for (const name of Object.keys(PARTS).filter((each) => positionals.length === 0 || positionals.includes(each))) {
    const text = await run(name, values);
    process.stdout.write(`\n## ${name}\n\n${text}\n`);
    if (values.write) writePart(name, text);
  }
};

await main().catch((error: unknown) => {
  if (!(error instanceof WrongUsage)) throw error;
  process.stderr.write(`${error.message}\n\n${USAGE}`);
  process.exit(2);
});
