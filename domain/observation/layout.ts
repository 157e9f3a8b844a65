import type { JsonValue } from '../kernel/json.ts';
import { pointerOf } from '../kernel/jsonFault.ts';
import type { CsvRow } from './audit/rows.ts';
import { type CsvProfile, fieldsIn, foldedName, type JsonProfile, pathOf, placesIn, ROW_NAME, type RowField } from './profile.ts';
import type { Cell, ObservedRow } from './readRows.ts';

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

const isBlank = ({ cells }: CsvRow): boolean => cells.every((cell) => cell.trim() === '');

/** A row may have blank cells beyond its header, as spreadsheets write them. */
const misfitOf = (cells: readonly string[], width: number): string | undefined =>
  cells.length < width || cells.slice(width).some((cell) => cell.trim() !== '')
    ? `has ${cells.length} ${cells.length === 1 ? 'cell' : 'cells'}, and the header ${width}`
    : undefined;

/** Fits a profile to the rows of a CSV file, the first of which that is not blank is its header; it can come again among the others. */
export const fitCsv = (profile: CsvProfile, all: readonly CsvRow[]): Fit => {
  const [header, ...others] = all.filter((row) => !isBlank(row));
  const names = (header?.cells ?? []).map(foldedName);
  const found = fieldsIn(profile).map((field) => {
    const name = placesIn(profile, field)
      .map(foldedName)
      .find((place) => names.includes(place));
    return { field, name, needed: !isOptional(profile, field) };
  });
  const missing = found.filter(({ name, needed }) => name === undefined && needed);
  if (missing.length > 0)
    return { ok: false, why: `no column for ${missing.map(({ field }) => placesIn(profile, field).join(' or ')).join(', ')}` };
  const twice = found.find(({ name }) => name !== undefined && names.indexOf(name) !== names.lastIndexOf(name));
  if (twice !== undefined) return { ok: false, why: `two columns are named ${twice.name}` };
  const at = new Map(found.flatMap(({ field, name }) => (name === undefined ? [] : [[field, names.indexOf(name)] as const])));
  const known = new Set([...found.map(({ name }) => name), ...(profile.ignore ?? []).map(foldedName), '']);
  const isHeader = ({ cells }: CsvRow): boolean =>
    cells.length === names.length && cells.every((cell, index) => foldedName(cell) === names[index]);
  return {
    ok: true,
    unknown: (header?.cells ?? []).map((name) => name.trim()).filter((name) => !known.has(foldedName(name))),
    rows: others
      .filter((row) => !isHeader(row))
      .map(({ line, cells }) => {
        const misfit = misfitOf(cells, names.length);
        return {
          place: `line ${line}`,
          ...(misfit !== undefined && { misfit }),
          cell: (field: RowField): Cell => {
            const index = at.get(field);
            return index === undefined ? undefined : cells[index];
          },
        };
      }),
  };
};

/** Returns the value at a JSON pointer; undefined if there is none. */
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

const membersOf = (value: JsonValue | undefined): readonly string[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];

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
