import type { AuditRow } from './rows.ts';
import { type AuditMap, folded, isWord, Lines, shownAs } from './scan.ts';

/** Whether it was on at either end of the day, and for which agencies (null: all). */
export interface DayStanding {
  readonly on: boolean;
  readonly audience: readonly string[] | null;
}

/** `day` in UTC, '' for a row without a time: today. Undefined: not asked for. */
export type StandingOn = (key: string, day: string) => DayStanding | undefined;

export type FlagCode = 'feature-off' | 'outside-audience' | 'organisation-not-shown' | 'unreadable-row';

/** Contains no cell of any row. */
export interface AuditFlag {
  readonly code: FlagCode;
  readonly key: string | null;
  readonly rows: number;
  readonly lines: readonly number[];
}

/** `type`: null if it is not a plain word, and so might be a name. */
export interface TypeUse {
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
    this.#types = new Map(Object.entries(types).map(([type, key]) => [folded(type), key]));
    this.#agencies = new Map(Object.entries(agencies).map(([name, agency]) => [folded(name), folded(agency)]));
    this.#root = root;
    this.#standing = standing;
  }

  take(row: AuditRow): void {
    const type = row.get('type');
    const mapped = this.#types.get(folded(type ?? ''));
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
    if (shownAs(organisation) !== 'shown') {
      this.#flag('organisation-not-shown', key, row.line);
      return;
    }
    const name = folded(organisation);
    const agency = this.#agencies.get(name) ?? name;
    if (audience.some((allowed) => folded(allowed) === agency)) return;
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
    const id = word === null ? '' : folded(word);
    const use = this.#uses.get(id) ?? { type: word, key: key ?? null, rows: 0 };
    use.rows += 1;
    this.#uses.set(id, use);
  }
}
