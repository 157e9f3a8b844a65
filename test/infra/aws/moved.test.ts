import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { folderOfFile } from '../../support/folders.ts';
import type { actorsOf } from './support/actors.ts';
import { documentedCommands, operatorFolder, runDocumented } from './support/documented.ts';
import type { GateOnAws } from './support/gateOnAws.ts';
import { awsEnvironment } from './support/lambdas.ts';
import { decideOnMachine } from './support/machine.ts';
import { published, readiness, settle, withGateOnAws } from './support/opened.ts';

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});
const folder = operatorFolder(folderOfFile('operator'));

// With an interruption, and what follows it, is in test/prove/aws/rehearsed.test.ts.
test('a city moves from its machine into a stage that runs, by the documented commands: the same log, the same answers, nothing sent twice', async () => {
  const { itToken } = await decideOnMachine(folder);
  const identity = await generateX25519Identity();
  writeFileSync(join(folder, 'identity'), identity);
  writeFileSync(join(folder, 'cdk-outputs.json'), readFileSync(gate.deployment.outputsFile));
  await settle(gate);
  expect(await readiness(gate)).toMatchObject({ problems: [{ code: 'closed' }] });
  const moved = await runDocumented({
    folder,
    env: awsEnvironment(gate.cloud.endpointOf('operator')),
    commands: documentedCommands('export city.ndjson --move'),
    placeholders: { 'ROLE-ARN': 'arn:aws:iam::123456789012:role/it', RECIPIENT: await identityToRecipient(identity) },
  });
  expect(moved).toMatch(/imported \d+ commits and \d+ private records/);
  await settle(gate);
  const [before, after] = [
    readFileSync(join(folder, 'data/log/checkpoint'), 'utf8'),
    (await gate.request('GET', '/log/checkpoint')).body,
  ].map((checkpoint) => checkpoint.split('\n'));
  expect(after?.[0]).toBe(before?.[0]);
  const entries = await gate.request('GET', `/log/tile/entries/000.p/${after?.[1]}`);
  const own = readFileSync(join(folder, `data/log/tile/entries/000.p/${before?.[1]}`));
  expect(Buffer.from(entries.body, 'base64').subarray(0, own.length).equals(own)).toBe(true);
  actors.hasToken(itToken);
  expect(await actors.isOn('northcam.lpr')).toBe(true);
  expect(await readiness(gate)).toMatchObject({ status: 'ready' });
  expect([published(gate), gate.cloud.mails]).toEqual([[], []]);
});
