import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseProfile } from '../../../domain/observation/observedFile.ts';
import { profilesIn, readObserved, readProfile } from '../../../infra/cli/observedFile.ts';
import { folderOfFile, folderOfTest } from '../../support/folders.ts';

const folder = folderOfFile('observed');
const NO_PROFILES = { given: undefined, own: [] };

const written = (content: unknown, name = 'seen') => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content));
  return path;
};
const profile = (content: unknown) => readProfile(written(content, 'profile.json'));
const read = (content: unknown, given?: unknown) =>
  readObserved(written(content), 'acme', { ...NO_PROFILES, given: given === undefined ? undefined : profile(given) });

const features = (content: unknown, given?: unknown) => Object.fromEntries(read(content, given).features);
const bad = (content: unknown, given?: unknown) => read(content, given).bad.map(({ place, reason }) => `${place}: ${reason}`);

const ON_OFF = { 'acme.a': { on: true }, 'acme.b': { on: false } };

describe('the plain CSV file', () => {
  test.each<[string, string | Uint8Array]>([
    ['commas', 'key,on\nacme.a,yes\nacme.b,no\n'],
    ['semicolons', 'key;on\nacme.a;yes\nacme.b;no\n'],
    ['tabs', 'key\ton\nacme.a\tyes\nacme.b\tno\n'],
    ['the mark and the line ends of Excel', '\uFEFFkey;on\r\nacme.a;yes\r\nacme.b;no\r\n'],
    ['the delimiter in a line of its own', 'sep=;\r\nkey;on\r\nacme.a;yes\r\nacme.b;no\r\n'],
    ['quotes', '"key","on"\n"acme.a","yes"\n"acme.b","no"\n'],
    ['quoted semicolons', '"key";"on"\n"acme.a";"yes"\n"acme.b";"no"'],
    ['another case and blanks', ' Key , ON \n acme.a , YES \n acme.b , No \n'],
    ['another order', 'on,key\nyes,acme.a\nno,acme.b'],
    ['blank lines, and its header again', '\n,\nkey,on\nacme.a,yes\n\nKEY,On\nacme.b,no\n,\n'],
    ['blank cells beyond its header', 'key,on\nacme.a,yes,,\nacme.b,no,\n'],
    ['a line twice', 'key,on\nacme.a,yes\nacme.b,no\nacme.a,on\n'],
    ['empty columns that are optional', 'key,on,agencies,version\nacme.a,yes,,\nacme.b,no,,\n'],
    ['what it says of a feature that is off', 'key,on,agencies,version\nacme.a,yes,,\nacme.b,no,Police,2\n'],
  ])('with %s', (_name, content) => {
    expect(features(content)).toStrictEqual(ON_OFF);
    expect(read(content)).toMatchObject({ name: 'plain-csv', bad: [], unknown: [], aside: 0 });
  });

  test.each([
    [true, ['yes', 'Yes', 'on', 'TRUE', '1', 'sí', 'SÍ', 'si\u0301', 'Si', 'activado', 'Encendido', 'VERDADERO']],
    [true, ['activada', 'Encendida', 'VERDADERA']],
    [false, ['no', 'NO', 'off', 'False', '0', 'desactivado', 'Apagado', 'FALSO']],
    [false, ['desactivada', 'Apagada', 'FALSA']],
  ])('takes the words for %s in both languages', (on, words) => {
    for (const word of words) expect(features(`key,on\nacme.a,${word}\n`), word).toStrictEqual({ 'acme.a': { on } });
  });

  test('says for whom, and in which version', () => {
    expect(features('key,on,agencies,version\nacme.a,on,Police; Fire ;Police,2026.3\nacme.b,on,"Parks, Roads",\n')).toStrictEqual(
      {
        'acme.a': { on: true, agencies: ['Police', 'Fire'], version: '2026.3' },
        'acme.b': { on: true, agencies: ['Parks, Roads'] },
      },
    );
    expect(features('key;on;agencies\nacme.a;on;"Police;Fire"\n')).toStrictEqual({
      'acme.a': { on: true, agencies: ['Police', 'Fire'] },
    });
  });

  test('each bad line has its number and reason, and the rest counts', () => {
    const file = [
      'key,on,agencies,version',
      'acme.a,yes,,',
      'acme.b,maybe,,',
      'acme.c,,,',
      ',yes,,',
      'west.a,yes,,',
      'Acme A,yes,,',
      'acme.d,yes,Police,Fire,2',
      'acme.e,yes',
      '"acme\n.f",yes,,',
      'acme.g,yes,Police;;Fire,',
      `acme.h,yes,,${'x'.repeat(101)}`,
      `acme.i,${'ä'.repeat(99)},,`,
      'acme.j,\u0000,,',
      'acme.k,=TRUE(),,',
      'acme.b2,no,,',
    ].join('\n');
    expect(bad(file)).toStrictEqual([
      'line 3: "maybe" says neither on nor off',
      'line 4: says neither on nor off',
      'line 5: names no feature',
      'line 6: west.a is not a feature of acme',
      'line 7: "Acme A" is not the key of a feature',
      'line 8: has 5 cells, and the header 4',
      'line 9: has 2 cells, and the header 4',
      'line 10: "acme\n.f" is not the key of a feature',
      'line 12: "" is not the name of an agency',
      'line 13: the version is not one line of text',
      `line 14: "${'ä'.repeat(40)}…" says neither on nor off`,
      'line 15: "\u0000" says neither on nor off',
      'line 16: "=TRUE()" says neither on nor off',
    ]);
    expect(features(file)).toStrictEqual({ 'acme.a': { on: true }, 'acme.b2': { on: false } });
  });

  test('lines of one key that contradict each other are bad, and so is an off beside a line that cannot be read', () => {
    const file = 'key,on\nacme.a,on\nacme.b,off\nacme.a,off\nacme.b,maybe\nacme.c,maybe\nacme.c,on\n';
    expect(bad(file)).toStrictEqual([
      'line 2: the lines of acme.a contradict each other',
      'line 3: another line of acme.b cannot be read',
      'line 4: the lines of acme.a contradict each other',
      'line 5: "maybe" says neither on nor off',
      'line 6: "maybe" says neither on nor off',
    ]);
    expect(features(file)).toStrictEqual({ 'acme.c': { on: true } });
    expect(bad('key,on,version\nacme.a,on,1\nacme.a,on,2\n')).toHaveLength(2);
    expect(bad('key,on,agencies\nacme.a,on,A;B\nacme.a,on,B;A\n')).toStrictEqual([]);
  });

  test('an off beside a line whose cells cannot be told apart and that names the same key counts as little', () => {
    const file =
      'key,on,agencies\nacme.a,no,\nacme.a,yes,Police, Fire, Parks\nacme.b,no,\nacme.b\nacme.c,no,\nacme.d,yes,Police, Fire\n';
    expect(bad(file)).toStrictEqual([
      'line 2: another line of acme.a cannot be read',
      'line 3: has 5 cells, and the header 3',
      'line 4: another line of acme.b cannot be read',
      'line 5: has 1 cell, and the header 3',
      'line 7: has 4 cells, and the header 3',
    ]);
    expect(features(file)).toStrictEqual({ 'acme.c': { on: false } });
  });

  test('unknown columns are reported', () => {
    expect(read('key,Colour,on,,Since\nacme.a,red,on,,today\n')).toMatchObject({ unknown: ['Colour', 'Since'], bad: [] });
  });

  test('any table is read back as it was written', () => {
    const text = fc
      .stringMatching(/^[A-Za-zÀ-ÿ",0-9][A-Za-zÀ-ÿ", 0-9]{0,20}[A-Za-zÀ-ÿ"0-9]$/)
      .map((each) => each.normalize('NFC'));
    const seen = fc.oneof(
      fc.constant({ on: false }),
      fc.record(
        { on: fc.constant(true), agencies: fc.uniqueArray(text, { minLength: 1, maxLength: 5 }), version: text },
        { requiredKeys: ['on'], noNullPrototype: true },
      ),
    );
    const key = fc.stringMatching(/^[a-z0-9-]{1,10}(\.[a-z0-9-]{1,10}){0,3}$/).map((rest) => `acme.${rest}`);
    const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
    const needed = (cell: string, delimiter: string) => (/["\r\n]/.test(cell) || cell.includes(delimiter) ? quoted(cell) : cell);
    const table = fc.dictionary(key, seen, { minKeys: 1, maxKeys: 30, noNullPrototype: true });
    const layout = fc.record({
      delimiter: fc.constantFrom(',', ';', '\t'),
      end: fc.constantFrom('\n', '\r\n', '\r'),
      mark: fc.constantFrom('', '\uFEFF'),
      isQuoted: fc.boolean(),
      on: fc.constantFrom('yes', 'Sí', 'TRUE', '1'),
      off: fc.constantFrom('no', 'FALSO', 'Off', '0'),
    });
    fc.assert(
      fc.property(table, layout, (rows, { delimiter, end, mark, isQuoted, on, off }) => {
        const lines = Object.entries(rows).map(([name, row]) => {
          const { agencies = [], version = '' } = 'agencies' in row || 'version' in row ? row : {};
          return [name, row.on ? on : off, agencies.join(';'), version];
        });
        const cells = [['key', 'on', 'agencies', 'version'], ...lines];
        const write = (cell: string) => (isQuoted ? quoted(cell) : needed(cell, delimiter));
        const file = `${mark}${cells.map((line) => line.map(write).join(delimiter)).join(end)}${end}`;
        expect(bad(file)).toStrictEqual([]);
        expect(features(file)).toStrictEqual(rows);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the plain JSON file', () => {
  const body = { 'acme.a': true, 'acme.b': { on: false } };
  test.each<[string, unknown]>([
    ['the body of a report', { vendor: 'acme', source: 'x', observedAt: '2026-05-01T00:00:00Z', features: body, note: 'x' }],
    ['its features', { features: body }],
    [
      'a list',
      [
        { key: 'acme.a', on: 'Yes' },
        { key: 'acme.b', on: 0 },
      ],
    ],
    ['a byte-order mark', `\uFEFF\n ${JSON.stringify({ features: body })}`],
  ])('of %s', (_name, content) => {
    expect(features(content)).toStrictEqual(ON_OFF);
    expect(read(content).unknown).toStrictEqual([]);
  });

  test('says for whom, and in which version', () => {
    expect(features({ features: { 'acme.a': { on: true, agencies: ['Police', 'Fire; Rescue'], version: '2' } } })).toStrictEqual({
      'acme.a': { on: true, agencies: ['Police', 'Fire; Rescue'], version: '2' },
    });
    expect(features([{ key: 'acme.a', on: true, agencies: 'Police; Fire', version: null }])).toStrictEqual({
      'acme.a': { on: true, agencies: ['Police', 'Fire'] },
    });
  });

  test('its own time is that of the observation, else that of the file is', () => {
    expect(read({ observedAt: '2026-05-01T02:00:00+02:00', features: body }).observedAt).toBe('2026-05-01T02:00:00+02:00');
    const path = written('key,on\nacme.a,on\n');
    utimesSync(path, 0, Date.parse('2026-04-01T00:00:00Z') / 1000);
    expect(readObserved(path, 'acme', NO_PROFILES).observedAt).toBe('2026-04-01T00:00:00.000Z');
  });

  test('each bad entry has its place and reason, unknown members are reported', () => {
    const file = {
      features: {
        'acme.a': true,
        'acme.b': null,
        'acme.c': {},
        'acme/d': true,
        'acme.e': { on: [true] },
        'acme.f': { on: true, agencies: [1] },
        'acme.g': { on: true, agencies: [] },
        'acme.h': { on: true, version: ['1'], colour: 1 },
      },
      colours: [],
    };
    expect(bad(file)).toStrictEqual([
      '/features/acme.b: says neither on nor off',
      '/features/acme.c: says neither on nor off',
      '/features/acme~1d: "acme/d" is not the key of a feature',
      '/features/acme.e: says neither on nor off',
      '/features/acme.f: the agencies are no list of texts',
      '/features/acme.g: 0 agencies are named',
      '/features/acme.h: the version is not one line of text',
    ]);
    expect(read(file).unknown).toStrictEqual(['colours', 'colour']);
    expect(features(file)).toStrictEqual({ 'acme.a': { on: true } });
  });
});

describe('a profile', () => {
  const EXPORT = 'Setting;State;Shared with\nNationwide lookup;Enabled;All | Police\nDark theme;Enabled;\nNew search;Disabled;\n';
  const PROFILE = {
    format: 'csv',
    key: 'setting',
    on: 'STATE',
    agencies: 'Shared with',
    separator: '|',
    keys: { 'Nationwide lookup': 'acme.lookup', 'Dark theme': null },
    values: { on: ['enabled'], off: ['disabled'] },
  };

  test('says what names and values mean; a name it does not know is a bad line', () => {
    const file = read(EXPORT, PROFILE);
    expect(Object.fromEntries(file.features)).toStrictEqual({ 'acme.lookup': { on: true, agencies: ['All', 'Police'] } });
    expect(file).toMatchObject({ name: 'profile', aside: 1 });
    expect(bad(EXPORT, PROFILE)).toStrictEqual(['line 4: the profile has no key for "New search"']);
    expect(bad(EXPORT, { ...PROFILE, keys: undefined, values: { on: ['x'], off: ['y'] } })).toHaveLength(3);
  });

  test('joins the rows of one key where any on means on', () => {
    const cameras = {
      format: 'csv',
      key: 'camera',
      on: 'on',
      agencies: 'for',
      version: 'v',
      keys: { c1: 'acme.x', c2: 'acme.x', c3: 'acme.y' },
      sameKey: 'any',
    };
    expect(features('camera,on,for,v\nc1,off,A,1\nc2,on,B,2\nc3,off,,\n', cameras)).toStrictEqual({
      'acme.x': { on: true, agencies: ['B'], version: '2' },
      'acme.y': { on: false },
    });
    expect(features('camera,on,for,v\nc1,on,A,2\nc2,on,B;A,2\n', cameras)).toStrictEqual({
      'acme.x': { on: true, agencies: ['A', 'B'], version: '2' },
    });
    expect(features('camera,on,for,v\nc1,on,A,\nc2,on,,\n', cameras)).toStrictEqual({ 'acme.x': { on: true } });
    expect(bad('camera,on,for,v\nc1,on,A,1\nc2,on,A,2\n', cameras)).toHaveLength(2);
    // A report has room for forty agencies: of more, in one row or in all, it says that it is on.
    const names = (from: number, to: number) => Array.from({ length: to - from }, (_, n) => `A${from + n}`);
    const rows = (...lists: readonly string[][]) =>
      `camera,on,for,v\n${lists.map((list, n) => `c${n + 1},on,${list.join(';')},2\n`).join('')}`;
    expect(features(rows(names(0, 20), names(20, 40)), cameras)).toMatchObject({ 'acme.x': { agencies: names(0, 40) } });
    for (const crowded of [rows(names(0, 41)), rows(names(0, 30), names(11, 41))]) {
      expect(features(crowded, cameras)).toStrictEqual({ 'acme.x': { on: true, version: '2' } });
      expect(bad(crowded, cameras)).toEqual([expect.stringContaining('its 41 agencies, since a report has room for 40')]);
    }
    expect(bad('camera,on,for,v\nc1,off,,\nc2,broken,,\n', cameras)).toHaveLength(2);
  });

  test('finds what it needs deep in a JSON file', () => {
    const given = { format: 'json', rows: '/data/0/settings', key: '#', on: '/state/a~1b', observedAt: '/at', ignore: ['id'] };
    const file = { at: '2026-05-01T00:00:00Z', id: 1, data: [{ settings: { 'acme.a': { state: { 'a/b': true }, id: 2 } } }] };
    expect(read(file, given)).toMatchObject({ observedAt: '2026-05-01T00:00:00Z', unknown: [] });
    expect(features(file, given)).toStrictEqual({ 'acme.a': { on: true } });
  });

  test('is found by the header, and must fit when it is named', () => {
    const own = folderOfTest('profiles');
    const add = (name: string, content: unknown) => writeFileSync(join(own, name), JSON.stringify(content));
    const choose = (content: unknown) => readObserved(written(content), 'acme', { ...NO_PROFILES, own: profilesIn(own) }).name;
    expect(profilesIn(join(own, 'none'))).toStrictEqual([]);
    add('portal.json', PROFILE);
    add('api.json', { format: 'json', rows: '/x', key: '/k', on: '/v' });
    add('west.json', { ...PROFILE, vendor: 'west', keys: {} });
    writeFileSync(join(own, 'readme.txt'), 'no profile');
    expect([choose(EXPORT), choose({ x: [{ k: 'acme.a', v: true }] }), choose('key,on\nacme.a,on\n')]).toStrictEqual([
      'portal',
      'api',
      'plain-csv',
    ]);
    expect(() => choose('feature,enabled\nacme.a,on\n')).toThrow(
      'no profile fits the file (tried: api, portal, plain-csv, plain-json, plain-json-list); its header is: feature,enabled',
    );
    add('short.json', { format: 'csv', key: 'key', on: 'on', values: { on: ['x'], off: ['-'] } });
    expect(choose('key,on\nacme.a,x\n')).toBe('short');
    add('second.json', PROFILE);
    expect(() => choose(EXPORT)).toThrow('several profiles fit the file (portal, second): choose with --profile');
    add('broken.json', { ...PROFILE, on: '' });
    expect(() => choose(EXPORT)).toThrow('broken.json: /on is ');
    expect(() => read('Setting;State\nx;y\n', PROFILE)).toThrow(
      'the profile profile does not fit the file: no column for Shared with',
    );
    expect(() => read(EXPORT, { ...PROFILE, vendor: 'west', keys: {} })).toThrow('the profile profile is for files of west');
    expect(() => read([], PROFILE)).toThrow('it reads CSV, and the file is JSON');
    expect(() => read('a,b\n', { format: 'json', rows: '', key: '#', on: '' })).toThrow('it reads JSON, and the file is CSV');
    expect(() => read([{ a: 1 }], { format: 'json', rows: '', key: '/k', on: '/v' })).toThrow('no row has /k, /v');
    expect(() => read('key,on,ON\nacme.a,1,0\n')).toThrow('no profile fits');
  });
});

test.each<[string, string | Uint8Array, string]>([
  ['nothing', '', 'the file has no rows: nothing was observed'],
  ['blank lines only', '\n\n,\n', 'no profile fits the file'],
  ['a header only', 'key,on\n', 'the file has no rows: nothing was observed'],
  ['no features', '{"features":{}}', 'the file has no rows: nothing was observed'],
  ['an empty list', '[]', 'the file has no rows: nothing was observed'],
  [
    'UTF-16 with its mark',
    Buffer.from('\uFEFFkey,on\nacme.a,on\n', 'utf16le'),
    'line 1: this is no text in UTF-8: save the file as "CSV UTF-8"',
  ],
  ['UTF-16 without its mark', Buffer.from('key,on\nacme.a,on\n', 'utf16le'), 'this is no text in UTF-8'],
  ['Latin-1', Buffer.from('key,on\nacme.a,sí\n', 'latin1'), 'line 2: this is no text in UTF-8: save the file as "CSV UTF-8"'],
  ['NUL bytes', new Uint8Array(5_000), 'this is no text in UTF-8'],
  ['a quote that is never closed', 'key,on\nacme.a,"on\nacme.b,off\n', 'line 2: a quote of this row is not closed'],
  ['a quote inside a cell', 'key,on\nacme.a,o"n\n', 'line 2: a quote of this row'],
  ['a header of which no end comes', '"key,on\nacme.a,on\n', 'no profile fits the file'],
  ['one line of a megabyte', 'x'.repeat(1 << 20), 'no profile fits the file'],
  ['one quote of a megabyte', `"${'\n'.repeat(1 << 20)}`, 'no profile fits the file'],
  ['half of a JSON file', '{"features":{"acme.a":true', '/features ends where'],
  ['a key of JSON twice', '{"features":{"acme.a":true,"acme.a":false}}', '/features/acme.a'],
  ['JSON of great depth', '['.repeat(100_000), 'deeper'],
])('a file of %s is refused as a whole', (_name, content, detail) => {
  expect(() => read(content)).toThrow(detail);
});

test('a line of a megabyte is one bad line, of which little is shown', () => {
  const file = `key,on\nacme.a,on\nacme.b,${'x'.repeat(1 << 20)}\nacme.c,off\n`;
  expect(bad(file)).toStrictEqual([`line 3: "${'x'.repeat(40)}…" says neither on nor off`]);
  expect(Object.keys(features(file))).toStrictEqual(['acme.a', 'acme.c']);
});

test('a folder, and a file that is not there, cannot be read', () => {
  for (const path of [folder, join(folder, 'none')])
    expect(() => readObserved(path, 'acme', NO_PROFILES)).toThrow('cannot be read');
});

const csv = { format: 'csv', key: 'Setting', on: 'State' };
const json = { format: 'json', rows: '/items', key: '/name', on: '/state/on' };

const problemsIn = (profile: unknown): readonly string[] => {
  const parsed = parseProfile(profile);
  return parsed.ok ? [] : parsed.problems.map(({ pointer, detail }) => `${pointer} ${detail}`);
};

describe('the file of a profile', () => {
  test.each([
    ['of a CSV file', csv],
    ['of a JSON file', json],
    [
      'with all that it can say',
      {
        ...csv,
        vendor: 'acme',
        source: 'portal',
        title: 'Export of the settings page',
        keys: { 'Nationwide lookup': 'acme.lookup', 'Dark theme': null },
        values: { on: ['Enabled'], off: ['Disabled', ''.padEnd(3, '-')] },
        agencies: ['Shared with', 'Partners'],
        version: 'Release',
        separator: ' / ',
        delimiter: '\t',
        sameKey: 'any',
        optional: ['version'],
        ignore: ['Last changed'],
      },
    ],
    ['whose rows are the whole file, and stand under their names', { ...json, rows: '', key: '#', on: ['/on', ''] }],
  ])('%s is taken', (_name, profile) => expect(problemsIn(profile)).toStrictEqual([]));

  test.each<[string, unknown, readonly string[]]>([
    ['nothing', {}, ['/format is missing, or not of the form that it must have']],
    ['no object', [], [' is not an object']],
    ['a field missing', { format: 'csv', key: 'a' }, ['/on is missing, or neither a text nor a list']],
    ['a field that is not known', { ...csv, colour: 'x' }, ['/colour is not a field of this']],
    ['a field of the other format', { ...csv, rows: '' }, ['/rows is not a field of this']],
    [
      'no JSON pointer',
      { ...json, rows: 'items' },
      ['/rows is not a JSON pointer such as /state/on, nor empty, which is the whole'],
    ],
    [
      'no key of a feature',
      { ...csv, keys: { A: 'A b' } },
      ['/keys/A is not 1 to 5 segments of a-z, 0-9 and hyphens, 40 characters each at most, joined by dots'],
    ],
    ['features of two vendors', { ...csv, keys: { A: 'acme.a', B: 'west.b' } }, ['/keys/B is not a feature of acme']],
    [
      'a feature of another vendor',
      { ...csv, vendor: 'west', keys: { 'a/b': 'acme.a' } },
      ['/keys/a~1b is not a feature of west'],
    ],
    [
      'a word for both',
      { ...csv, values: { on: ['x', 'Sí'], off: ['y', 'si\u0301'] } },
      ['/values/off/1 stands among the words for on, too'],
    ],
    ['no word for off', { ...csv, values: { on: ['x'], off: [] } }, ['/values/off is empty']],
    ['one column for two fields', { ...csv, version: ' state ' }, ['/version names a column that another field names']],
    ['a source that cannot be shown', { ...csv, source: 'a\nb' }, ['/source has a control character or a line break (U+000A)']],
  ])('with %s is refused at its place', (_name, profile, problems) => expect(problemsIn(profile)).toStrictEqual(problems));
});
