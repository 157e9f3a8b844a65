import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CsvRow } from '../../../domain/observation/audit.ts';
import { readCsv } from '../../../infra/cli/observedFile.ts';
import { logSource } from '../../../infra/cli/verify/source.ts';
import { CommandRefused } from '../../../infra/local/errors.ts';
import { folderOfFile, folderOfTest } from '../../support/folders.ts';

const folder = folderOfFile('csv');

const read = async (content: string | Uint8Array, take?: (row: CsvRow) => void): Promise<readonly CsvRow[]> => {
  const path = join(folder, 'file.csv');
  writeFileSync(path, content);
  const rows: CsvRow[] = [];
  await readCsv(path, take ?? ((row) => void rows.push(row)), { tick: () => undefined, end: () => undefined });
  return rows;
};
const rowsOf = (...rows: readonly (readonly [line: number, ...cells: string[]])[]) =>
  rows.map(([line, ...cells]) => ({ line, cells }));

test.each<[string, string, readonly CsvRow[]]>([
  ['LF', 'a,b\nc,d\n', rowsOf([1, 'a', 'b'], [2, 'c', 'd'])],
  ['CR LF', 'a,b\r\nc,d\r\n', rowsOf([1, 'a', 'b'], [2, 'c', 'd'])],
  ['CR', 'a,b\rc,d', rowsOf([1, 'a', 'b'], [2, 'c', 'd'])],
  ['ends of lines of all three kinds', 'a\r\nb\nc\rd', rowsOf([1, 'a'], [2, 'b'], [3, 'c'], [4, 'd'])],
  ['a byte-order mark', '\uFEFFa,b\n', rowsOf([1, 'a', 'b'])],
  ['quotes', '"a,b","c ""d""",e\n', rowsOf([1, 'a,b', 'c "d"', 'e'])],
  ['cells of several lines', 'a\r\n"b\r\nb\n",x\r\nc\n', rowsOf([1, 'a'], [2, 'b\r\nb\n', 'x'], [5, 'c'])],
  ['blank rows', ',,\n\n"",\nx', rowsOf([1, '', '', ''], [2, ''], [3, '', ''], [4, 'x'])],
  ['rows of different width', 'a,b\nc\nd,e,f\n', rowsOf([1, 'a', 'b'], [2, 'c'], [3, 'd', 'e', 'f'])],
  ['nothing', '', []],
])('a file with %s', async (_name, text, expected) => {
  expect(await read(text)).toStrictEqual(expected);
});

test('a file of several megabytes, wherever it is cut', async () => {
  const row = `"é\r\n","ü ""ñ""",${'ö'.repeat(91)}\r\n`;
  const rows = await read(row.repeat(15_000));
  expect(rows).toHaveLength(15_000);
  expect(rows.at(-1)).toStrictEqual({ line: 29_999, cells: ['é\r\n', 'ü "ñ"', 'ö'.repeat(91)] });
});

test.each<[string, string | Uint8Array, string]>([
  ['a quote that is never closed', 'a\n"b,c\nd\ne', 'line 2: a quote of this row is not closed'],
  ['text after a quote, also where lines end in CR LF', '"a\r\n"\r\n"b"c,d\n', 'line 3: a quote of this row'],
  ['a quote inside a plain cell', 'a\nb,5" disk\n', 'line 2: a quote of this row'],
  ['a row longer than a megabyte', `a\n${'x'.repeat(3 << 20)}`, 'line 2: this row does not end'],
  ['a row of millions of cells', `a\n${','.repeat(3 << 20)}`, 'line 2: this row does not end'],
  [
    'other than UTF-8',
    Buffer.from('a,b\n', 'utf16le').fill(0xff, 0, 1),
    'line 1: from here on the file is not text in UTF-8: save',
  ],
  ['the first half of a character', Buffer.from('a\nb\né').subarray(0, -1), 'the file is not text in UTF-8'],
])('%s is refused at its line', async (_name, content, detail) => {
  await expect(read(content)).rejects.toThrow(detail);
});

test('what a row is refused for ends the reading', async () => {
  const take = () => {
    throw new RangeError('no such row');
  };
  await expect(read('a\nb\n', take)).rejects.toThrow('no such row');
});

// A folder that somebody else made: `verify` ends on whatever stands in it.

const foreignFolder = () => {
  const foreign = folderOfTest('source');
  writeFileSync(join(foreign, 'checkpoint'), 'a note');
  return foreign;
};

test('a file is read, and a missing one is missing', async () => {
  const { get } = logSource(foreignFolder());
  expect(Buffer.from((await get('checkpoint')) ?? []).toString()).toBe('a note');
  expect(await get('tile/0/000')).toBe(undefined);
});

test.each<[string, (path: string) => unknown]>([
  ['a device without an end', (path) => symlinkSync('/dev/zero', path)],
  ['a pipe that nobody writes to', (path) => execFileSync('mkfifo', [path])],
  ['a folder', (path) => mkdirSync(path)],
  [
    'more bytes than a file of a log can have',
    (path) => {
      writeFileSync(path, '');
      truncateSync(path, 3e9);
    },
  ],
])('%s is refused', async (_, make) => {
  const foreign = foreignFolder();
  make(join(foreign, 'tile'));
  await expect(logSource(foreign).get('tile')).rejects.toThrow(CommandRefused);
});
