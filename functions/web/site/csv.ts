// Wire format: RFC 4180, every field quoted, UTF-8.

/** What a spreadsheet would take for a formula: also in the full width of East Asian scripts, and after blanks that are not seen. */
const FORMULA = /^[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠﹢﹣﹦﹫−]|^[\t\r\n]/u;

/** A cell that stays text wherever the file is opened: vendors write these words, and spreadsheets run what begins like a formula. */
const cell = (value: string | number | boolean | null): string => {
  const text = value === null ? '' : String(value);
  const safe = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return `"${safe.replaceAll('"', '""')}"`;
};

export type CsvRow = readonly (string | number | boolean | null)[];

/** A table with its head. */
export const csv = (head: readonly string[], rows: readonly CsvRow[]): Response =>
  new Response(`${[head, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`, {
    headers: {
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': 'attachment; filename="aldergate.csv"',
      'cache-control': 'no-store',
    },
  });
