import { closeSync, createReadStream, openSync, readdirSync, readSync, type Stats, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { CsvError, type Options, parse } from 'csv-parse';
import { parse as parseText } from 'csv-parse/sync';
import { type JsonValue, parseStrict } from '../../domain/kernel/json.ts';
import { summaryOf } from '../../domain/kernel/problems.ts';
import { type CsvRow, FileFault } from '../../domain/observation/audit.ts';
import {
  type CsvProfile,
  type Fit,
  fitCsv,
  fitJson,
  type JsonProfile,
  PLAIN_PROFILES,
  type Profile,
  parseProfile,
  type RowsRead,
  readRows,
} from '../../domain/observation/observedFile.ts';
import { CommandRefused } from '../local/errors.ts';
import { assertReadable, type Progress, readBytes, readJson } from './usage.ts';

const FILE_BYTES_MAX = 32 * 1024 * 1024;
const DELIMITERS = [',', ';', '\t'] as const;

interface NamedProfile {
  readonly name: string;
  readonly profile: Profile;
}

/** Reads a profile. Throws CommandRefused with the path of each fault in the file. */
export const readProfile = (path: string): NamedProfile => {
  const parsed = parseProfile(readJson(path));
  if (!parsed.ok) throw new CommandRefused(`${path}: ${summaryOf(parsed.problems)}`);
  return { name: basename(path, '.json'), profile: parsed.profile };
};

export const profilesIn = (folder: string): readonly NamedProfile[] => {
  const there = statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true;
  const files = there ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  return files.toSorted().map((name) => readProfile(join(folder, name)));
};

const BUILT_IN: readonly NamedProfile[] = Object.entries(PLAIN_PROFILES).map(([name, profile]) => ({ name, profile }));

/** A file of observations, read under its profile. `bytes`: of the file; `modified`: when it was last written. */
export interface ObservedFile extends RowsRead {
  readonly name: string;
  readonly profile: Profile;
  readonly rows: number;
  readonly unknown: readonly string[];
  readonly bytes: Uint8Array;
  readonly observedAt: string;
}

type Content =
  | { readonly format: 'json'; readonly json: JsonValue }
  | { readonly format: 'csv'; readonly text: string; readonly header: string; readonly delimiter: string | undefined };

/** Throws CommandRefused if the file is missing or a folder. */
const assertFile = (path: string): Stats => {
  const found = assertReadable(path);
  if (!found.isFile()) throw new CommandRefused(`${path} cannot be read: it is no file`);
  return found;
};

const SAVE_AS_UTF8 = 'save the file as "CSV UTF-8"';

/** Returns the fault of a file in another encoding, at the first line that shows it. */
const notUtf8 = (bytes: Uint8Array): FileFault => {
  const text = new TextDecoder().decode(bytes);
  const before = text.slice(0, Math.max(0, text.indexOf('\uFFFD')));
  return new FileFault(before.split('\n').length, `this is no text in UTF-8: ${SAVE_AS_UTF8}`);
};

const textOf = (bytes: Uint8Array): string => {
  const [first, second] = bytes;
  const isUtf16 = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff) || bytes.subarray(0, 64).includes(0);
  if (isUtf16) throw notUtf8(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notUtf8(bytes);
  }
};

/** The first line that is not blank. Spreadsheets write an empty row as delimiters alone. */
const FIRST_LINE = /^.*[^\s,;].*$/m;

/** Spreadsheets can name the delimiter in a line before the header. */
const NAMED_DELIMITER = /^sep=([,;\t])\r?\n/;

