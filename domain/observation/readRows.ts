import { vendorOf } from '../feature/keys.ts';
import { ascending } from '../kernel/order.ts';
import { FeatureKey } from '../kernel/zodTypes.ts';
import { AGENCIES_MAX, ObservedAgency, ObservedVersion } from './events.ts';
import { foldedName, PLAIN_SEPARATOR, PLAIN_VALUES, type Profile, type RowField } from './profile.ts';

/** What a file says of one feature. Absent `agencies` or `version`: it says nothing of them. */
export interface RowValue {
  readonly on: boolean;
  readonly agencies?: readonly string[];
  readonly version?: string;
}

/** The content of a field; undefined if there is none; null if it is neither text nor a list of texts. */
export type Cell = string | readonly string[] | null | undefined;

/** `place`: a line of a CSV file or a JSON pointer. `misfit`: why it is not known which cell is which. */
export interface ObservedRow {
  readonly place: string;
  readonly misfit?: string;
  readonly cell: (field: RowField) => Cell;
}

interface ReadLine {
  readonly place: string;
  readonly key: string;
  readonly seen: RowValue;
}

/** `key`: null where not even that could be read. */
interface BadLine {
  readonly place: string;
  readonly key: string | null;
  readonly reason: string;
}

/** `features`: sorted by key. `aside`: how many rows the profile leaves aside. */
export interface RowsRead {
  readonly lines: readonly ReadLine[];
  readonly bad: readonly BadLine[];
  readonly aside: number;
  readonly features: ReadonlyMap<string, RowValue>;
}

type One = ({ readonly ok: true } & ReadLine) | ({ readonly ok: false } & BadLine) | 'aside';

const SHOWN_CHARS_MAX = 40;

/** Quotes what a file says, cut: it is attacker-controlled and can be megabytes long. */
const shown = (text: string): string => {
  const chars = Array.from(text.slice(0, 2 * SHOWN_CHARS_MAX + 2));
  return `"${chars.length > SHOWN_CHARS_MAX ? `${chars.slice(0, SHOWN_CHARS_MAX).join('')}…` : text}"`;
};

const trimmed = (cell: Cell): string | undefined => (typeof cell === 'string' ? cell.normalize('NFC').trim() : undefined);

const isBlank = (cell: Cell): boolean => cell === undefined || trimmed(cell) === '';

class Unreadable extends Error {}

const onOf = (profile: Profile, cell: Cell): boolean => {
  const values: typeof PLAIN_VALUES = profile.values ?? PLAIN_VALUES;
  const word = trimmed(cell);
  if (word === undefined || word === '') throw new Unreadable('says neither on nor off');
  const is = (words: readonly string[]): boolean => words.some((each) => foldedName(each) === foldedName(word));
  if (is(values.on)) return true;
  if (is(values.off)) return false;
  throw new Unreadable(`${shown(word)} says neither on nor off`);
};

const keyOf = ({ keys }: Profile, vendor: string, cell: Cell): string | null => {
  const name = trimmed(cell);
  if (name === undefined || name === '') throw new Unreadable('names no feature');
  if (keys !== undefined && !Object.hasOwn(keys, name)) throw new Unreadable(`the profile has no key for ${shown(name)}`);
  const key = keys === undefined ? name : keys[name];
  if (key === null || key === undefined) return null;
  if (!FeatureKey.safeParse(key).success) throw new Unreadable(`${shown(key)} is not the key of a feature`);
  if (vendorOf(key) !== vendor) throw new Unreadable(`${key} is not a feature of ${vendor}`);
  return key;
};

const agenciesOf = ({ separator = PLAIN_SEPARATOR }: Profile, cell: Cell): readonly string[] | undefined => {
  if (isBlank(cell)) return undefined;
  if (cell === null) throw new Unreadable('the agencies are no list of texts');
  const listed = typeof cell === 'string' ? cell.split(separator) : (cell ?? []);
  const agencies = [...new Set(listed.map((agency) => agency.normalize('NFC').trim()))];
  const strange = agencies.find((agency) => !ObservedAgency.safeParse(agency).success);
  if (strange !== undefined) throw new Unreadable(`${shown(strange)} is not the name of an agency`);
  if (agencies.length === 0 || agencies.length > AGENCIES_MAX) throw new Unreadable(`${agencies.length} agencies are named`);
  return agencies;
};

