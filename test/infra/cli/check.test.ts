import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, describe, expect, test } from 'vitest';
import type { RowValue } from '../../../domain/observation/observedFile.ts';
import { reportParts } from '../../../infra/cli/commands/check.ts';
import { textOf } from '../../support/projectFiles.ts';
import { addVendor, beginPlace, placeOfFile, refused, writeIn } from '../local/cityProcess.ts';
import { cli } from '../local/process.ts';

const SEEN_AT = '2026-05-01T00:00:00.000Z';

const place = await placeOfFile();
/** Writes a file, as it was seen at {@link SEEN_AT}. */
const file = (name: string, content: unknown) => {
  const path = writeIn(place, name, content);
  utimesSync(path, Date.parse(SEEN_AT) / 1000, Date.parse(SEEN_AT) / 1000);
  return path;
};
const check = (path: string, ...more: readonly string[]) => cli(place, 'check', '--vendor', 'acme', '--observed', path, ...more);

/** Reads what the store has, as no code of the gate does. */
const posted = (): readonly { readonly features: Readonly<Record<string, unknown>> }[] => {
  const database = new DatabaseSync(join(place.folder, 'data/aldergate.db'), { readOnly: true });
  const rows = database.prepare("SELECT bytes FROM commits WHERE stream LIKE 'observation/%' ORDER BY seq").all();
  database.close();
  return rows.flatMap(({ bytes }) => JSON.parse(Buffer.from(bytes as Uint8Array).toString()).events);
};

beforeAll(async () => {
  await beginPlace(place);
  await addVendor(place, 'acme');
});

