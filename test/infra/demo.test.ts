import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { endOfLocalDay, localDateOf } from '../../domain/kernel/zone.ts';
import type { DemoCity } from '../../infra/demo/city.ts';
import { CONTRACT_DAY, ENDED_DAY, play, story, TODAY } from '../../infra/demo/story.ts';
import { ROOT } from '../support/projectFiles.ts';

let folder = '';
let running: ReturnType<typeof start> | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aldergate-demo-test-'));
});

afterEach(async () => {
  running?.child.kill('SIGKILL');
  await running?.ended;
  if (existsSync(folder)) rmSync(folder, { recursive: true });
});

const start = () => {
  const env = { ...process.env, TMPDIR: folder };
  const child = spawn(process.execPath, ['infra/demo/main.ts'], { cwd: ROOT, env });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += String(chunk);
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const made = { child, said: () => out, complaints: text(child.stderr), ended };
  running = made;
  return made;
};

const found = (said: string, pattern: RegExp) => pattern.exec(said)?.[1] ?? expect.fail(`${pattern} is not in:\n${said}`);

const decide = async (link: string, fields: Readonly<Record<string, string>>) => {
  const page = await (await fetch(link, { headers: { accept: 'text/html' } })).text();
  const body = new URLSearchParams(fields);
  for (const [, name = '', value = ''] of page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g))
    if (!body.has(name)) body.set(name, value);
  return fetch(link, { method: 'POST', redirect: 'manual', headers: { origin: new URL(link).origin }, body });
};

const SEATS = [...Array.from({ length: 11 }, (_, index) => `district-${index + 1}`), 'at-large-a', 'at-large-b'];
const rollCall = (yes: number) => Object.fromEntries(SEATS.map((seat, index) => [`vote.${seat}`, index < yes ? 'yes' : 'no']));

const today = () => new Intl.DateTimeFormat('en-CA', { timeZone: 'America/Denver' }).format(Date.now());

describe('npm run demo', () => {
  test('plays the whole story, every step as it should be, then leaves one change waiting: clerk and mayor turn the answer from false to true', async () => {
    const demo = start();
    await expect.poll(demo.said).toContain('Ctrl-C');
    const said = demo.said();
    expect(said).toMatch(/All \d+ steps did what they should\.\nThe public log verifies: \d+ commits, .*\.\n/);
    expect(said).not.toContain('\u001b');
    const [, token = '', url = ''] = /^ {3}curl -s -X POST -H 'Authorization: Bearer (\S+)' (\S+)$/m.exec(said) ?? [];
    const ask = async () => (await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` } })).json();
    const clerk = found(said, /the clerk\.[^\n]*\n +(http\S+)/);
    const mayor = found(said, /the mayor\.[^\n]*\n +(http\S+)/);
    const site = found(said, /The register +(http\S+)/);

    expect((await fetch(site)).status).toBe(200);
    expect(await ask()).toMatchObject({ value: false, variant: 'pending' });

    const early = await decide(mayor, { decision: 'approve' });
    expect(early.status).toBe(422);
    const certificate = { purpose: 'adopt', fileNumber: 'R-1', meetingDate: today(), ...rollCall(7) };
    expect((await decide(clerk, certificate)).status).toBe(303);
    expect(await ask()).toMatchObject({ value: false, variant: 'pending' });

    expect((await decide(mayor, { decision: 'approve' })).status).toBe(303);
    expect(await ask()).toMatchObject({ value: true, variant: 'enabled' });

    demo.child.kill('SIGINT');
    expect(await demo.ended).toBe(0);
    expect(await demo.complaints).toBe('');
    expect(readdirSync(folder)).toEqual([]);
  });
});

test('a step that comes out otherwise is noticed', async () => {
  const [first] = story;
  if (first === undefined) throw new Error('a story without a step');
  const answer = { value: false, variant: first.is };
  const city = { ask: async () => answer, clock: { toDay: () => undefined }, settle: async () => undefined };
  await play(city as unknown as DemoCity, first);
  await expect(play(city as unknown as DemoCity, { ...first, is: 'enabled' })).rejects.toThrow(
    'the answer for northcam.lpr should be {"value":true,"variant":"enabled"} and is {"value":false,"variant":"unknown"}',
  );
});

test('the contract has ended on its day of the story, at whatever hour of a year the demo is played', () => {
  const hourMs = 3_600_000;
  for (let playedMs = Date.UTC(2026, 0, 1, 0, 3); playedMs < Date.UTC(2027, 0, 1); playedMs += hourMs) {
    const onDay = (day: number) => new Date(playedMs - (TODAY - day) * 24 * hourMs).toISOString();
    const end = endOfLocalDay(localDateOf(onDay(CONTRACT_DAY), 'America/Denver'), 'America/Denver');
    expect(end < onDay(ENDED_DAY), onDay(TODAY)).toBe(true);
  }
});
