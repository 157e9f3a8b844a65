import * as z from 'zod';
import { FeatureKey, LineText, strictObject } from '../kernel/zodTypes.ts';

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

type Column = keyof (typeof NAMES)['access'] | keyof (typeof NAMES)['settings'];

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

const plainName = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

const columnOf = (kind: AuditKind, name: string): Column | undefined => MEANINGS[kind].get(plainName(name));

/** Returns the name of a known column that occurs twice in a header: the second one would never be judged. */
const namedTwice = (kind: AuditKind, cells: readonly string[]): string | undefined => {
  const names = cells.map(plainName);
  return cells.find((cell, index) => columnOf(kind, cell) !== undefined && names.indexOf(plainName(cell)) < index);
};

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

interface AuditRow {
  readonly line: number;
  /** Undefined if the file has no such column; '' if the cell is blank, which does not mean "none". */
  readonly get: (column: Column) => string | undefined;
  readonly at: string | undefined;
  readonly runs: boolean;
}

export type AuditItem =
  | { readonly type: 'header'; readonly line: number; readonly layout: Layout; readonly guessed: boolean }
  | { readonly type: 'row'; readonly row: AuditRow }
  /** A row with more or fewer cells than its header: the position of its cells cannot be trusted. */
  | { readonly type: 'misfit'; readonly line: number };

/** Spreadsheets write an empty row as delimiters alone. */
export const isBlankRow = ({ cells }: CsvRow): boolean => cells.every((cell) => cell.trim() === '');

