import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';

const MODULE = new URL('../../../infra/local/loops.ts', import.meta.url);

const program = (asked: string): string => `
  import { aborted, askedToEnd, outliveReaders } from ${JSON.stringify(MODULE.href)};
  outliveReaders();
  setInterval(() => process.stderr.write('a line\\n', (error) => console.log(error ? 'lost' : 'written')), 5);
  await aborted(${asked});
  process.exit(7);
`;
const start = (asked: string) => spawn(process.execPath, ['--input-type=module', '-e', program(asked)], { stdio: 'pipe' });

const comes = async (child: ReturnType<typeof start>, text: string): Promise<void> => {
  let printed = '';
  while (!printed.includes(text)) printed += String((await once(child.stdout, 'data'))[0]);
};

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s asks a process to end, which then ends by its own doing',
  async (name) => {
    const child = start('askedToEnd()');
    child.stderr.resume();
    await comes(child, 'written');
    child.kill(name);
    expect(await once(child, 'exit')).toEqual([7, null]);
  },
);

test('a process goes on when the reader of its log is gone', async () => {
  const child = start('askedToEnd()');
  child.stderr.destroy();
  await comes(child, 'lost');
  await comes(child, 'lost');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([7, null]);
});

test('a process that needs its reader is asked to end when it is gone', async () => {
  const child = start('askedToEnd(process.stdout)');
  child.stderr.resume();
  await comes(child, 'written');
  child.stdout.destroy();
  expect(await once(child, 'exit')).toEqual([7, null]);
});
