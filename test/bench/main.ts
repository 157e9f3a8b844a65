import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PARTS } from './parts.ts';
import { stopAll } from './processes.ts';
import type { Part } from './table.ts';

// `npm run bench -- [PART …] [--quick] [--write]`: everything is measured beside a named peer in the same run, or at several sizes,
// because figures of a machine say little about the code and ratios much. Nothing here is a test: the exit code is 0 whatever is
// measured. See docs/benchmarks.md.

const DOCUMENT = join(import.meta.dirname, '../../docs/benchmarks.md');

const write = (name: string, text: string) => {
  const opening = `<!-- measured: ${name} -->\n`;
  const [before, after] = readFileSync(DOCUMENT, 'utf8').split(opening);
  const end = after?.indexOf('<!-- end -->') ?? -1;
  if (after === undefined || end < 0) throw new Error(`docs/benchmarks.md has no place for ${name}`);
  writeFileSync(DOCUMENT, `${before}${opening}\n${text}\n\n${after.slice(end)}`);
};

const run = async (measure: Part, quick: boolean) => {
  const [started, [load = 0]] = [new Date(), loadavg()];
  const measured = await measure(quick);
  const seconds = ((Date.now() - started.getTime()) / 1_000).toFixed(0);
  const when = `${started.toISOString().slice(0, 16)}Z, ${seconds} s${quick ? ', quick' : ''}, load ${load.toFixed(1)} before it`;
  const machine = `${availableParallelism()} cores, ${cpus()[0]?.model ?? '?'}, Node ${process.version}`;
  const { stdout: commit } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8', cwd: import.meta.dirname });
  return [...measured, `${when}, ${machine}, commit ${commit.trim()}.`].join('\n\n');
};

const flag = { type: 'boolean', default: false } as const;
const { values, positionals } = parseArgs({ options: { quick: flag, write: flag }, allowPositionals: true });
for (const name of positionals.length > 0 ? positionals : Object.keys(PARTS)) {
  const part = PARTS[name];
  if (part === undefined) throw new Error(`there is no part ${name}, but ${Object.keys(PARTS).join(', ')}`);
  process.stderr.write(`measuring ${name} …\n`);
  const text = await run(part, values.quick);
  await stopAll();
  process.stdout.write(`\n## ${name}\n\n${text}\n`);
  if (values.write) write(name, text);
}
