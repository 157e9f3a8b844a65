import type { Catalogue } from '../words.ts';

/** A form as sent: the values of each field, in order. */
export type Input = ReadonlyMap<string, readonly string[]>;

/** A fault of one field, as a text of the catalogue with its slots. */
export interface Fault {
  readonly name: string;
  readonly code: keyof Catalogue['problem']['field'];
  readonly slots?: Readonly<Record<string, string>>;
}

/** Returns the first value of a field; empty if it was not sent. */
export const oneOf = (input: Input, name: string): string => input.get(name)?.[0] ?? '';

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
};

/** Most fields of one form: far above any roll call. */
const FIELDS_MAX = 1_000;
const SHOWN_CHARS_MAX = 60;

/**
 * Parses `application/x-www-form-urlencoded`. Faults are: a field that `known` rejects, a field sent twice unless `repeatable`
 * has it or the part before its first dot, and bytes that are not UTF-8.
 */
export const readForm = (
  body: Uint8Array,
  known: (name: string) => boolean,
  repeatable: readonly string[] = [],
): { readonly input: Input; readonly faults: readonly Fault[] } => {
  const input = new Map<string, readonly string[]>();
  const faults: Fault[] = [];
  const pairs = new TextDecoder()
    .decode(body)
    .split('&', FIELDS_MAX + 1)
    .filter((pair) => pair !== '');
  if (pairs.length > FIELDS_MAX) return { input, faults: [{ name: '', code: 'encoding' }] };
  for (const pair of pairs) {
    const split = pair.indexOf('=');
    const name = decode(split === -1 ? pair : pair.slice(0, split));
    const value = decode(split === -1 ? '' : pair.slice(split + 1));
    if (name === undefined || value === undefined) faults.push({ name: name?.slice(0, SHOWN_CHARS_MAX) ?? '', code: 'encoding' });
    else if (!known(name))
      faults.push({ name: name.slice(0, SHOWN_CHARS_MAX), code: 'unknown', slots: { name: name.slice(0, SHOWN_CHARS_MAX) } });
    else if (input.has(name) && !repeatable.includes(name.split('.', 1)[0] ?? ''))
      faults.push({ name, code: 'repeated', slots: { name } });
    else input.set(name, [...(input.get(name) ?? []), value]);
  }
  return { input, faults };
};

/** A form as it was sent, with what it says or what is wrong with each field. */
export type SentForm<T> = { readonly input: Input } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly Fault[] }
);

/** Reads a parsed form. `read` adds the faults that it finds, beside which its result does not count. */
export const sentForm = <T>(
  { input, faults }: ReturnType<typeof readForm>,
  read: (input: Input, faults: Fault[]) => T,
): SentForm<T> => {
  const found = [...faults];
  const value = read(input, found);
  return found.length === 0 ? { input, ok: true, value } : { input, ok: false, faults: found };
};
