// File format: what the columns of a CSV file, or the members of a JSON file, of a source of observations mean. Cities write these files.
import * as z from 'zod';
import { vendorOf } from '../feature/keys.ts';
import { strictObject } from '../kernel/lazyObject.ts';
import { type Problem, pointerTo, problemsOf, repeats } from '../kernel/problems.ts';
import { FeatureKey, LineText } from '../kernel/zodTypes.ts';
import { VendorId } from '../vendors/keys.ts';
import { Source } from './events.ts';

const NAMES_MAX = 2_000;
const NAME_CHARS_MAX = 200;

const Name = z.string().normalize().trim().min(1).max(NAME_CHARS_MAX);
const Names = z.array(Name).min(1).max(NAMES_MAX);

/** In a JSON file the name under which a row stands, where rows are the members of an object. */
export const ROW_NAME = '#';

const POINTER = /^(?:\/(?:[^~/]|~[01])*)*$/;
const Pointer = z
  .string()
  .max(NAME_CHARS_MAX)
  .regex(POINTER, 'is not a JSON pointer such as /state/on, nor empty, which is the whole');
const Member = Pointer.or(z.literal(ROW_NAME));

/** One place, or several, of which the first that a file has is read. */
const placesOf = <T extends z.ZodType<string>>(place: T) => z.union([place, z.array(place).min(1).max(10)]);

const fieldsOf = <T extends z.ZodType<string>>(place: T) => ({
  key: placesOf(place),
  on: placesOf(place),
  agencies: placesOf(place).exactOptional(),
  version: placesOf(place).exactOptional(),
});

/**
 * What a file says beside its rows. `source`: who looked; `title`: of the file, which then is the evidence; `vendor`: the only one whose files
 * these are; `keys`: from the vendor's names, null for one that is left aside; `values`: how the file writes on and off; `separator`:
 * between agencies; `sameKey`: several rows of one key agree (`same`), or the key is on if any of them is (`any`); `optional`: fields that a
 * file may lack; `ignore`: columns or members that are known and left aside.
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

/** A name as it is compared: without blanks around it, upper or lower case, and however its accents are composed. */
export const foldedName = (name: string): string => name.normalize('NFC').trim().toLowerCase();

const FIELDS = ['key', 'on', 'agencies', 'version'] as const;
export type RowField = (typeof FIELDS)[number];

type Places = Readonly<Partial<Record<RowField, string | readonly string[]>>>;

/** Returns where a field can stand, in order of preference; nothing if the profile does not name it. */
export const placesIn = (profile: Places, field: RowField): readonly string[] => {
  const places = profile[field];
  if (places === undefined) return [];
  return typeof places === 'string' ? [places] : places;
};

export const fieldsIn = (profile: Places): readonly RowField[] => FIELDS.filter((field) => profile[field] !== undefined);

type Shaped = z.infer<typeof CsvProfile> | z.infer<typeof JsonProfile>;

const contradictions = ({ values, keys = {}, vendor, ...profile }: Shaped): readonly Problem[] => {
  const on = values?.on.map(foldedName) ?? [];
  const both = (values?.off ?? []).findIndex((word) => on.includes(foldedName(word)));
  const owners = Object.entries(keys).filter((entry): entry is [string, string] => entry[1] !== null);
  const owner = vendor ?? vendorOf(owners[0]?.[1] ?? '');
  const places = fieldsIn(profile).flatMap((field) =>
    placesIn(profile, field).map((place) => ({ field, place: foldedName(place) })),
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
export const pathOf = (pointer: string): readonly string[] =>
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
export const PLAIN_VALUES: { readonly on: readonly string[]; readonly off: readonly string[] } = {
  on: ['yes', 'on', 'true', '1', 'sí', 'si', 'activado', 'activada', 'encendido', 'encendida', 'verdadero', 'verdadera'],
  off: ['no', 'off', 'false', '0', 'desactivado', 'desactivada', 'apagado', 'apagada', 'falso', 'falsa'],
};

/** As in the CSV files of the register. */
export const PLAIN_SEPARATOR = ';';

/** The profiles that come along, by name: CSV, the body of `POST /v1/observations`, and a list of its features. */
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
