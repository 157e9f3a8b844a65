import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AuditFault, CELL_CHARS_MAX, COLUMNS_MAX, CsvReader, type CsvRecord } from '../../../../domain/observation/audit/csv.ts';

/** Returns the rows of a text that arrives in pieces. */
const read = (...pieces: readonly string[]): readonly CsvRecord[] => {
  const reader = new CsvReader();
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()];
};
const cells = (...pieces: readonly string[]) => read(...pieces).map((row) => row.cells);
const fault = (text: string): string => {
  try {
    read(text);
    return 'read';
  } catch (error) {
    if (!(error instanceof AuditFault)) throw error;
    return `${error.code} ${error.line}`;
  }
};

describe('rows', () => {
  test.each<[string, string, readonly (readonly string[])[]]>([
    [
      'LF',
      'a,b\nc,d\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CR LF',
      'a,b\r\nc,d\r\n',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    [
      'CR',
      'a,b\rc,d',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['no line end', 'a,b', [['a', 'b']]],
    ['a byte-order mark', '\uFEFFa,b\n', [['a', 'b']]],
    ['quotes', '"a,b","c ""d""",e\n', [['a,b', 'c "d"', 'e']]],
    ['two lines in one cell', 'a,"b\r\nc",d\n', [['a', 'b\r\nc', 'd']]],
    ['a quote inside a plain cell', 'a,5" disk\n', [['a', '5" disk']]],
    ['blanks', ',,\n\n"",\n', [['', '', ''], [''], ['', '']]],
    ['nothing', '', []],
  ])('%s', (_name, text, expected) => {
    expect(cells(text)).toStrictEqual(expected);
    expect(cells(...text)).toStrictEqual(expected);
  });

  test('know the line on which they begin', () => {
    expect(read('a\r\n"b\r\nb\n"\nc\n').map(({ line }) => line)).toStrictEqual([1, 2, 5]);
  });

  test('are the same however the text is cut, and say what was written', () => {
    const table = fc.array(
      fc.array(fc.string({ unit: fc.constantFrom('a', '"', ',', '\n', '\r', ' ', 'é') }), { minLength: 1, maxLength: 4 }),
      {
        maxLength: 6,
      },
    );
    const written = (rows: readonly (readonly string[])[]): string =>
      rows.map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(',')).join('\r\n');
    fc.assert(
      fc.property(table, fc.nat(20), (rows, cut) => {
        expect(cells(written(rows))).toStrictEqual(rows);
        expect(cells(written(rows).slice(0, cut), written(rows).slice(cut))).toStrictEqual(rows);
      }),
    );
  });
});

describe('what no export has is refused at its line', () => {
  test.each<[string, string, string]>([
    ['NUL', 'a\nb\0c\n', 'nul 2'],
    ['NUL in quotes', 'a\n"b\n\0"', 'nul 3'],
    ['a quote that nobody closes', 'a\n"b,c\nd\ne', 'unclosed-quote 2'],
    ['text after a quote', 'a\n"b"c,d\n', 'text-after-quote 2'],
    ['a cell that is too large', `a\n${'x'.repeat(CELL_CHARS_MAX + 2)}`, 'cell-too-large 2'],
    ['a quoted one', `a\n"${'x'.repeat(CELL_CHARS_MAX + 2)}"`, 'cell-too-large 2'],
    ['one of quotes alone', `"${'""'.repeat(CELL_CHARS_MAX + 2)}"`, 'cell-too-large 1'],
    ['a million columns', ','.repeat(1_000_000), 'too-many-columns 1'],
  ])('%s', (_name, text, expected) => {
    expect(fault(text)).toBe(expected);
  });

  test('up to the limits it is read', () => {
    expect(fault('x'.repeat(CELL_CHARS_MAX))).toBe('read');
    expect(fault(','.repeat(COLUMNS_MAX - 1))).toBe('read');
    expect(fault(','.repeat(COLUMNS_MAX))).toBe('too-many-columns 1');
  });
});
