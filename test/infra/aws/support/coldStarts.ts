import { join } from 'node:path';
import { bundleFile } from '../../../../infra/aws/bundle.ts';
import type { FunctionName } from '../../../../infra/aws/constructs/functions.ts';
import { demoRoster } from '../../../../infra/demo/city.ts';
import type { ColdStarts } from '../../../bench/parts/aws.ts';
import { serve } from '../../../bench/processes.ts';
import { makeFolder } from '../../../bench/settings.ts';
import { compare, figure, type Line } from '../../../bench/table.ts';
import { requestEvent } from './events.ts';
import { type GateOnAws, openGateOnAws } from './gateOnAws.ts';
import { awsEnvironment, plainEnvironment } from './lambdas.ts';

// For the benchmarks, in a process of its own: starts each function as it is deployed, on an empty city, from the start of its process to
// its first answer; and beside each a function that reads one item.

const SWEEP = { task: 'sweep' };

const eventsFor = (token: string): Readonly<Record<FunctionName, unknown>> => {
  const page = (path: string) => requestEvent('GET', path, undefined, { accept: 'text/html' });
  return {
    api: requestEvent('GET', '/v1/features', undefined, { authorization: `Bearer ${token}` }),
    site: page('/'),
    log: page('/log/checkpoint'),
    passkeys: page('/d/no-such-link/passkey'),
    clock: SWEEP,
    copies: SWEEP,
    derived: SWEEP,
    notify: SWEEP,
    projector: SWEEP,
    sequencer: SWEEP,
    webhooks: SWEEP,
  };
};

const startOf = async (name: FunctionName, bundle: string, variables: Readonly<Record<string, string>>, event: unknown) => {
  const started = performance.now();
  const { run, stop } = await plainEnvironment({ name, bundle, variables, log: () => undefined });
  const result = (await run(event)) as { readonly statusCode?: number } | undefined;
  const rate = 1_000 / (performance.now() - started);
  await stop();
  if ((result?.statusCode ?? 200) >= 500) throw new Error(`${name} answered ${JSON.stringify(result).slice(0, 300)}`);
  return rate;
};

const measure = async (gate: GateOnAws, count: number): Promise<ColdStarts> => {
  const token = await gate.operate('firstToken.ts');
  // Before its first roster a stage is closed, and its functions do nothing.
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const { statusCode, body } = await gate.request('PUT', '/v1/roster', JSON.stringify(demoRoster()), headers);
  if (statusCode !== 200) throw new Error(`no roster: ${body}`);
  await gate.sweep();
  const events = Object.entries(eventsFor(token));
  const minimal = makeFolder();
  const leastBytes = bundleFile(join(import.meta.dirname, '../../../bench/servers/minimalHandler.ts'), minimal);
  const lines: Line[] = [];
  const sizes: string[][] = [];
  for (const [key, event] of events) {
    const name = key as FunctionName;
    const { bundle, bytes, variables } = gate.deployment.functions[name];
    const as = (caller: string) => ({ ...variables, ...awsEnvironment(gate.cloud.endpointOf(caller)) });
    const rounds = await compare(
      count,
      () => startOf(name, bundle, as(name), event),
      () => startOf(name, join(minimal, 'index.mjs'), as('operator'), SWEEP),
    );
    lines.push({ name, against: 'a handler that reads one item of DynamoDB', unit: 'first answers/s', ...rounds });
    sizes.push([name, figure(bytes / 1_000), figure(bytes / leastBytes)]);
  }
  return { lines, sizes };
};

serve({}, async ({ rounds }: { readonly rounds: number }) => {
  const gate = await openGateOnAws();
  try {
    return await measure(gate, rounds);
  } finally {
    await gate.stop();
  }
});
