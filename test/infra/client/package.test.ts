import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { listening, story } from '../../functions/web/api/ofrep/story.ts';
import { folderOfTest } from '../../support/folders.ts';
import { ROOT } from '../../support/projectFiles.ts';

const run = promisify(execFile);

const consumer = async (): Promise<string> => {
  const folder = folderOfTest('client');
  await run('npm', ['pack', '--pack-destination', folder, '--loglevel', 'error'], { cwd: ROOT });
  const [tarball = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'));
  const installed = join(folder, 'node_modules', 'aldergate');
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1']);
  return folder;
};

const PROGRAM = `
import { failClosedGate, heldGate } from 'aldergate/client';
const [url, token] = process.argv.slice(2);
const gate = failClosedGate({ url, token });
const away = failClosedGate({ url: 'http://127.0.0.1:1', token });
const held = heldGate({ url, token, keys: ['acme', 'acme.lpr'] });
await held.refresh();
const holds = [held.isOn('acme'), held.isOn('acme.lpr')];
held.close();
console.log(JSON.stringify([await gate.isEnabled('acme'), await gate.ask('acme.lpr'), await away.ask('acme'), holds, held.isOn('acme')]));
`;

const TYPED = `
import { failClosedGate, type GateAnswer, type HeldGate, heldGate } from 'aldergate/client';
const answer: GateAnswer = await failClosedGate({ url: 'https://gate.example', token: 'ald_x' }).ask('acme', { agency: 'police' });
export const enabled: boolean = answer.enabled;
export const held: HeldGate = heldGate({ url: 'https://gate.example', token: 'ald_x', keys: ['acme'], onChange: () => undefined });
`;

test('the package has a compiled, typed client that asks a real gate', async () => {
  const folder = await consumer();
  const { world, token, on } = await story();
  await on('acme');
  const url = await listening(world);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
  writeFileSync(join(folder, 'ask.js'), PROGRAM);
  writeFileSync(join(folder, 'typed.ts'), TYPED);
  const { stdout } = await run(process.execPath, ['ask.js', url, token], { cwd: folder });
  expect(JSON.parse(stdout)).toStrictEqual([
    true,
    { enabled: false, because: 'unknown' },
    { enabled: false, because: 'unreachable' },
    [true, false],
    false,
  ]);
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--lib', 'es2024,dom', '--types', ''];
  await run(join(ROOT, 'node_modules', '.bin', 'tsc'), [...options, 'typed.ts'], { cwd: folder });
});
