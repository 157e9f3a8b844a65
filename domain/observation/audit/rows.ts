/** The message contains nothing of the file. */
export class FileFault extends Error {
  override readonly name = 'FileFault';
  readonly line: number;
  constructor(line: number, detail: string) {
    super(`line ${line}: ${detail}`);
    this.line = line;
  }
}

export type AuditKind = 'access' | 'settings';

/** Names seen in exports, without case, spaces and punctuation. A column not listed here is ignored. */
const NAMES = {
  access: {
    id: ['id', 'searchid'],
    user: ['name', 'user', 'username', 'userid', 'officer'],
    organisation: ['orgname', 'org', 'organization', 'organizationname', 'agency', 'agencyname'],
    networks: ['totalnetworkssearched', 'networkssearched'],
    devices: ['totaldevicessearched', 'devicessearched', 'cameracount'],
    timeFrame: ['timeframe'],
    plate: ['licenseplate', 'licenceplate', 'plate', 'platenumber'],
    reason: ['reason', 'searchreason'],
    case: ['case', 'casenumber', 'caseno'],
    filters: ['filters'],
    time: ['searchtime', 'searchdate', 'searchedat', 'timestamp'],
    type: ['searchtype'],
    prompt: ['textprompt', 'prompt'],
    moderation: ['moderation'],
  },
  settings: {
    time: ['timestamp', 'time', 'date'],
    user: ['user', 'username'],
    event: ['eventtype', 'event', 'action'],
    type: ['entitytype'],
    details: ['entitydetails', 'details'],
    id: ['eventid', 'id'],
  },
} as const satisfies Record<AuditKind, Record<string, readonly string[]>>;

export type Column = keyof (typeof NAMES)['access'] | keyof (typeof NAMES)['settings'];

const meanings = (columns: Readonly<Partial<Record<Column, readonly string[]>>>): ReadonlyMap<string, Column> =>
  new Map(Object.entries(columns).flatMap(([column, names]) => names.map((name) => [name, column as Column] as const)));

const MEANINGS = { access: meanings(NAMES.access), settings: meanings(NAMES.settings) };

const SEARCH_END = ['timeFrame', 'plate', 'reason', 'case', 'filters', 'time', 'type', 'prompt', 'moderation'] as const;

const HEADERLESS: Readonly<Record<AuditKind, readonly (readonly Column[])[]>> = {
  access: [
    ['id', 'user', 'organisation', 'networks', ...SEARCH_END],
    ['id', 'user', 'organisation', 'networks', 'devices', ...SEARCH_END],
    ['id', 'user', 'time', 'devices', 'reason'],
  ],
  settings: [['time', 'user', 'event', 'type', 'details', 'id']],
};

interface Layout {
  readonly at: ReadonlyMap<Column, number>;
  readonly width: number;
  readonly unknown: number;
}

const RECOGNISED_MIN = 3;

const columnOf = (kind: AuditKind, name: string): Column | undefined =>
  MEANINGS[kind].get(name.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));

const layoutOf = (columns: readonly (Column | undefined)[]): Layout => {
  const at = new Map<Column, number>();
  for (const [index, column] of columns.entries()) if (column !== undefined && !at.has(column)) at.set(column, index);
  return { at, width: columns.length, unknown: columns.filter((column) => column === undefined).length };
};

/** Headers can occur anywhere in a file made of several joined ones. */
const headerOf = (kind: AuditKind, cells: readonly string[]): Layout | undefined => {
  const columns = cells.map((cell) => columnOf(kind, cell));
  const recognised = columns.filter((column) => column !== undefined).length;
  return recognised >= RECOGNISED_MIN && recognised * 2 >= cells.length ? layoutOf(columns) : undefined;
};

/** Unknown names are ignored columns. */
export const namedLayout = (kind: AuditKind, names: readonly string[]): Layout =>
  layoutOf(names.map((name) => columnOf(kind, name)));

const guessedLayout = (kind: AuditKind, cells: readonly string[], isTime: (text: string) => boolean): Layout | undefined =>
  HEADERLESS[kind].map(layoutOf).find(({ at, width }) => width === cells.length && isTime(cells[at.get('time') ?? -1] ?? ''));

