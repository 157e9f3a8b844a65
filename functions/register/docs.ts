// Storage format of the read model in the side store. It is derived and may be thrown away; what cannot be read is folded again.
import { setImmediate } from 'node:timers/promises';
import * as z from 'zod';
import { FeatureState, STATE_VERSION } from '../../domain/feature/state.ts';
import { ChangeView, VIEW_VERSION } from '../../domain/feature/view.ts';
import { type JsonValue, jsonOf } from '../../domain/kernel/json.ts';
import { strictObject } from '../../domain/kernel/lazyObject.ts';
import { Instant } from '../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../domain/policy/schema.ts';
import { REGISTER_KIND as REGISTER, type SideStore } from '../platform/store/sideStore.ts';
import { ChangeLine, LINES_MAX } from './line.ts';

const CHANGE = 'change';
/** Digits of a change's number in an id, so that ids sort as numbers do. */
const NUMBER_DIGITS = 7;

/**
 * One feature in the register. `version`: the version of its stream up to which events are folded in. `touched`: the version that
 * touched each of the newest changes last, which shows whether a change's document lags. `named`: whether the title is that of an
 * approved revision. `lines`: the newest changes, by number. `unreadable`: the stream was corrupt when last read, so nothing here may
 * be relied on.
 */
export const RegisterDoc = strictObject(() => ({
  viewVersion: z.literal(VIEW_VERSION),
  stateVersion: z.literal(STATE_VERSION),
  key: z.string(),
  version: z.int().min(0),
  at: Instant.nullable(),
  title: z.string().nullable(),
  kind: z.enum(KINDS).nullable(),
  named: z.boolean(),
  newest: z.int().min(0),
  unreadable: z.boolean(),
  touched: z.record(z.string(), z.int()),
  lines: z.array(ChangeLine).max(LINES_MAX),
  state: FeatureState,
}));
export type RegisterDoc = z.infer<typeof RegisterDoc>;

const ChangeDoc = strictObject(() => ({ viewVersion: z.literal(VIEW_VERSION), version: z.int().min(1), view: ChangeView }));
/** One change. `version`: the version of the last commit that touched it. */
export type ChangeDoc = z.infer<typeof ChangeDoc>;

/** Returns the id of a change's document. */
export const changeDocId = (key: string, n: number): string => `${key}/${String(n).padStart(NUMBER_DIGITS, '0')}`;

/**
 * Parses a stored register document; undefined if it is missing, of another version of the code, or of another key. Returns the value
 * itself, since the schema changes nothing in it: what JSON.parse makes takes less memory than Zod's copy, and an index keeps them all.
 */
export const parseRegister = (key: string, value: JsonValue | undefined): RegisterDoc | undefined =>
  RegisterDoc.safeParse(value).data?.key === key ? (value as unknown as RegisterDoc) : undefined;

/** Parses a stored change document; undefined if it is missing, of another version of the code, or of another change. */
export const parseChange = (key: string, n: number, value: JsonValue | undefined): ChangeDoc | undefined => {
  const parsed = ChangeDoc.safeParse(value);
  return parsed.success && parsed.data.view.key === key && parsed.data.view.number === n ? parsed.data : undefined;
};

export const getRegister = async (sideStore: SideStore, key: string): Promise<RegisterDoc | undefined> =>
  parseRegister(key, await sideStore.get(REGISTER, key));

export const putRegister = (sideStore: SideStore, doc: RegisterDoc): Promise<void> =>
  sideStore.put(REGISTER, doc.key, jsonOf(doc), 'ordered');

export const getChange = async (sideStore: SideStore, key: string, n: number): Promise<ChangeDoc | undefined> =>
  parseChange(key, n, await sideStore.get(CHANGE, changeDocId(key, n)));

export const putChange = (sideStore: SideStore, doc: ChangeDoc): Promise<void> =>
  sideStore.put(CHANGE, changeDocId(doc.view.key, doc.view.number), jsonOf(doc), 'ordered');

/** A stored document by its key; without `doc` if it cannot be parsed. */
export interface RegisterEntry {
  readonly key: string;
  readonly doc: RegisterDoc | undefined;
}

/** Lists the keys of the register without parsing a document, for what reads the heads itself. */
export const listRegisterKeys = async (sideStore: SideStore): Promise<readonly string[]> =>
  (await sideStore.list(REGISTER)).map(({ id }) => id);

/** Returns what every key beneath a prefix begins with. */
export const stemOf = (prefix: string): string => (prefix.endsWith('.') ? prefix : `${prefix}.`);

/** Reports whether a key is a prefix or beneath it. */
export const isBeneath = (key: string, prefix: string): boolean => key === prefix || key.startsWith(stemOf(prefix));

/**
 * Yields the register documents above a key, by key, read `chunk` at a time, so that a page costs what it shows. `prefix`: only it, if it
 * is a key, and the keys beneath it.
 */
export async function* registerAfter(
  sideStore: SideStore,
  { prefix, after, chunk }: { readonly prefix?: string | undefined; readonly after: string; readonly chunk: number },
): AsyncGenerator<RegisterEntry> {
  const root = prefix === undefined ? '' : stemOf(prefix);
  if (prefix !== undefined && prefix !== root && prefix > after) {
    const value = await sideStore.get(REGISTER, prefix);
    if (value !== undefined) yield { key: prefix, doc: parseRegister(prefix, value) };
  }
  for (let last = after; ; ) {
    const entries = await sideStore.list(REGISTER, root, { after: last, limit: chunk });
    for (const { id, value } of entries) yield { key: id, doc: parseRegister(id, value) };
    if (entries.length < chunk) return;
    // Between two parts of a long register, what else was asked has its turn.
    await setImmediate();
    last = entries.at(-1)?.id ?? last;
  }
}

/** A stored document of a change; one that cannot be parsed has no `doc`. */
export interface ChangeEntry {
  readonly id: string;
  readonly doc: ChangeDoc | undefined;
}

/** Lists the documents of the changes of one feature, by id; with a `range`, at most `limit` of those after a number. */
export const listChangeDocs = async (
  sideStore: SideStore,
  key: string,
  range?: { readonly after: number; readonly limit: number },
): Promise<readonly ChangeEntry[]> =>
  (await sideStore.list(CHANGE, `${key}/`, range && { after: changeDocId(key, range.after), limit: range.limit })).map(
    ({ id, value }) => ({
      id,
      doc: parseChange(key, Number(id.slice(key.length + 1)), value),
    }),
  );

/** Lists the ids of all changes' documents without parsing one. */
export const listChangeIds = async (sideStore: SideStore): Promise<readonly string[]> =>
  (await sideStore.list(CHANGE)).map(({ id }) => id);

const EDITION = 'register-edition';

/** Returns how often the register was rebuilt, so that what keeps its documents in memory reads them again. */
export const readRegisterEdition = async (sideStore: SideStore): Promise<number> =>
  z.int().safeParse(await sideStore.get(EDITION, REGISTER)).data ?? 0;

/** Counts the register as rebuilt. */
export const raiseRegisterEdition = async (sideStore: SideStore): Promise<void> =>
  sideStore.put(EDITION, REGISTER, (await readRegisterEdition(sideStore)) + 1);

export const removeRegister = (sideStore: SideStore, key: string): Promise<void> => sideStore.remove(REGISTER, key);
export const removeChange = (sideStore: SideStore, id: string): Promise<void> => sideStore.remove(CHANGE, id);
