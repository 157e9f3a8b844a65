import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import * as z from 'zod';

// `npm run check`: runs every script of package.json named `check:…` at the same time. The output of a step is printed when it ends,
// in one piece; the exit code is 1 when any step failed.

const PREFIX = 'check:';

interface Step {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
}

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

const run = async (name: string): Promise<Step> => {
  const started = performance.now();
  const child = spawn('npm', ['run', '--silent', `${PREFIX}${name}`], { stdio: ['ignore', 'pipe', 'pipe'] });
  const exited = new Promise<boolean>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code === 0));
  });
  const [stdout, stderr, passed] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  const seconds = (performance.now() - started) / 1_000;
  console.log(`${passed ? 'ok' : 'FAILED'} ${name}, ${seconds.toFixed(1)} s`);
  const output = `${stdout}${stderr}`.trimEnd();
  if (output !== '') console.log(output.replaceAll(/^/gm, '  '));
  return { name, passed, seconds };
};

const names = Object.keys(scripts).flatMap((name) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : []));
const steps = await Promise.all(names.map(run));
const failed = steps.filter(({ passed }) => !passed).map(({ name }) => name);
console.log(failed.length === 0 ? `${steps.length} checks passed` : `failed: ${failed.join(', ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;
