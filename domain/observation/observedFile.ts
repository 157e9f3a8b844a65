import * as z from 'zod';
import { vendorOf } from '../feature/keys.ts';
import { isJsonObject, type JsonValue, pointerOf } from '../kernel/json.ts';
import { ascending } from '../kernel/order.ts';
import { type Problem, pointerTo, problemsOf, repeats } from '../kernel/problems.ts';
import { FeatureKey, LineText, strictObject } from '../kernel/zodTypes.ts';
import { VendorId } from '../vendors/events.ts';
import { type CsvRow, foldName, isBlankRow } from './audit.ts';
import { AGENCIES_MAX, ObservedAgency, ObservedVersion, Source } from './events.ts';

// File format: what the columns of a CSV file, or the members of a JSON file, of a source of observations mean. Cities write these files.

const NAMES_MAX = 2_000;
const NAME_CHARS_MAX = 200;

const Name = z.string().normalize().trim().min(1).max(NAME_CHARS_MAX);
const Names = z.array(Name).min(1).max(NAMES_MAX);

/** In a JSON file the name under which a row stands, where rows are the members of an object. */
const ROW_NAME = '#';

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const Pointer = z
  .string()
  .max(NAME_CHARS_MAX)
  .regex(POINTER, 'is not a JSON pointer such as /state/on, nor empty, which is the whole');
const Member = Pointer.or(z.literal(ROW_NAME));

/** One place, or several; the first that a file has is read. */
const placesOf = <T extends z.ZodType<string>>(place: T) => z.union([place, z.array(place).min(1).max(10)]);

const fieldsOf = <T extends z.ZodType<string>>(place: T) => ({
  key: placesOf(place),
  on: placesOf(place),
  agencies: placesOf(place).exactOptional(),
  version: placesOf(place).exactOptional(),
});

/**
 * What applies to a whole file. `source`: who looked; `title`: of the file, which then is the evidence; `vendor`: the only one whose files
 * these are; `keys`: from the vendor's names, null for one that is ignored; `values`: how the file writes on and off; `separator`: between
 * agencies; `sameKey`: several rows of one key agree (`same`), or the key is on if any of them is (`any`); `optional`: fields that a file
 * may lack; `ignore`: known columns or members that are ignored.
 */
const common = () => ({
  vendor: VendorId.exactOptional(),
  source: Source.exactOptional(),
  title: LineText(200).exactOptional(),
  keys: z.record(Name, FeatureKey.nullable()).exactOptional(),
  values: strictObject(() => ({ on: Names, off: Names })).exactOptional(),
  separator: z.string().min(1).max(5).exactOptional(),
  sameKey: z.enum(['same', 'any']).exactOptional(),
  optional: z.array(z.enum(['agencies', 'version'])).exactOptional(),
  ignore: z.array(Name).max(NAMES_MAX).exactOptional(),
});

const CsvProfile = strictObject(() => ({
  format: z.literal('csv'),
  ...common(),
  ...fieldsOf(Name),
  delimiter: z.enum([',', ';', '\t']).exactOptional(),
}));

const JsonProfile = strictObject(() => ({
  format: z.literal('json'),
  ...common(),
  ...fieldsOf(Member),
  rows: Pointer,
  observedAt: Pointer.exactOptional(),
}));

const FIELDS = ['key', 'on', 'agencies', 'version'] as const;
type RowField = (typeof FIELDS)[number];

type Places = Readonly<Partial<Record<RowField, string | readonly string[]>>>;

/** Returns where a field can stand, in order of preference; nothing if the profile does not name it. */
const placesIn = (profile: Places, field: RowField): readonly string[] => {
  const places = profile[field];
  if (places === undefined) return [];
  return typeof places === 'string' ? [places] : places;
};

const fieldsIn = (profile: Places): readonly RowField[] => FIELDS.filter((field) => profile[field] !== undefined);

type Shaped = z.infer<typeof CsvProfile> | z.infer<typeof JsonProfile>;