const contentOf = (bytes: Uint8Array): Content => {
  const text = textOf(bytes);
  if (/^\s*[[{]/.test(text)) {
    const parsed = parseStrict(new TextEncoder().encode(text));
    if (!parsed.ok) throw new CommandRefused(`${parsed.pointer || 'the file'} ${parsed.detail}`);
    return { format: 'json', json: parsed.value };
  }
  const delimiter = NAMED_DELIMITER.exec(text)?.[1];
  const body = text.replace(NAMED_DELIMITER, '\n');
  return { format: 'csv', text: body, header: FIRST_LINE.exec(body)?.[0] ?? '', delimiter };
};

/** Returns the delimiter that makes a header fit a profile, or why none does. */
const delimiterFor = (
  profile: CsvProfile,
  { text, header, delimiter }: Extract<Content, { readonly format: 'csv' }>,
): { readonly ok: true; readonly delimiter: string } | { readonly ok: false; readonly why: string } => {
  const given = profile.delimiter ?? delimiter;
  const likely = DELIMITERS.toSorted((a, b) => header.split(b).length - header.split(a).length);
  let why = '';
  for (const each of given === undefined ? likely : [given]) {
    const fit = fitHeader(profile, text, each);
    if (fit.ok) return { ok: true, delimiter: each };
    why ||= fit.why;
  }
  return { ok: false, why };
};

/** Reads up to the first row that is not blank. */
const HEADER_ALONE: Options = { to: 1, skip_records_with_empty_values: true };

const fitHeader = (profile: CsvProfile, text: string, delimiter: string): Fit => {
  try {
    return fitCsv(profile, rowsOf(text, { delimiter, ...HEADER_ALONE }));
  } catch (error) {
    if (error instanceof FileFault) return { ok: false, why: error.message };
    throw error;
  }
};

type Chosen =
  | { readonly name: string; readonly profile: JsonProfile; readonly fit: Fit }
  | { readonly name: string; readonly profile: CsvProfile; readonly delimiter: string };

const tried = (content: Content, { name, profile }: NamedProfile): Chosen | { readonly why: string } => {
  if (content.format === 'json') {
    if (profile.format !== 'json') return { why: 'it reads CSV, and the file is JSON' };
    const fit = fitJson(profile, content.json);
    return fit.ok ? { name, profile, fit } : fit;
  }
  if (profile.format !== 'csv') return { why: 'it reads JSON, and the file is CSV' };
  const found = delimiterFor(profile, content);
  return found.ok ? { name, profile, delimiter: found.delimiter } : found;
};

const oneOf = (content: Content, profiles: readonly NamedProfile[]): Chosen | undefined => {
  const fitting = profiles.map((each) => tried(content, each)).filter((each) => 'name' in each);
  if (fitting.length > 1)
    throw new CommandRefused(
      `several profiles fit the file (${fitting.map(({ name }) => name).join(', ')}): choose with --profile`,
    );
  return fitting[0];
};

const HEADER_CHARS_SHOWN = 200;

const choose = (content: Content, vendor: string, { given, own }: Profiles): Chosen => {
  if (given !== undefined) {
    const chosen = tried(content, given);
    if ('why' in chosen) throw new CommandRefused(`the profile ${given.name} does not fit the file: ${chosen.why}`);
    return chosen;
  }
  const ofVendor = own.filter(({ profile }) => profile.vendor === undefined || profile.vendor === vendor);
  const chosen = oneOf(content, ofVendor) ?? oneOf(content, BUILT_IN);
  if (chosen !== undefined) return chosen;
  const names = [...ofVendor, ...BUILT_IN].map(({ name }) => name).join(', ');
  const header = content.format === 'csv' ? `; its header is: ${content.header.slice(0, HEADER_CHARS_SHOWN).trim()}` : '';
  throw new CommandRefused(`no profile fits the file (tried: ${names})${header}`);
};

interface Profiles {
  readonly given: NamedProfile | undefined;
  readonly own: readonly NamedProfile[];
}

const readAs = (chosen: Chosen, content: Content): Fit => {
  if ('fit' in chosen) return chosen.fit;
  return fitCsv(chosen.profile, content.format === 'csv' ? rowsOf(content.text, { delimiter: chosen.delimiter }) : []);
};

/**
 * Reads a file of observations at a vendor. Attacker-controlled. Throws CommandRefused, with the line if there is one, if the file
 * as a whole cannot be read, or unless exactly one profile fits it. A line that cannot be read is among the bad ones.
 */
export const readObserved = (path: string, vendor: string, profiles: Profiles): ObservedFile => {
  const found = assertFile(path);
  if (found.size > FILE_BYTES_MAX) throw new CommandRefused(`${path} has more than ${FILE_BYTES_MAX} bytes`);
  const bytes = readBytes(path);
  try {
    if (bytes.length === 0) throw new CommandRefused('the file has no rows: nothing was observed');
    const content = contentOf(bytes);
    const chosen = choose(content, vendor, profiles);
    const { name, profile } = chosen;
    if (profile.vendor !== undefined && profile.vendor !== vendor)
      throw new CommandRefused(`the profile ${name} is for files of ${profile.vendor}`);
    const fit = readAs(chosen, content);
    if (!fit.ok) throw new CommandRefused(fit.why);
    const { rows, unknown, observedAt = found.mtime.toISOString() } = fit;
    if (rows.length === 0) throw new CommandRefused('the file has no rows: nothing was observed');
    return { name, profile, rows: rows.length, unknown, bytes, observedAt, ...readRows(profile, vendor, rows) };
  } catch (error) {
    if (error instanceof FileFault || error instanceof CommandRefused) throw new CommandRefused(`${path}: ${error.message}`);
    throw error;
  }
};

/** The size of a read and of the longest row, in bytes, so that memory is bounded for any file. */
const CHUNK_BYTES = 1 << 20;

/**
 * Returns the options with which `csv-parse` reads RFC 4180 (lines end in CR LF, LF or CR) and passes on each row. `next`: the line on
 * which the next row begins; the parser itself counts a CR LF inside quotes as two lines.
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

/** Yields the text of a file. Throws FileFault if it is not UTF-8, or if a row does not end within {@link CHUNK_BYTES}. */
async function* linesIn(file: string, next: { readonly line: number }, shown: Progress): AsyncGenerator<string> {
  const [{ size }, decoder] = [assertFile(file), new TextDecoder('utf-8', { fatal: true })];
  let [done, line] = [0, 0];
  const decoded = (chunk?: Uint8Array): string => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new FileFault(next.line, `from here on the file is not text in UTF-8: ${SAVE_AS_UTF8}`);
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

const HEAD_BYTES = 65_536;

/** Returns the delimiter of a file: a semicolon or a tab only if its first line has no comma. */
const delimiterOf = (path: string): string => {
  const head = Buffer.alloc(HEAD_BYTES);
  const file = openSync(path, 'r');
  try {
    readSync(file, head);
    const first = FIRST_LINE.exec(head.toString())?.[0] ?? '';
    const unquoted = first.replaceAll(/"[^"]*"/g, '');
    return DELIMITERS.find((each) => unquoted.includes(each)) ?? ',';
  } finally {
    closeSync(file);
  }
};

/**
 * Reads a CSV file row by row in bounded memory; quoted cells can span lines. Attacker-controlled. Rejects with FileFault if the file
 * is not CSV in UTF-8, with CommandRefused if it cannot be read, and with what `take` throws.
 */
export const readCsv = async (file: string, take: (row: CsvRow) => void, shown: Progress): Promise<void> => {
  const next = { line: 1 };
  try {
    const delimiter = assertFile(file).size === 0 ? ',' : delimiterOf(file);
    await pipeline(linesIn(file, next, shown), parse({ ...csvOptions(take, next), delimiter }).resume());
  } catch (error) {
    throw asFault(error, next.line);
  }
};

/** Returns the rows of a text, parsed as {@link readCsv} reads a file. */
const rowsOf = (text: string, options: Options): readonly CsvRow[] => {
  const [rows, next]: [CsvRow[], { line: number }] = [[], { line: 1 }];
  try {
    parseText(text, { ...csvOptions((row) => void rows.push(row), next), ...options });
    return rows;
  } catch (error) {
    throw asFault(error, next.line);
  }
};