const US = /^(\d{1,2})\/(\d{1,2})\/(\d{4}),? +(\d{1,2}):(\d\d)(?::(\d\d))? *(AM|PM)?(?: *(?:UTC|GMT|Z))?$/i;
const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)?(?: *(Z|UTC|[+-]\d\d:?\d\d))?$/i;

const instant = (text: string): string | undefined => {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) return undefined;
  const found = new Date(ms).toISOString();
  // Date.parse moves a 30th of February into March.
  return /[Z]$/.test(text) && found.slice(0, 10) !== text.slice(0, 10) ? undefined : found;
};

const hour24 = (hour: number, half: string | undefined): number =>
  half === undefined ? hour : (hour % 12) + (half.toUpperCase() === 'PM' ? 12 : 0);

const two = (n: number | string): string => String(n).padStart(2, '0');

/**
 * Parses the forms seen in exports (`06/18/2025, 01:02:03 PM UTC`, `2025-06-18 13:02:03.789`, ISO 8601). A time without a zone is read as
 * UTC.
 */
export const timeOf = (cell: string): string | undefined => {
  const text = cell.trim();
  const us = US.exec(text);
  if (us !== null) {
    const [, month = '', day = '', year = '', hour = '', minute = '', second = '00', half] = us;
    if (half !== undefined && (Number(hour) < 1 || Number(hour) > 12)) return undefined;
    return instant(`${year}-${two(month)}-${two(day)}T${two(hour24(Number(hour), half))}:${minute}:${second}Z`);
  }
  const iso = ISO.exec(text);
  if (iso === null) return undefined;
  const [, year = '', month = '', day = '', hour = '00', minute = '00', second = '00', zone = 'Z'] = iso;
  return instant(`${year}-${month}-${day}T${hour}:${minute}:${second}${/^[+-]/.test(zone) ? zone : 'Z'}`);
};

export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface AuditRow {
  readonly line: number;
  /** Undefined without such a column, '' if it is blank, which does not mean "none". */
  readonly get: (column: Column) => string | undefined;
  readonly at: string | undefined;
  readonly runs: boolean;
}

export type AuditItem =
  | { readonly type: 'header'; readonly line: number; readonly layout: Layout; readonly guessed: boolean }
  | { readonly type: 'row'; readonly row: AuditRow }
  /** A row with more or fewer cells than its header: the position of its cells cannot be trusted. */
  | { readonly type: 'misfit'; readonly line: number };

const isBlank = ({ cells }: CsvRow): boolean => cells.every((cell) => cell.trim() === '');

const runs = (cells: readonly string[]): boolean => cells.some((cell) => /^[=@]|^[+-](?=[A-Za-z(])/.test(cell));

export class AuditReader {
  readonly #kind: AuditKind;
  #layout: Layout | undefined;

  constructor(kind: AuditKind, layout?: Layout) {
    this.#kind = kind;
    this.#layout = layout;
  }

  *read(row: CsvRow): Generator<AuditItem> {
    if (isBlank(row)) return;
    const { line, cells } = row;
    const header = headerOf(this.#kind, cells);
    if (header !== undefined) {
      this.#layout = header;
      yield { type: 'header', line, layout: header, guessed: false };
      return;
    }
    if (this.#layout === undefined) {
      this.#layout = guessedLayout(this.#kind, cells, (text) => timeOf(text) !== undefined);
      if (this.#layout === undefined) throw noHeader(row);
      yield { type: 'header', line, layout: this.#layout, guessed: true };
    }
    if (cells.length !== this.#layout.width) {
      yield { type: 'misfit', line };
      return;
    }
    yield { type: 'row', row: rowOf(row, this.#layout) };
  }
}

const noHeader = ({ line, cells }: CsvRow): FileFault =>
  new FileFault(
    line,
    `this is no header that is known, and ${cells.length} columns fit no export that has none: name them as "columns" in the map`,
  );

const rowOf = ({ line, cells }: CsvRow, { at }: Layout): AuditRow => {
  const get = (column: Column): string | undefined => {
    const index = at.get(column);
    return index === undefined ? undefined : (cells[index] ?? '').trim();
  };
  return { line, get, at: timeOf(get('time') ?? ''), runs: runs(cells) };
};