const contradictions = ({ values, keys = {}, vendor, ...profile }: Shaped): readonly Problem[] => {
  const on = values?.on.map(foldName) ?? [];
  const both = (values?.off ?? []).findIndex((word) => on.includes(foldName(word)));
  const owners = Object.entries(keys).filter((entry): entry is [string, string] => entry[1] !== null);
  const owner = vendor ?? vendorOf(owners[0]?.[1] ?? '');
  const places = fieldsIn(profile).flatMap((field) =>
    placesIn(profile, field).map((place) => ({ field, place: foldName(place) })),
  );
  const twice = repeats(places.map(({ place }) => place));
  return [
    ...(both === -1 ? [] : [{ pointer: pointerTo('values', 'off', both), detail: 'stands among the words for on, too' }]),
    ...owners
      .filter(([, key]) => vendorOf(key) !== owner)
      .map(([name]) => ({ pointer: pointerTo('keys', name), detail: `is not a feature of ${owner}` })),
    ...(profile.format === 'csv' ? twice : []).map((index) => ({
      pointer: pointerTo(places[index]?.field ?? ''),
      detail: 'names a column that another field names',
    })),
  ];
};

export const Profile = z.discriminatedUnion('format', [CsvProfile, JsonProfile]).superRefine((profile, context) => {
  for (const { pointer, detail } of contradictions(profile))
    context.addIssue({ code: 'custom', message: detail, path: [...pathOf(pointer)] });
});
export type Profile = z.infer<typeof Profile>;
export type CsvProfile = Extract<Profile, { readonly format: 'csv' }>;
export type JsonProfile = Extract<Profile, { readonly format: 'json' }>;

/** Returns the steps of a JSON pointer (RFC 6901). */
const pathOf = (pointer: string): readonly string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Reads a profile of a file. Attacker-controlled only as far as the operator's own files are. */
export const parseProfile = (
  json: unknown,
): { readonly ok: true; readonly profile: Profile } | { readonly ok: false; readonly problems: readonly Problem[] } => {
  const parsed = Profile.safeParse(json);
  return parsed.success ? { ok: true, profile: parsed.data } : { ok: false, problems: problemsOf(parsed.error) };
};

/** The words for on and off, in English and Spanish, also as spreadsheets write them, where a profile names none. */
const PLAIN_VALUES: { readonly on: readonly string[]; readonly off: readonly string[] } = {
  on: ['yes', 'on', 'true', '1', 'sí', 'si', 'activado', 'activada', 'encendido', 'encendida', 'verdadero', 'verdadera'],
  off: ['no', 'off', 'false', '0', 'desactivado', 'desactivada', 'apagado', 'apagada', 'falso', 'falsa'],
};

/** As in the CSV files of the register. */
const PLAIN_SEPARATOR = ';';

/** The built-in profiles, by name: CSV, the body of `POST /v1/observations`, and a list of its features. */
export const PLAIN_PROFILES: Readonly<Record<string, Profile>> = {
  'plain-csv': {
    format: 'csv',
    key: 'key',
    on: 'on',
    agencies: 'agencies',
    version: 'version',
    optional: ['agencies', 'version'],
  },
  'plain-json': {
    format: 'json',
    rows: '/features',
    observedAt: '/observedAt',
    key: ROW_NAME,
    on: ['/on', ''],
    agencies: '/agencies',
    version: '/version',
    optional: ['agencies', 'version'],
    ignore: ['vendor', 'source', 'evidence', 'note'],
  },
  'plain-json-list': {
    format: 'json',
    rows: '',
    key: '/key',
    on: '/on',
    agencies: '/agencies',
    version: '/version',
    optional: ['agencies', 'version'],
  },
};

/** A file's statement about one feature. Absent `agencies` or `version`: not stated. */
export interface RowValue {
  readonly on: boolean;
  readonly agencies?: readonly string[];
  readonly version?: string;
}

/** The content of a field; undefined if there is none; null if it is neither text nor a list of texts. */
type Cell = string | readonly string[] | null | undefined;

/** `place`: a line of a CSV file or a JSON pointer. `misfit`: why its cells cannot be assigned to columns. */
interface ObservedRow {
  readonly place: string;
  readonly misfit?: { readonly why: string; readonly cells: readonly string[] };
  readonly cell: (field: RowField) => Cell;
}

interface ReadLine {
  readonly place: string;
  readonly key: string;
  readonly seen: RowValue;
}

/** `key`: null if it could not be read either. */
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
  const is = (words: readonly string[]): boolean => words.some((each) => foldName(each) === foldName(word));
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
  if (agencies.length === 0) throw new Unreadable('0 agencies are named');
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
    if (misfit !== undefined) throw new Unreadable(misfit.why);
    key = keyOf(profile, vendor, row.cell('key'));
    return key === null ? 'aside' : { ok: true, place, key, seen: seenOf(profile, row) };
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    return { ok: false, place, key, reason: error.message };
  }
};