const runs = (cells: readonly string[]): boolean => cells.some((cell) => /^[=@]|^[+-](?=[A-Za-z(])/.test(cell));

export class AuditReader {
  readonly #kind: AuditKind;
  #layout: Layout | undefined;

  constructor(kind: AuditKind, layout?: Layout) {
    this.#kind = kind;
    this.#layout = layout;
  }

  *read(row: CsvRow): Generator<AuditItem> {
    if (isBlankRow(row)) return;
    const { line, cells } = row;
    const header = headerOf(this.#kind, cells);
    if (header !== undefined) {
      const twice = namedTwice(this.#kind, cells);
      if (twice !== undefined) throw new FileFault(line, `two columns are named ${twice}`);
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

const MASKED = /^(?:\*+|#+|x{3,}|-{2,}|\[?redacted\]?|\[?masked\]?|\[?hidden\]?|n\/a)$/i;

type CellVisibility = 'shown' | 'masked' | 'blank';

export const visibilityOf = (value: string): CellVisibility => (value === '' ? 'blank' : MASKED.test(value) ? 'masked' : 'shown');

/** Five to eight capitals and digits, with both among them. */
export const containsPlate = (text: string): boolean =>
  /(?<![A-Za-z0-9-])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])[A-Z0-9]{5,8}(?![A-Za-z0-9-])/.test(text);

/** A word of one vendor's vocabulary such as `multiGeo`; anything else could be a name or a plate in a column that moved. */
export const isWord = (text: string): boolean => /^[A-Za-z]{2,40}$/.test(text);

const ENTRIES_MAX = 1_000;
const few = (record: object): boolean => Object.keys(record).length <= ENTRIES_MAX;
const TOO_MANY = { error: `has more than ${ENTRIES_MAX} entries` };

/**
 * File format: how to read one vendor's export, as the city writes it. `searchTypes`, `entityTypes`: the feature of each. `agencies`: the
 * approvals' names for organisations. `columns`: of files without a header.
 */
export const AuditMap = strictObject(() => ({
  searchTypes: z.record(LineText(100), FeatureKey).refine(few, TOO_MANY).prefault({}),
  entityTypes: z.record(LineText(100), FeatureKey).refine(few, TOO_MANY).prefault({}),
  agencies: z.record(LineText(200), LineText(200)).refine(few, TOO_MANY).prefault({}),
  columns: z.array(z.string().max(100)).min(1).max(256).optional(),
}));
export type AuditMap = z.infer<typeof AuditMap>;

/** Returns a name for comparison: trimmed, in lower case and in NFC. */
export const foldName = (name: string): string => name.normalize('NFC').trim().toLowerCase();

/** A file with more types and days is not an export. */
const DISTINCT_MAX = 4_000;
const LINES_MAX = 20;
const TYPE_CHARS_MAX = 100;

/** The columns that hold a person to account. */
const OVERSIGHT: Readonly<Record<AuditKind, readonly Column[]>> = {
  access: ['user', 'organisation', 'plate', 'reason', 'case', 'type'],
  settings: ['user', 'event', 'type', 'details'],
};

export class Lines {
  count = 0;
  readonly first: number[] = [];
  add(line: number): void {
    this.count += 1;
    if (this.first.length < LINES_MAX) this.first.push(line);
  }
}

export class AuditScan {
  readonly kind: AuditKind;
  rows = 0;
  headers = 0;
  withoutHeader = false;
  undated = 0;
  unknownColumns = 0;
  formulas = 0;
  from: string | undefined;
  to: string | undefined;
  readonly misfits = new Lines();
  readonly plates = new Lines();
  /** The words of the type column without case, and the days on which each occurs. */
  readonly days = new Map<string, Set<string>>();
  readonly shown = new Map<Column, Record<CellVisibility, number>>();
  #seen = 0;

  constructor(kind: AuditKind) {
    this.kind = kind;
  }

  take(item: AuditItem): void {
    if (item.type === 'misfit') this.misfits.add(item.line);
    else if (item.type === 'row') this.#row(item.row);
    else {
      if (item.guessed) this.withoutHeader = true;
      else this.headers += 1;
      this.unknownColumns = Math.max(this.unknownColumns, item.layout.unknown);
    }
  }

  /** An empty file does not mean that no search took place. */
  end(): void {
    if (this.rows === 0 && this.misfits.count === 0) throw new FileFault(1, 'the file holds no row');
  }

  get missing(): readonly Column[] {
    return OVERSIGHT[this.kind].filter((column) => !this.shown.has(column));
  }

  #row(row: AuditRow): void {
    this.rows += 1;
    if (row.runs) this.formulas += 1;
    for (const column of OVERSIGHT[this.kind]) this.#tally(column, row.get(column));
    if (containsPlate(row.get('reason') ?? '')) this.plates.add(row.line);
    this.#time(row);
  }

  #tally(column: Column, value: string | undefined): void {
    if (value === undefined) return;
    const tally = this.shown.get(column) ?? { shown: 0, masked: 0, blank: 0 };
    tally[visibilityOf(value)] += 1;
    this.shown.set(column, tally);
  }

  #time({ at, line, get }: AuditRow): void {
    if (at === undefined) this.undated += 1;
    else {
      if (this.from === undefined || at < this.from) this.from = at;
      if (this.to === undefined || at > this.to) this.to = at;
    }
    const type = foldName(get('type') ?? '').slice(0, TYPE_CHARS_MAX);
    const days = this.days.get(type) ?? new Set();
    const day = at?.slice(0, 10) ?? '';
    if (days.has(day)) return;
    this.#seen += 1;
    if (this.#seen > DISTINCT_MAX)
      throw new FileFault(line, `more than ${DISTINCT_MAX} different types and days: the columns are not what they seem`);
    days.add(day);
    this.days.set(type, days);
  }
}

/** Whether the feature was on at either end of the day, and for which agencies (null: all). */
export interface DayStanding {
  readonly on: boolean;
  readonly audience: readonly string[] | null;
}

/** `day` in UTC; '' (a row without a time) means today. Undefined: not asked for. */
export type StandingOn = (key: string, day: string) => DayStanding | undefined;

type FlagCode = 'feature-off' | 'outside-audience' | 'organisation-not-shown' | 'unreadable-row';

/** Contains no cell of any row. */
export interface AuditFlag {
  readonly code: FlagCode;
  readonly key: string | null;
  readonly rows: number;
  readonly lines: readonly number[];
}

/** `type`: null if it is not a plain word, and so might be a name. */
interface TypeUse {
  readonly type: string | null;
  readonly key: string | null;
  readonly rows: number;
}

const DIFFERENT_MAX = 100_000;
const NAME_CHARS_MAX = 200;

export class AuditJudge {
  readonly #types: ReadonlyMap<string, string>;
  readonly #agencies: ReadonlyMap<string, string>;
  readonly #root: string | undefined;
  readonly #standing: StandingOn;
  readonly #flags = new Map<string, { code: FlagCode; key: string | null; lines: Lines }>();
  readonly #uses = new Map<string, { type: string | null; key: string | null; rows: number }>();
  readonly #outsiders = new Set<string>();

  /** `types`: the feature of each word of the type column. `root`: the feature whose audience binds rows of no known type. */
  constructor(
    types: Readonly<Record<string, string>>,
    { agencies }: Pick<AuditMap, 'agencies'>,
    root: string | undefined,
    standing: StandingOn,
  ) {
    this.#types = new Map(Object.entries(types).map(([type, key]) => [foldName(type), key]));
    this.#agencies = new Map(Object.entries(agencies).map(([name, agency]) => [foldName(name), foldName(agency)]));
    this.#root = root;
    this.#standing = standing;
  }

  take(row: AuditRow): void {
    const type = row.get('type');
    const mapped = this.#types.get(foldName(type ?? ''));
    if (type !== undefined) this.#use(type, mapped);
    const key = mapped ?? this.#root;
    const standing = key === undefined ? undefined : this.#standing(key, row.at?.slice(0, 10) ?? '');
    if (key === undefined || standing === undefined) return;
    if (!standing.on) this.#flag('feature-off', key, row.line);
    this.#audience(row, key, standing);
  }

  misfit(line: number): void {
    this.#flag('unreadable-row', null, line);
  }

  get flags(): readonly AuditFlag[] {
    return [...this.#flags.values()].map(({ code, key, lines }) => ({ code, key, rows: lines.count, lines: lines.first }));
  }

  get uses(): readonly TypeUse[] {
    return [...this.#uses.values()].toSorted((a, b) => b.rows - a.rows);
  }

  get outsiders(): number {
    return this.#outsiders.size;
  }

  #audience(row: AuditRow, key: string, { audience }: DayStanding): void {
    const organisation = row.get('organisation');
    if (audience === null || organisation === undefined) return;
    if (visibilityOf(organisation) !== 'shown') {
      this.#flag('organisation-not-shown', key, row.line);
      return;
    }
    const name = foldName(organisation);
    const agency = this.#agencies.get(name) ?? name;
    if (audience.some((allowed) => foldName(allowed) === agency)) return;
    this.#flag('outside-audience', key, row.line);
    if (this.#outsiders.size < DIFFERENT_MAX) this.#outsiders.add(name.slice(0, NAME_CHARS_MAX));
  }

  #flag(code: FlagCode, key: string | null, line: number): void {
    const id = `${code} ${key}`;
    const flag = this.#flags.get(id) ?? { code, key, lines: new Lines() };
    flag.lines.add(line);
    this.#flags.set(id, flag);
  }

  #use(type: string, key: string | undefined): void {
    // Only words that the city mapped, or single plain words, are reported; all others are counted together.
    const word = key !== undefined || isWord(type) ? type : null;
    const id = word === null ? '' : foldName(word);
    const use = this.#uses.get(id) ?? { type: word, key: key ?? null, rows: 0 };
    use.rows += 1;
    this.#uses.set(id, use);
  }
}
