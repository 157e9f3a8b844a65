import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { appends } from './measures/appends.ts';
import { coldStarts } from './measures/coldStarts.ts';
import { decisions } from './measures/decisions.ts';
import { judging } from './measures/judging.ts';
import { log } from './measures/log.ts';
import { overHttp } from './measures/overHttp.ts';
import type { Result } from './measures/result.ts';
import { tableOf } from './table.ts';

// `npm run bench`: everything is measured beside a named peer in the same run, because figures of a machine say little about the code and
// ratios much. Nothing here is a test: the exit code is always 0. See docs/benchmarks.md.

const MEASURES: readonly (readonly [name: string, measure: () => Promise<readonly Result[]>])[] = [
  ['requests', overHttp],
  ['decisions', decisions],
  ['appends', appends],
  ['cold-starts', coldStarts],
  ['log', log],
  ['judging', judging],
];

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean', default: false } }, allowPositionals: true });

const started = new Date();
const results: Result[] = [];
for (const [name, measure] of MEASURES) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  process.stderr.write(`measuring ${name} …\n`);
  results.push(...(await measure()));
}

const machine = { node: process.version, platform: `${process.platform} ${process.arch}`, cpu: cpus()[0]?.model ?? '?' };
const run = {
  at: started.toISOString(),
  seconds: (Date.now() - started.getTime()) / 1_000,
  cores: availableParallelism(),
  ...machine,
};
if (values.json) process.stdout.write(`${JSON.stringify({ run, results }, null, 2)}\n`);
else {
  process.stdout.write(`${tableOf(results)}\n\nMedians of the rounds, in brackets the least and the most. `);
  process.stdout.write(`${run.at}, ${run.seconds.toFixed(0)} s, Node ${run.node}, ${run.cores} cores, ${run.cpu}\n`);
}
