import { rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../support/projectFiles.ts';
import { cli, makePlace, type Place } from '../local/process.ts';

const chapter = textOf('docs/reporting.md');
const FILE = /^<!-- file: (?<name>\S+) -->\n```\w+\n(?<content>[\s\S]*?)^```$/gm;
const CONSOLE = /^<!-- console -->\n```\n\$ aldergate (?<command>.*)\n(?<output>[\s\S]*?)^```$/gm;

const consoles = [...chapter.matchAll(CONSOLE)].map(({ groups }) => [groups?.command ?? '', groups?.output ?? ''] as const);

let place: Place;

beforeAll(async () => {
  place = await makePlace();
  for (const { groups } of chapter.matchAll(FILE)) {
    const path = join(place.folder, groups?.name ?? '');
    writeFileSync(path, groups?.content ?? '');
    const seen = Date.parse('2026-11-28T06:00:00Z') / 1000;
    utimesSync(path, seen, seen);
  }
  await cli(place, 'init');
  await cli(place, 'roster', 'set', 'roster.json');
  await cli(place, 'policy', 'adopt', 'policy.json');
  await cli(place, 'vendor', 'add', 'northcam', '--name', 'Northcam');
});
afterAll(() => rmSync(place.folder, { recursive: true, force: true }));

test('the chapter shows three runs', () => expect(consoles).toHaveLength(3));

test.each(consoles)('%s prints what the chapter shows', async (command, output) => {
  expect(await cli(place, ...command.split(' '))).toStrictEqual({ code: 1, stdout: output, stderr: '' });
});
