import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDuration } from '../../domain/kernel/zone.ts';
import { freePort } from '../../infra/demo/city.ts';
import { ROOT, textOf } from '../support/projectFiles.ts';

const PATIENCE_MS = 600_000;
const POLL_MS = 100;
const IMAGE_BYTES_MAX = 200 * 1024;
const CHECKOUT = ['package.json', 'domain', 'functions', 'infra', 'node_modules'];
const BLOCK = /^<!-- run: (?<part>\w+) -->\n```bash\n(?<code>[\s\S]*?)^```$/gm;

const readme = textOf('README.md');

const blocksOf = (part: string, port: number) =>
  [...readme.matchAll(BLOCK)]
    .flatMap(({ groups }) => (groups?.part === part ? [groups.code ?? ''] : []))
    .join('\n')
    .replaceAll('8787', String(port));

describe('the commands of the README', { timeout: PATIENCE_MS }, () => {
  let folder = '';
  let port = 0;
  let server: ChildProcess | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aldergate-readme-'));
    for (const name of CHECKOUT) symlinkSync(join(ROOT, name), join(folder, name));
    // What npx finds in the checkout, without the start of npm for each command.
    const { bin } = JSON.parse(textOf('package.json'));
    const shim = `#!/bin/sh\n[ "$1" = aldergate ] || exit 127\nshift\nexec node '${join(ROOT, bin.aldergate)}' "$@"\n`;
    mkdirSync(join(folder, 'bin'));
    writeFileSync(join(folder, 'bin/npx'), shim, { mode: 0o755 });
    port = await freePort();
  });

  afterAll(async () => {
    if (server?.pid !== undefined && server.exitCode === null) {
      const ended = once(server, 'exit');
      process.kill(-server.pid, 'SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const bash = (code: string): ChildProcess =>
    spawn('bash', ['-c', `set -euo pipefail\n${code}`], {
      cwd: folder,
      detached: true,
      env: {
        ...process.env,
        PORT: String(port),
        XDG_STATE_HOME: join(folder, 'state'),
        PATH: [join(folder, 'bin'), join(ROOT, 'node_modules/.bin'), process.env.PATH].join(delimiter),
      },
    });

  const run = async (part: string): Promise<{ code: unknown; out: string; complaint: string }> => {
    const child = bash(blocksOf(part, port));
    if (child.stdout === null || child.stderr === null) throw new Error('a child without pipes');
    const [out, complaint, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    return { code, out, complaint };
  };

  test('every part is there', () => {
    expect([...readme.matchAll(BLOCK)].map(({ groups }) => groups?.part)).toEqual(['setup', 'server', ...Array(5).fill('story')]);
  });

  test('sets the gate up', async () => {
    const { code, complaint, out } = await run('setup');
    expect(code, complaint).toBe(0);
    expect(out).toContain('wrote aldergate.config.json');
  });

  test('starts it', async () => {
    server = bash(blocksOf('server', port));
    while (server.exitCode === null) {
      const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(POLL_MS);
    }
    throw new Error('the gate did not start');
  });

  test('a notice is pending, is approved by clerk and mayor, and then the answer to IT is true', async () => {
    const { code, out, complaint } = await run('story');
    expect(code, `${out}${complaint}`).toBe(0);
    const lines = out.trim().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ key: 'northcam', value: false, variant: 'pending' });
    expect(lines.slice(1, 3)).toEqual(['303', '303']);
    expect(JSON.parse(lines[3] ?? '')).toMatchObject({ key: 'northcam', value: true, variant: 'enabled' });
    expect(lines[4]).toMatch(/^northcam: ON \(enabled\)/);
    expect(out).toContain('change approved');
    expect(out).toMatch(/^verified 127\.0\.0\.1:\d+\/log: \d+ commits/m);
  });
});

test('the README is short, code included', () => {
  expect(readme.split(/\s+/).length).toBeLessThanOrEqual(1_400);
});

const operations = textOf('docs/operations.md');

test('each duration that an operator is told to give is one', () => {
  const given = [...operations.matchAll(/`--\w+ (P[0-9A-Z]+)`/g)].map(([, duration = '']) => duration);
  expect(given.length).toBeGreaterThan(1);
  expect(given.filter((duration) => parseDuration(duration) === undefined)).toEqual([]);
});

test('the picture is small enough to be loaded by everyone', () => {
  const { size } = statSync(join(ROOT, 'docs/images/register.png'));
  expect(size).toBeGreaterThan(10_000);
  expect(size).toBeLessThanOrEqual(IMAGE_BYTES_MAX);
});
