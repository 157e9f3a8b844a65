/** Longest cell that is read; the limit also detects an unbalanced quote. */
export const CELL_CHARS_MAX = 65_536;
/** Maximum columns of a row. The widest known export has fourteen. */
export const COLUMNS_MAX = 256;

export type AuditFaultCode =
  | 'nul'
  | 'not-utf8'
  | 'cell-too-large'
  | 'too-many-columns'
  | 'unclosed-quote'
  | 'text-after-quote'
  | 'no-header'
  | 'no-rows';

/**
 * Thrown for a file that cannot be read as a vendor's export. `line` is where reading failed; the message contains nothing of the
 * file.
 */
export class AuditFault extends Error {
  override readonly name = 'AuditFault';
  readonly code: AuditFaultCode;
  readonly line: number;
  constructor(code: AuditFaultCode, line: number, detail: string) {
    super(`line ${line}: ${detail}`);
    this.code = code;
    this.line = line;
  }
}

/** A row of a CSV file and the line on which it begins. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** The reader's position: before a cell, in a plain one, in a quoted one, after its closing quote. */
type Place = 'start' | 'plain' | 'quoted' | 'closed';

const SPECIAL = { plain: /[,\r\n\0]/g, quoted: /["\n\0]/g } as const;

/**
 * Reads CSV (RFC 4180) incrementally, in bounded memory: quoted cells can span lines, lines end in CR LF, LF or CR.
 * Attacker-controlled: throws {@link AuditFault} for input that no export has.
 */
export class CsvReader {
  #place: Place = 'start';
  #cell = '';
  #cells: string[] = [];
  #line = 1;
  #rowLine = 1;
  #afterCr = false;
  #first = true;

  /** Yields the rows that end in this piece of text. */
  *push(chunk: string): Generator<CsvRecord> {
    let at = this.#first && chunk.startsWith('\uFEFF') ? 1 : 0;
    if (chunk !== '') this.#first = false;
    while (at < chunk.length) {
      const char = chunk[at] ?? '';
      if (this.#afterCr) {
        this.#afterCr = false;
        if (char === '\n' && this.#place !== 'quoted') {
          at += 1;
          continue;
        }
      }
      if (this.#place === 'plain' || this.#place === 'quoted') at = this.#take(chunk, at, SPECIAL[this.#place]);
      if (at >= chunk.length) return;
      const row = this.#step(chunk[at] ?? '');
      at += 1;
      if (row !== undefined) yield row;
    }
  }

  /** Yields the last row, if no line end follows it. */
  *end(): Generator<CsvRecord> {
    if (this.#place === 'quoted')
      throw new AuditFault('unclosed-quote', this.#rowLine, 'a quote that is opened in this row is never closed');
    if (this.#place === 'start' && this.#cells.length === 0) return;
    yield this.#endRow();
  }

  /** Consumes characters up to the next special one and returns its index. */
  #take(chunk: string, from: number, special: RegExp): number {
    special.lastIndex = from;
    const to = special.exec(chunk)?.index ?? chunk.length;
    if (this.#cell.length + to - from > CELL_CHARS_MAX)
      throw new AuditFault('cell-too-large', this.#rowLine, `a cell of this row has more than ${CELL_CHARS_MAX} characters`);
    if (to > from) this.#cell += chunk.slice(from, to);
    return to;
  }

  #step(char: string): CsvRecord | undefined {
    if (char === '\0') throw new AuditFault('nul', this.#line, 'holds a NUL character: this is no text file');
    if (this.#place === 'quoted') {
      if (char === '"') this.#place = 'closed';
      else this.#inQuotes(char);
      return undefined;
    }
    if (char === ',') {
      this.#endCell();
      return undefined;
    }
    if (char === '\r' || char === '\n') {
      this.#line += 1;
      this.#afterCr = char === '\r';
      return this.#endRow();
    }
    if (this.#place === 'closed') this.#afterQuote(char);
    else if (this.#place === 'start' && char === '"') this.#place = 'quoted';
    else {
      this.#place = 'plain';
      this.#cell += char;
    }
    return undefined;
  }

  #inQuotes(char: string): void {
    if (char === '\n') this.#line += 1;
    this.#cell += char;
  }

  #afterQuote(char: string): void {
    if (char !== '"')
      throw new AuditFault('text-after-quote', this.#line, 'text follows a closing quote: quotes are not balanced');
    this.#cell += '"';
    this.#place = 'quoted';
  }

  #endCell(): void {
    this.#cells.push(this.#cell);
    this.#cell = '';
    this.#place = 'start';
    if (this.#cells.length > COLUMNS_MAX)
      throw new AuditFault('too-many-columns', this.#rowLine, `this row has more than ${COLUMNS_MAX} columns`);
  }

  #endRow(): CsvRecord {
    this.#endCell();
    const row = { line: this.#rowLine, cells: this.#cells };
    this.#cells = [];
    this.#rowLine = this.#line;
    return row;
  }
}
