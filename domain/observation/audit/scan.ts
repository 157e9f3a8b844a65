import * as z from 'zod';
import { strictObject } from '../../kernel/lazyObject.ts';
import { FeatureKey, LineText } from '../../kernel/zodTypes.ts';
import { type AuditItem, type AuditKind, type AuditRow, type Column, FileFault } from './rows.ts';

const MASKED = /^(?:\*+|#+|x{3,}|-{2,}|\[?redacted\]?|\[?masked\]?|\[?hidden\]?|n\/a)$/i;

type CellVisibility = 'shown' | 'masked' | 'blank';

export const shownAs = (value: string): CellVisibility => (value === '' ? 'blank' : MASKED.test(value) ? 'masked' : 'shown');

/** Five to eight capitals and digits, with both among them. */
export const namesPlate = (text: string): boolean =>
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

export const folded = (name: string): string => name.normalize('NFC').trim().toLowerCase();

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
    if (namesPlate(row.get('reason') ?? '')) this.plates.add(row.line);
    this.#time(row);
  }

  #tally(column: Column, value: string | undefined): void {
    if (value === undefined) return;
    const tally = this.shown.get(column) ?? { shown: 0, masked: 0, blank: 0 };
    tally[shownAs(value)] += 1;
    this.shown.set(column, tally);
  }

  #time({ at, line, get }: AuditRow): void {
    if (at === undefined) this.undated += 1;
    else {
      if (this.from === undefined || at < this.from) this.from = at;
      if (this.to === undefined || at > this.to) this.to = at;
    }
    const type = folded(get('type') ?? '').slice(0, TYPE_CHARS_MAX);
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
