import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ROOT } from '../../support/projectFiles.ts';

const MAIN = `
import { text } from 'node:stream/consumers';
const { argv, pid, version } = process;
const [how] = argv.slice(2);
if (how === 'wait') {
  process.on('SIGTERM', () => process.exit(7));
  setInterval(() => undefined, 1000);
  console.log('waiting');
} else if (how === 'die') process.kill(pid, 'SIGKILL');
else {
  console.log(JSON.stringify({ version, arguments: argv.slice(2), input: await text(process.stdin) }));
  process.exitCode = 3;
}
`;
const OLD =
  "Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } }); Object.defineProperty(process, 'version', { value: 'v20.20.2' });";

/** Inside the project, so that its packages are found, but not in node_modules, where Node takes no TypeScript. */
const OUTPUT = join(ROOT, 'test/infra/cli/output');

const bundled = process.platform === 'linux' && ['x64', 'arm64'].includes(process.arch);

describe('the launcher of the command line', () => {
  let inside = '';
  let outside = '';

  const place = (folder: string): string => {
    cpSync(join(ROOT, 'infra/cli/aldergate.js'), join(folder, 'aldergate.js'));
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    writeFileSync(join(folder, 'main.ts'), MAIN);
    writeFileSync(join(folder, 'old.js'), OLD);
    return folder;
  };

  beforeAll(() => {
    mkdirSync(OUTPUT, { recursive: true });
    inside = place(mkdtempSync(join(OUTPUT, 'launcher-')));
    outside = place(mkdtempSync(join(tmpdir(), 'aldergate-launcher-')));
  });
  afterAll(() => {
    for (const folder of [inside, outside]) rmSync(folder, { recursive: true, force: true });
  });

  const start = (folder: string, isOld: boolean, ...words: string[]): ChildProcess =>
    spawn(process.execPath, [...(isOld ? ['--import', join(folder, 'old.js')] : []), join(folder, 'aldergate.js'), ...words]);

  const run = async (child: ChildProcess, input = '') => {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('a child without pipes');
    stdin.on('error', () => undefined);
    stdin.end(input);
    const [out, complaint, [code]] = await Promise.all([text(stdout), text(stderr), once(child, 'exit')]);
    return { out, complaint, code };
  };

  const settings = bundled ? [['a new Node', false] as const, ['an old Node', true] as const] : [['a new Node', false] as const];

  test.each(settings)('on %s passes arguments, input and the exit code, and adds no warning', async (_, isOld) => {
    const { out, complaint, code } = await run(start(inside, isOld, 'status', 'two words', '--json'), 'typed');
    expect(JSON.parse(out)).toMatchObject({
      arguments: ['status', 'two words', '--json'],
      input: 'typed',
      version: expect.stringMatching(/^v2[4-9]/),
    });
    expect(complaint).toBe('');
    expect(code).toBe(3);
  });

  test.each(settings)('on %s passes a signal on and waits for the end', async (_, isOld) => {
    const child = start(inside, isOld, 'wait');
    if (child.stdout === null) throw new Error('a child without pipes');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([7, null]);
  });

  test.runIf(bundled)('a main program that was killed is a failure', async () => {
    expect((await run(start(inside, true, 'die'))).code).toBe(137);
  });

  test('on an old Node with no other beside it, one line explains what to do', async () => {
    const { out, complaint, code } = await run(start(outside, true, 'status'));
    expect(out).toBe('');
    expect(complaint).toBe('aldergate: needs Node 24 or later (this is v20.20.2); get it from https://nodejs.org/en/download\n');
    expect(code).toBe(1);
  });
});