const versionOf = (cell: Cell): string | undefined => {
  if (isBlank(cell)) return undefined;
  const version = trimmed(cell);
  if (version === undefined || !ObservedVersion.safeParse(version).success)
    throw new Unreadable('the version is not one line of text');
  return version;
};

const seenOf = (profile: Profile, { cell }: ObservedRow): RowValue => {
  const on = onOf(profile, cell('on'));
  const agencies = agenciesOf(profile, cell('agencies'));
  const version = versionOf(cell('version'));
  if (!on) return { on };
  return { on, ...(agencies !== undefined && { agencies }), ...(version !== undefined && { version }) };
};

const readOne = (profile: Profile, vendor: string, row: ObservedRow): One => {
  const { place, misfit } = row;
  let key: string | null = null;
  try {
    if (misfit !== undefined) throw new Unreadable(misfit);
    key = keyOf(profile, vendor, row.cell('key'));
    return key === null ? 'aside' : { ok: true, place, key, seen: seenOf(profile, row) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, place, key, reason: error.message };
  }
};

const isSame = (a: RowValue, b: RowValue): boolean =>
  a.on === b.on &&
  a.version === b.version &&
  (a.agencies ?? []).toSorted().join('\n') === (b.agencies ?? []).toSorted().join('\n');

/** Joins what rows of one key say, if any of them on means on. Undefined if they name several versions. */
const joined = (rows: readonly RowValue[]): RowValue | undefined => {
  const on = rows.filter((row) => row.on);
  if (on.length === 0) return { on: false };
  const versions = new Set(on.map(({ version }) => version));
  const [version] = versions;
  if (versions.size > 1) return undefined;
  const agencies = on.every((row) => row.agencies !== undefined)
    ? [...new Set(on.flatMap((row) => row.agencies ?? []))]
    : undefined;
  return { on: true, ...(agencies !== undefined && { agencies }), ...(version !== undefined && { version }) };
};

const together = ({ sameKey = 'same' }: Profile, rows: readonly RowValue[]): RowValue | undefined => {
  const [first] = rows;
  if (first === undefined || rows.every((row) => isSame(row, first))) return first;
  return sameKey === 'any' ? joined(rows) : undefined;
};

/**
 * Reads rows by a profile. Nothing is guessed: a line with an unknown name or value is bad, and so are lines of one key that contradict
 * each other, or that say off where another line of the key cannot be read. The others count.
 */
export const readRows = (profile: Profile, vendor: string, rows: readonly ObservedRow[]): RowsRead => {
  const read = rows.map((row) => readOne(profile, vendor, row));
  const bad: BadLine[] = [];
  const good: ReadLine[] = [];
  for (const one of read) {
    if (one === 'aside') continue;
    if (one.ok) good.push({ place: one.place, key: one.key, seen: one.seen });
    else bad.push({ place: one.place, key: one.key, reason: one.reason });
  }
  const unread = new Set(bad.flatMap(({ key }) => key ?? []));
  const features = new Map<string, RowValue>();
  const dropped = new Map<string, string>();
  for (const [key, lines] of [...Map.groupBy(good, (line) => line.key)].sort(([a], [b]) => ascending(a, b))) {
    const seen = together(
      profile,
      lines.map((line) => line.seen),
    );
    if (seen === undefined) dropped.set(key, `the lines of ${key} contradict each other`);
    else if (!seen.on && unread.has(key)) dropped.set(key, `another line of ${key} cannot be read`);
    else features.set(key, seen);
  }
  const because = (line: ReadLine): readonly BadLine[] => {
    const reason = dropped.get(line.key);
    return reason === undefined ? [] : [{ place: line.place, key: line.key, reason }];
  };
  return {
    lines: good.filter(({ key }) => features.has(key)),
    bad: inOrder([...bad, ...good.flatMap(because)], rows),
    aside: read.filter((one) => one === 'aside').length,
    features,
  };
};

const inOrder = (bad: readonly BadLine[], rows: readonly ObservedRow[]): readonly BadLine[] => {
  const order = new Map(rows.map(({ place }, index) => [place, index]));
  return bad.toSorted((a, b) => (order.get(a.place) ?? 0) - (order.get(b.place) ?? 0));
};
