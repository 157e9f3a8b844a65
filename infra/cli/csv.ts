import { createReadStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Options, parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { type CsvRow, FileFault } from '../../domain/observation/audit/rows.ts';
import { CommandRefused } from '../local/errors.ts';
import type { Progress } from './usage.ts';

/** How much is read at once and the longest row, in bytes, so that memory is bounded whatever the file holds. */
const CHUNK_BYTES = 1 << 20;

/**
 * Returns the options by which `csv-parse` reads RFC 4180 (lines end in CR LF, LF or CR) and hands each row over. `next`: the line on
 * which the next row begins; the parser's own count takes a CR LF inside quotes for two lines.
 */
export const csvOptions = (take: (row: CsvRow) => void, next = { line: 1 }): Options => ({
  record_delimiter: ['\r\n', '\n', '\r'],
  relax_column_count: true,
  on_record: (cells: readonly string[]) => {
    take({ line: next.line, cells });
    next.line += cells.reduce((lines, cell) => lines + cell.split('\n').length - 1, 1);
    return null;
  },
});

const sizeOf = (file: string): number => {
  try {
    const found = statSync(file);
    if (found.isFile()) return found.size;
  } catch {
    // Reported below, as for a folder.
  }
  throw new CommandRefused(`${file} cannot be read`);
};

/** Yields the text of a file. Throws FileFault if it is not UTF-8, or if a row does not end within {@link CHUNK_BYTES}. */
async function* textOf(file: string, next: { readonly line: number }, shown: Progress): AsyncGenerator<string> {
  const [size, decoder] = [sizeOf(file), new TextDecoder('utf-8', { fatal: true })];
  let [done, line] = [0, 0];
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new FileFault(next.line, 'from here on the file is not text in UTF-8');
    }
  };
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Buffer>) {
    if (line === next.line) throw new FileFault(line, `this row does not end within ${CHUNK_BYTES} bytes`);
    line = next.line;
    yield decoded(chunk);
    done += chunk.length;
    shown.tick(done, size);
  }
  yield decoded();
}

const asFault = (error: unknown, line: number): unknown =>
  error instanceof CsvError ? new FileFault(line, 'a quote of this row is not closed, or stands inside a cell') : error;

/**
 * Reads a CSV file row by row in bounded memory; quoted cells can span lines. Attacker-controlled: rejects with FileFault for a file that
 * is no CSV in UTF-8, and CommandRefused if it cannot be read. Rejects with what `take` throws.
 */
export const readCsv = async (file: string, take: (row: CsvRow) => void, shown: Progress): Promise<void> => {
  const next = { line: 1 };
  try {
    await pipeline(textOf(file, next, shown), parse(csvOptions(take, next)).resume());
  } catch (error) {
    throw asFault(error, next.line);
  }
};

/** Parses a whole text as {@link readCsv} reads a file. Throws FileFault. */
export const parseCsv = (text: string, delimiter: string, take: (row: CsvRow) => void): void => {
  const next = { line: 1 };
  try {
    parseText(text, { ...csvOptions(take, next), delimiter });
  } catch (error) {
    throw asFault(error, next.line);
  }
};
