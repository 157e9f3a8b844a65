import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

// `npm run synth`: synthesises, bundles included, what a city can deploy: a stage of each size, and a second stage beside each.

const CDK = fileURLToPath(import.meta.resolve('aws-cdk/bin/cdk'));
const SECOND = ['--context', 'stage=city2', '--context', 'mailIdentity=existing'];

for (const size of ['full', 'lean'])
  for (const [name, more] of [
    [size, []],
    [`${size}-second`, SECOND],
  ] as const) {
    const context = ['--context', `size=${size}`, ...more, ...process.argv.slice(2)];
    const command = [CDK, 'synth', '--quiet', '--output', `cdk.out/${name}`, ...context];
    const { status } = spawnSync(process.execPath, command, { stdio: 'inherit' });
    if (status !== 0) process.exit(status ?? 1);
  }