/** Returns the keys that a row may be about if its cells cannot be assigned to columns. */
const perhapsAbout = (profile: Profile, vendor: string, { misfit }: ObservedRow): readonly string[] =>
  (misfit?.cells ?? []).flatMap((cell) => {
    try {
      return keyOf(profile, vendor, cell) ?? [];
    } catch (error) {
      if (error instanceof Unreadable) return [];
      throw error;
    }
  });

const isSame = (a: RowValue, b: RowValue): boolean =>
  a.on === b.on &&
  a.version === b.version &&
  (a.agencies ?? []).toSorted().join('\n') === (b.agencies ?? []).toSorted().join('\n');

/** Joins the rows of one key if any of them on means on. Undefined if they name several versions. */
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
 * Reads rows according to a profile. Nothing is guessed: a line with an unknown name or value is bad, and so are lines of one key that
 * contradict each other, or that state off if another line of the key cannot be read. The others count.
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
  const unread = new Set([...bad.flatMap(({ key }) => key ?? []), ...rows.flatMap((row) => perhapsAbout(profile, vendor, row))]);
  const features = new Map<string, RowValue>();
  const dropped = new Map<string, string>();
  const crowded: BadLine[] = [];
  for (const [key, lines] of [...Map.groupBy(good, (line) => line.key)].sort(([a], [b]) => ascending(a, b))) {
    const seen = together(
      profile,
      lines.map((line) => line.seen),
    );
    if (seen === undefined) dropped.set(key, `the lines of ${key} contradict each other`);
    else if (!seen.on && unread.has(key)) dropped.set(key, `another line of ${key} cannot be read`);
    else {
      const { agencies = [], ...rest } = seen;
      const isCrowded = agencies.length > AGENCIES_MAX;
      features.set(key, isCrowded ? rest : seen);
      const reason = `its ${agencies.length} agencies, since a report has room for ${AGENCIES_MAX}: only that it is on counts`;
      if (isCrowded) crowded.push({ place: lines[0]?.place ?? '', key, reason });
    }
  }
  const because = (line: ReadLine): readonly BadLine[] => {
    const reason = dropped.get(line.key);
    return reason === undefined ? [] : [{ place: line.place, key: line.key, reason }];
  };
  return {
    lines: good.filter(({ key }) => features.has(key)),
    bad: inOrder([...bad, ...crowded, ...good.flatMap(because)], rows),
    aside: read.filter((one) => one === 'aside').length,
    features,
  };
};

const inOrder = (bad: readonly BadLine[], rows: readonly ObservedRow[]): readonly BadLine[] => {
  const order = new Map(rows.map(({ place }, index) => [place, index]));
  return bad.toSorted((a, b) => (order.get(a.place) ?? 0) - (order.get(b.place) ?? 0));
};

/** How a profile fits a file, or why it does not. `unknown`: columns or members that it does not name; `observedAt`: as the file has it. */
export type Fit =
  | {
      readonly ok: true;
      readonly rows: readonly ObservedRow[];
      readonly unknown: readonly string[];
      readonly observedAt?: string;
    }
  | { readonly ok: false; readonly why: string };

const isOptional = ({ optional = [] }: Pick<CsvProfile, 'optional'>, field: RowField): boolean =>
  optional.some((each) => each === field);

/** A row may have blank cells beyond its header, as spreadsheets write them. */
const misfitOf = (cells: readonly string[], width: number): string | undefined =>
  cells.length < width || cells.slice(width).some((cell) => cell.trim() !== '')
    ? `has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the header ${width}`
    : undefined;

/** Fits a profile to the rows of a CSV file, the first of which that is not blank is its header; it can come again among the others. */
export const fitCsv = (profile: CsvProfile, all: readonly CsvRow[]): Fit => {
  const [header, ...others] = all.filter((row) => !isBlankRow(row));
  const names = (header?.cells ?? []).map(foldName);
  const found = fieldsIn(profile).map((field) => {
    const name = placesIn(profile, field)
      .map(foldName)
      .find((place) => names.includes(place));
    return { field, name, needed: !isOptional(profile, field) };
  });
  const missing = found.filter(({ name, needed }) => name === undefined && needed);
  if (missing.length > 0)
    return { ok: false, why: `no column for ${missing.map(({ field }) => placesIn(profile, field).join(' or ')).join(', ')}` };
  const twice = found.find(({ name }) => name !== undefined && names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) return { ok: false, why: `two columns are named ${twice.name}` };
  const at = new Map(found.flatMap(({ field, name }) => (name === undefined ? [] : [[field, names.indexOf(name)] as const])));
  const known = new Set([...found.map(({ name }) => name), ...(profile.ignore ?? []).map(foldName), '']);
  const isHeader = ({ cells }: CsvRow): boolean =>
    cells.length === names.length && cells.every((cell, index) => foldName(cell) === names[index]);
  return {
    ok: true,
    unknown: (header?.cells ?? []).map((name) => name.trim()).filter((name) => !known.has(foldName(name))),
    rows: others
      .filter((row) => !isHeader(row))
      .map(({ line, cells }) => {
        const why = misfitOf(cells, names.length);
        return {
          place: `line ${line}`,
          ...(why !== undefined && { misfit: { why, cells } }),
          cell: (field: RowField): Cell => {
            const index = at.get(field);
            return index === undefined ? undefined : cells[index];
          },
        };
      }),
  };
};