describe('a check', () => {
  test('whose lines are all well prints nothing: exit code 0; run again, it adds nothing', async () => {
    const path = file('well.csv', 'key,on\nacme.lpr,off\nacme.search,no\n');
    for (const _ of [1, 2]) expect(await check(path)).toStrictEqual({ code: 0, stdout: '', stderr: '' });
    expect(posted()).toMatchObject([
      { source: 'check', observedAt: SEEN_AT, features: { 'acme.lpr': false, 'acme.search': false }, evidence: null },
    ]);
  });

  test('prints one line for what may not be on: exit code 1, the same again', async () => {
    const path = file('drift.csv', 'key;on;version\nacme.search;sí;2\nacme.lpr;off;\n');
    const line = `acme.search: on without permission since ${SEEN_AT}: it was never announced\n`;
    for (const _ of [1, 2]) expect(await check(path, '--source', 'portal')).toStrictEqual({ code: 1, stdout: line, stderr: '' });
    expect(posted().slice(1)).toMatchObject([
      { source: 'portal', features: { 'acme.search': { on: true, version: '2' }, 'acme.lpr': false } },
    ]);
    const json = await check(path, '--source', 'portal', '--json');
    expect(JSON.parse(json.stdout)).toMatchObject({
      drift: [{ key: 'acme.search', kind: 'never-announced', since: SEEN_AT, seen: { on: true, version: '2' } }],
      closed: [],
      profile: 'plain-csv',
      bad: [],
    });
  });

  test('names each bad line and reports the rest: exit code 1', async () => {
    const before = posted().length;
    const path = file('bad.csv', 'key,Colour,on\nacme.a,red,off\nacme.b,red,maybe\nwest.a,red,on\n\u001b[2J,red,on\n');
    expect(await check(path)).toStrictEqual({
      code: 1,
      stdout: [
        'not read: "Colour" means nothing to the profile plain-csv',
        'line 3: not read, acme.b: "maybe" says neither on nor off',
        'line 4: not read: west.a is not a feature of acme',
        'line 5: not read: "\uFFFD[2J" is not the key of a feature',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(posted().slice(before)).toMatchObject([{ features: { 'acme.a': false } }]);
    expect(await check(file('unknown.csv', 'key,Colour,on\nacme.a,red,off\n'))).toMatchObject({ code: 0 });
    const many = await check(file('many.csv', `key,on\n${'acme.a,maybe\n'.repeat(80)}`));
    expect(many.stdout.trimEnd().split('\n').slice(-2)).toStrictEqual([
      'line 51: not read, acme.a: "maybe" says neither on nor off',
      'and 30 more lines that cannot be read',
    ]);
  });

  test('of a file that cannot be read at all is refused in one line', async () => {
    const before = posted().length;
    const path = file('refused.csv', 'key,on\n');
    const stderr = `aldergate: ${path}: the file has no rows: nothing was observed\n`;
    expect(await check(path)).toStrictEqual({ code: 1, stdout: '', stderr });
    expect(posted()).toHaveLength(before);
  });

  test('at a path that leads nowhere is refused in one line', async () => {
    const loop = file('loop', '');
    rmSync(loop);
    symlinkSync(loop, loop);
    for (const [path, why] of [
      [loop, 'too many symbolic links encountered'],
      [`${loop}${'x'.repeat(300)}`, 'name too long'],
    ] as const)
      expect(await check(path)).toMatchObject(refused(new RegExp(`^aldergate: .+ cannot be read: ${why}\n$`)));
  });

  test.each([
    ['--vendor is missing', ['--observed', 'x.csv']],
    ['--observed is missing', ['--vendor', 'acme']],
    ['--vendor: Acme Inc is not the id of a vendor', ['--vendor', 'Acme Inc', '--observed', 'x.csv']],
    ['--source is not one line of at most 60 characters', ['--vendor', 'acme', '--observed', 'x.csv', '--source', 'a\nb']],
  ])('%s: exit code 2', async (message, words) => {
    expect(await cli(place, 'check', ...words)).toStrictEqual({
      code: 2,
      stdout: '',
      stderr: `aldergate: ${message}\nSee aldergate check --help.\n`,
    });
  });
});

describe('a dry run', () => {
  test('prints what it makes of each line and what it would post, and posts nothing, without a gate', async () => {
    const away = { ...place, env: { ...place.env, ALDERGATE_DATA: join(place.folder, 'nowhere') } };
    const path = file('dry.csv', 'key,on,agencies\nacme.b,on,Police;Fire\nacme.a,no,\nacme.c,maybe,\n');
    expect(await cli(away, 'check', '--vendor', 'acme', '--observed', path, '--dry-run')).toStrictEqual({
      code: 1,
      stdout: [
        `profile plain-csv; source check; observed at ${SEEN_AT}`,
        'line 2: acme.b is on, for Police, Fire',
        'line 3: acme.a is off',
        'line 4: not read, acme.c: "maybe" says neither on nor off',
        'nothing was posted; without --dry-run: 2 features of 3 rows, in 1 report',
        `{"vendor":"acme","source":"check","observedAt":"${SEEN_AT}","features":{"acme.a":false,"acme.b":{"on":true,"agencies":["Police","Fire"]}}}`,
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(existsSync(join(place.folder, 'nowhere'))).toBe(false);
  });

  test('names the source: the option, else the profile’s; and the file as evidence where the profile has a title', async () => {
    const profile = file('named.json', { format: 'csv', key: 'key', on: 'on', source: 'nightly', title: 'Export' });
    const path = file('dry.csv', 'key,on\nacme.a,no\n');
    const dry = async (...more: readonly string[]) =>
      JSON.parse((await check(path, '--dry-run', '--json', ...more)).stdout).posts;
    const sha256 = createHash('sha256').update('key,on\nacme.a,no\n').digest('hex');
    expect(await dry('--profile', profile)).toMatchObject([{ source: 'nightly', evidence: { title: 'Export', sha256 } }]);
    expect(await dry('--profile', profile, '--source', 'portal')).toMatchObject([{ source: 'portal' }]);
  });
});

describe('profiles', () => {
  test('of the data folder are found by the header; one that is broken is refused at its place', async () => {
    const folder = join(place.folder, 'data', 'profiles');
    mkdirSync(folder);
    const keys = { 'Lookup of all cities': 'acme.lookup' };
    const own = { format: 'csv', key: 'Setting', on: 'State', keys, values: { on: ['Live'], off: ['Idle'] } };
    writeFileSync(join(folder, 'portal.json'), JSON.stringify(own));
    const path = file('export.csv', 'Setting;State\nLookup of all cities;Live\nNew;Live\n');
    expect(await check(path)).toMatchObject({
      code: 1,
      stdout: [
        `acme.lookup: on without permission since ${SEEN_AT}: it was never announced`,
        'line 3: not read: the profile has no key for "New"',
        '',
      ].join('\n'),
    });
    writeFileSync(join(folder, 'broken.json'), JSON.stringify({ ...own, values: { on: ['Live'], off: ['live'] } }));
    const broken = `aldergate: ${join(folder, 'broken.json')}: /values/off/0 stands among the words for on, too\n`;
    expect(await check(path)).toMatchObject({ code: 1, stderr: broken });
    expect(await check(path, '--profile', join(folder, 'portal.json'))).toMatchObject({ code: 1, stderr: '' });
    rmSync(folder, { recursive: true });
  });
});

test('more than a thousand features are posted in parts', async () => {
  const keys = Array.from({ length: 2_500 }, (_, n) => `acme.f${n}`);
  const path = file('large.csv', `key,on\n${keys.map((key) => `${key},${key === 'acme.f2400' ? 'on' : 'off'}\n`).join('')}`);
  const before = posted().length;
  const drift = `acme.f2400: on without permission since ${SEEN_AT}: it was never announced\n`;
  expect(await check(path)).toMatchObject({ code: 1, stdout: drift });
  const parts = posted()
    .slice(before)
    .map(({ features }) => Object.keys(features));
  expect(parts.map(({ length }) => length)).toStrictEqual([1_000, 1_000, 500]);
  expect(parts.flat().toSorted()).toStrictEqual(keys.toSorted());
});

test('a part has at most the bytes that the gate takes', () => {
  const head = { vendor: 'acme', source: 'ü'.repeat(60), observedAt: SEEN_AT };
  const wide: RowValue = { on: true, agencies: Array.from({ length: 40 }, (_, n) => `${n}`.padStart(80, 'é')) };
  const features = new Map(Array.from({ length: 1_200 }, (_, n) => [`acme.f${n}`, n % 100 === 0 ? wide : { on: false }]));
  const parts = reportParts(head, features);
  expect(parts.length).toBeGreaterThan(2);
  expect(parts.flatMap((part) => Object.entries(part.features))).toStrictEqual(
    [...features].map(([key, seen]) => [key, seen.on ? seen : false]),
  );
  for (const part of parts) expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThanOrEqual(48 * 1024);
  expect(reportParts(head, new Map())).toStrictEqual([]);
});

const chapter = textOf('docs/reporting.md');
const FILE = /^<!-- file: (?<name>\S+) -->\n```\w+\n(?<content>[\s\S]*?)^```$/gm;
const CONSOLE = /^<!-- console -->\n```\n\$ aldergate (?<command>.*)\n(?<output>[\s\S]*?)^```$/gm;

const consoles = [...chapter.matchAll(CONSOLE)].map(({ groups }) => [groups?.command ?? '', groups?.output ?? ''] as const);

const town = await placeOfFile();

beforeAll(async () => {
  for (const { groups } of chapter.matchAll(FILE)) {
    const path = writeIn(town, groups?.name ?? '', groups?.content ?? '');
    const seen = Date.parse('2026-11-28T06:00:00Z') / 1000;
    utimesSync(path, seen, seen);
  }
  await beginPlace(town);
  await addVendor(town, 'northcam');
});

test('each of three runs prints what the chapter shows', async () => {
  expect(consoles).toHaveLength(3);
  for (const [command, stdout] of consoles)
    expect(await cli(town, ...command.split(' '))).toStrictEqual({ code: 1, stdout, stderr: '' });
});
