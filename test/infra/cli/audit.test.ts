import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { evaluate } from '../../../domain/feature/evaluate.ts';
import { featureJson } from '../../../functions/register/views/featureJson.ts';
import { folderOfFile } from '../../support/folders.ts';
import { answering } from '../../support/listening.ts';
import { beginPlace, placeOfFile, printed, refused } from '../local/cityProcess.ts';
import { cli } from '../local/process.ts';

const HEAD = 'ID,Name,Org Name,Time Frame,License Plate,Reason,Search Time,Search Type';
/** What stands in the rows and may never be seen in a report. */
const PRIVATE = ['Marked Officer', 'XYZ1234', 'marked reason', 'Marked Agency', 'marked-id'];
const ROW = 'marked-id,Marked Officer,Marked Agency,"a\nb",XYZ1234,marked reason XYZ1234,"06/18/2025, 01:02:03 PM UTC",freeform';

const place = await placeOfFile();
beforeAll(() => beginPlace(place));
const folder = folderOfFile('audit');
const file = (name: string, content: string | Uint8Array) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const map = (content: unknown) => file('map.json', typeof content === 'string' ? content : JSON.stringify(content));
const withMap = (content: unknown) => ['--vendor', 'acme', '--map', map(content)];

test('a type of search whose feature is not approved is flagged by its line: exit code 1, and no cell of any row is shown', async () => {
  const path = file('a.csv', `\uFEFF${HEAD}\n${ROW}\n${HEAD}\n${ROW}\n`);
  const words = ['audit', 'access', path, ...withMap({ searchTypes: { freeform: 'acme.lpr.freeform' } })];
  const [text, json] = [await cli(place, ...words), await cli(place, ...words, '--json')];
  expect([text.code, json.code]).toStrictEqual([1, 1]);
  expect(JSON.parse(json.stdout).flagged).toMatchObject([
    { code: 'feature-off', key: 'acme.lpr.freeform', rows: 2, lines: [2, 5] },
  ]);
  for (const secret of PRIVATE) expect(`${text.stdout}${text.stderr}${json.stdout}`).not.toContain(secret);
});

test.each([
  ['semicolons', ';'],
  ['tabs', '\t'],
])('an export that a spreadsheet saved with %s is read as the one with commas', async (_name, between) => {
  const row = 'id,"Officer; first\tclass",Org,t,,r,2025-06-18 10:00,freeform'.replaceAll(',', between);
  const path = file('between.csv', `\uFEFF${HEAD.replaceAll(',', between)}\r\n${row}\r\n`);
  const done = await cli(place, 'audit', 'access', path, ...withMap({ searchTypes: { freeform: 'acme.lpr.freeform' } }));
  expect(done).toMatchObject(printed('acme.lpr.freeform: 1 row, line 2', 1));
  expect(done.stdout).toContain('1 search, ');
});

test('a file that is not there, or no file, is refused with the reason', async () => {
  for (const command of [
    ['audit', 'access'],
    ['check', '--vendor', 'acme', '--observed'],
  ]) {
    expect(await cli(place, ...command, join(folder, 'none.csv'))).toMatchObject(
      refused('cannot be read: no such file or directory\n'),
    );
    expect(await cli(place, ...command, folder)).toMatchObject(refused('cannot be read: it is a folder'));
  }
});

test('without a map and a vendor nothing is held against an approval, and nothing says that all is well', async () => {
  const done = await cli(place, 'audit', 'access', file('free.csv', `${HEAD}\n${ROW}\n`));
  expect(done).toMatchObject(printed('nothing was compared: without --vendor, and with no type in --map, no row has a feature'));
  expect(done.stdout).not.toContain('nothing is flagged');
  const misfit = await cli(place, 'audit', 'access', file('free.csv', `${HEAD}\n${ROW}\nshort\n`));
  expect(misfit).toMatchObject(printed('nothing was compared: ', 1));
});

test('a row is held against its own day, not against what begins when that is over', async () => {
  const asked = new Set<string>();
  const url = await answering((request, response) => {
    const at = new URL(request.url ?? '', 'http://gate').searchParams.get('at') ?? '';
    asked.add(at);
    const facts = { state: null, approvals: [], asOf: at, checkpoint: undefined };
    const off = featureJson('acme.lpr', evaluate('acme.lpr', [], {}, at), facts);
    const answer = { ...off, enabled: at.startsWith('2025-06-18') };
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer));
  });
  const words = ['audit', 'access', file('d.csv', `${HEAD}\n${ROW}\n`), ...withMap({ searchTypes: { freeform: 'acme.lpr' } })];
  const done = await cli(place, ...words, '--url', url, '--token', 'ald_x');
  expect(done).toMatchObject(printed('nothing is flagged'));
  expect(done.stdout).not.toContain('flagged:');
  expect(asked).toEqual(new Set(['2025-06-18T00:00:00.000Z', '2025-06-18T23:59:59.999Z']));
});

test('an export of settings', async () => {
  const rows = 'Timestamp,User,Event Type,Entity Type,Entity Details,Event Id\n2025-06-18 10:00:00,u,update,networkShare,d,1\n';
  const path = file('s.csv', rows);
  expect((await cli(place, 'audit', 'settings', path)).code).toBe(0);
  const mapped = await cli(place, 'audit', 'settings', path, '--map', map({ entityTypes: { networkShare: 'acme.sharing' } }));
  expect([mapped.code, mapped.stdout]).toStrictEqual([1, expect.stringContaining('acme.sharing: 1 row, line 2')]);
});

test.each<[string, string, () => readonly string[], number, string]>([
  ['a quote that is never closed', `${HEAD}\n"${'x\n'.repeat(100)}`, () => [], 1, 'line 2: a quote'],
  ['no export', 'a,b\n1,2\n', () => [], 1, 'line 1: this is no header'],
  ['nothing', '', () => [], 1, 'holds no row'],
  ['a vendor that is none', HEAD, () => ['--vendor', 'A!'], 2, ''],
  ['one argument too many', HEAD, () => ['b.csv'], 2, 'too many'],
  ['a map that is no JSON', HEAD, () => withMap('{'), 1, 'map.json: the file ends'],
  ['a map with a key that is none', HEAD, () => withMap({ searchTypes: { freeform: 'NO KEY' } }), 2, '--map'],
  ["a map with another vendor's key", HEAD, () => withMap({ searchTypes: { freeform: 'other.lpr' } }), 2, 'other.lpr'],
])('%s is refused, and nothing of the file is shown', async (_name, content, more, code, said) => {
  const done = await cli(place, 'audit', 'access', file('h.csv', content), ...more());
  expect(done).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(said) });
});