const valueAt = (value: JsonValue | undefined, path: readonly string[]): JsonValue | undefined =>
  path.reduce<JsonValue | undefined>((within, step) => {
    if (typeof within !== 'object' || within === null) return undefined;
    if (!Array.isArray(within))
      return Object.hasOwn(within, step) ? (within as Readonly<Record<string, JsonValue>>)[step] : undefined;
    return /^(?:0|[1-9][0-9]*)$/.test(step) ? (within as readonly JsonValue[])[Number(step)] : undefined;
  }, value);

const cellOf = (value: JsonValue | undefined): Cell => {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'object') return String(value);
  if (!Array.isArray(value)) return null;
  const texts = (value as readonly JsonValue[]).filter((each) => typeof each === 'string');
  return texts.length === value.length ? texts : null;
};

interface JsonRow {
  readonly name: string | undefined;
  readonly place: string;
  readonly value: JsonValue;
}

const rowsAt = (json: JsonValue, pointer: string): readonly JsonRow[] | undefined => {
  const path = pathOf(pointer);
  const value = valueAt(json, path);
  if (typeof value !== 'object' || value === null) return undefined;
  const isList = Array.isArray(value);
  return Object.entries(value).map(([name, row]: [string, JsonValue]) => ({
    name: isList ? undefined : name,
    place: pointerOf([...path, name]),
    value: row,
  }));
};

const fieldAt = (profile: JsonProfile, { name, value }: JsonRow, field: RowField): JsonValue | undefined => {
  for (const place of placesIn(profile, field)) {
    const found = place === ROW_NAME ? name : valueAt(value, pathOf(place));
    if (found !== undefined) return found;
  }
  return undefined;
};

const membersOf = (value: JsonValue | undefined): readonly string[] => (isJsonObject(value) ? Object.keys(value) : []);

const firstSteps = (pointers: readonly string[]): readonly string[] => pointers.flatMap((pointer) => pathOf(pointer).slice(0, 1));

const unknownIn = (profile: JsonProfile, json: JsonValue, rows: readonly JsonRow[]): readonly string[] => {
  const { ignore = [], rows: at, observedAt = '' } = profile;
  const ofRows = new Set([...firstSteps(fieldsIn(profile).flatMap((field) => placesIn(profile, field))), ...ignore]);
  const ofWhole = new Set([...firstSteps([at, observedAt]), ...ignore]);
  const beside = at === '' ? [] : membersOf(json).filter((name) => !ofWhole.has(name));
  return [...new Set([...beside, ...rows.flatMap(({ value }) => membersOf(value)).filter((name) => !ofRows.has(name))])];
};

/** Fits a profile to a JSON file. The profile is that of the file if at least one row has all that is needed. */
export const fitJson = (profile: JsonProfile, json: JsonValue): Fit => {
  const rows = rowsAt(json, profile.rows);
  if (rows === undefined) return { ok: false, why: `neither a list nor an object at "${profile.rows}"` };
  const needed = fieldsIn(profile).filter((field) => !isOptional(profile, field));
  const missing = needed.filter((field) => rows.every((row) => fieldAt(profile, row, field) === undefined));
  if (rows.length > 0 && missing.length > 0)
    return { ok: false, why: `no row has ${missing.map((field) => placesIn(profile, field).join(' or ')).join(', ')}` };
  const observedAt = profile.observedAt === undefined ? undefined : valueAt(json, pathOf(profile.observedAt));
  return {
    ok: true,
    unknown: unknownIn(profile, json, rows),
    ...(observedAt !== undefined && { observedAt: typeof observedAt === 'string' ? observedAt : JSON.stringify(observedAt) }),
    rows: rows.map((row) => ({
      place: row.place,
      cell: (field: RowField): Cell => cellOf(fieldAt(profile, row, field)),
    })),
  };
};
