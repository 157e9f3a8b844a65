import * as z from 'zod';
import { due } from '../../domain/feature/due.ts';
import type { FeatureEvent } from '../../domain/feature/events.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { CHANGE_STATUSES, FeatureState, isOpen, openChanges, STATE_VERSION } from '../../domain/feature/state.ts';
import { ChangeView, statusAfter, VIEW_VERSION } from '../../domain/feature/view.ts';
import { type JsonValue, jsonOf } from '../../domain/kernel/json.ts';
import { Digest, FeatureKey, Instant, strictObject } from '../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../domain/policy/schema.ts';
import { hidingAt, type Place, type Redaction, type RedactionState } from '../../domain/redaction/decide.ts';
import { namedIn, readRedactions, type TextPorts } from '../gate/redactions.ts';
import { fitsSideStore, pagesOf, REGISTER_KIND as REGISTER, type SideStore } from '../platform/store/sideStore.ts';

// Storage format of the read model in the side store. It is derived and may be thrown away; what cannot be read is folded again.

const CHANGE = 'change';
const NUMBER_DIGITS = 7;

/** Changes of a feature for which a person's latest act is kept. */
export const ACTED_MAX = 10;
const Acted = z.strictObject({ n: z.int().min(1), at: Instant });
export type Acted = z.infer<typeof Acted>;

/**
 * One feature. `version`: the stream version up to which events are folded in. `touched`: the version that last touched each of the
 * newest changes, which shows whether a change's document lags. `acted`: the changes in which each person acted last, and when.
 * `named`: whether the title is that of an approved revision. `unreadable`: the stream was corrupt when last read, so nothing here is
 * reliable.
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
  acted: z.record(z.string(), z.array(Acted).max(ACTED_MAX)),
  state: FeatureState,
}));
export type RegisterDoc = z.infer<typeof RegisterDoc>;

export const isOpenDoc = ({ unreadable, state }: RegisterDoc): boolean => !unreadable && openChanges(state).length > 0;

const ChangeDoc = strictObject(() => ({ viewVersion: z.literal(VIEW_VERSION), version: z.int().min(1), view: ChangeView }));
/** `version`: the last commit that touched it. */
export type ChangeDoc = z.infer<typeof ChangeDoc>;

export const changeDocId = (key: string, n: number): string => `${key}/${String(n).padStart(NUMBER_DIGITS, '0')}`;

/**
 * Returns undefined if the value is missing, from another code version, or for another key. Returns the value itself, which takes
 * less memory than Zod's copy: an index keeps them all.
 */
export const parseRegister = (key: string, value: JsonValue | undefined): RegisterDoc | undefined =>
  RegisterDoc.safeParse(value).data?.key === key ? (value as unknown as RegisterDoc) : undefined;

/** Undefined if the value is missing, from another code version, or for another change. */
const parseChange = (key: string, n: number, value: JsonValue | undefined): ChangeDoc | undefined => {
  const parsed = ChangeDoc.safeParse(value);
  return parsed.success && parsed.data.view.key === key && parsed.data.view.number === n ? parsed.data : undefined;
};

export const getRegister = async (sideStore: SideStore, key: string): Promise<RegisterDoc | undefined> =>
  parseRegister(key, await sideStore.get(REGISTER, key));

export const putRegister = (sideStore: SideStore, doc: RegisterDoc): Promise<void> =>
  sideStore.put(REGISTER, doc.key, jsonOf(doc));

export const getChange = async (sideStore: SideStore, key: string, n: number): Promise<ChangeDoc | undefined> =>
  parseChange(key, n, await sideStore.get(CHANGE, changeDocId(key, n)));

/** False for a change with many long revisions: it is folded from its commits on each read. */
export const isStored = (doc: ChangeDoc): boolean => fitsSideStore(jsonOf(doc));

export const putChange = (sideStore: SideStore, doc: ChangeDoc): Promise<void> => {
  const id = changeDocId(doc.view.key, doc.view.number);
  return isStored(doc) ? sideStore.put(CHANGE, id, jsonOf(doc)) : sideStore.remove(CHANGE, id);
};

export interface RegisterEntry {
  readonly key: string;
  readonly doc: RegisterDoc | undefined;
}

export const listRegisterKeys = async (sideStore: SideStore): Promise<readonly string[]> =>
  (await sideStore.list(REGISTER)).map(({ id }) => id);

/** Returns the string that every key beneath a prefix begins with. */
export const keyPrefix = (prefix: string): string => (prefix.endsWith('.') ? prefix : `${prefix}.`);

/** Yields entries by key, read `chunk` at a time. `prefix`: restricts them to that key and the keys beneath it. */
export async function* registerAfter(
  sideStore: SideStore,
  { prefix, after, chunk }: { readonly prefix?: string | undefined; readonly after: string; readonly chunk: number },
): AsyncGenerator<RegisterEntry> {
  const root = prefix === undefined ? '' : keyPrefix(prefix);
  if (prefix !== undefined && prefix !== root && prefix > after) {
    const value = await sideStore.get(REGISTER, prefix);
    if (value !== undefined) yield { key: prefix, doc: parseRegister(prefix, value) };
  }
  for await (const page of pagesOf(sideStore, REGISTER, { prefix: root, after, limit: chunk }))
    for (const { id, value } of page) yield { key: id, doc: parseRegister(id, value) };
}

interface ChangeEntry {
  readonly id: string;
  readonly doc: ChangeDoc | undefined;
}

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

export const listChangeIds = async (sideStore: SideStore): Promise<readonly string[]> =>
  (await sideStore.list(CHANGE)).map(({ id }) => id);

const EDITION = 'register-edition';

/** Returns how often the register was rebuilt; an index in memory reloads if that changed. */
export const readRegisterEdition = async (sideStore: SideStore): Promise<number> =>
  z.int().safeParse(await sideStore.get(EDITION, REGISTER)).data ?? 0;

export const raiseRegisterEdition = async (sideStore: SideStore): Promise<void> =>
  sideStore.put(EDITION, REGISTER, (await readRegisterEdition(sideStore)) + 1);

export const removeRegister = (sideStore: SideStore, key: string): Promise<void> => sideStore.remove(REGISTER, key);
export const removeChange = (sideStore: SideStore, id: string): Promise<void> => sideStore.remove(CHANGE, id);

/** Newest changes for which a feature's document keeps a line. */
export const LINES_MAX = 100;

/**
 * `since`: when the first notice arrived; `at`: when the newest revision did; `scheme`: how that was signed, null if the city entered
 * it; `contested`: when someone contested that it is maintenance; `wrong`: when it was found not to be; `ended`: when it closed, or
 * its approval ended.
 */
export const ChangeLine = strictObject(() => ({
  n: z.int().min(1),
  title: z.string(),
  summary: z.string(),
  kind: z.enum(KINDS),
  status: z.enum(CHANGE_STATUSES),
  since: Instant,
  at: Instant,
  wordings: z.int().min(1),
  scheme: z.enum(['v1a', 'v1']).nullable(),
  channel: z.string(),
  effectiveAt: z.string().nullable(),
  approved: Instant.nullable(),
  contested: Instant.nullable(),
  wrong: Instant.nullable(),
  ended: Instant.nullable(),
}));
export type ChangeLine = z.infer<typeof ChangeLine>;

/** The title of the newest notice, or the feature's if the change has no line. */
export const titleOfChange = (
  { key, title, lines }: Pick<RegisterDoc, 'key' | 'title' | 'lines'>,
  n: number | undefined,
): string => lines.find((line) => line.n === n)?.title ?? title ?? key;

/** Characters of a summary that are searched: a document has many lines. */
const SUMMARY_CHARS = 500;

export const lineOf = ({ number: n, status, revisions, approved, contested, ended }: ChangeView): ChangeLine | undefined => {
  const [first, latest] = [revisions[0], revisions.at(-1)];
  if (first === undefined || latest === undefined) return undefined;
  const { notice, provenance } = latest;
  return {
    n,
    title: notice.title,
    summary: notice.summary.slice(0, SUMMARY_CHARS),
    kind: notice.kind,
    status,
    since: first.at,
    at: latest.at,
    wordings: revisions.length,
    scheme: provenance.scheme,
    channel: provenance.channel,
    effectiveAt: notice.effectiveAt,
    approved: approved?.at ?? null,
    contested: contested?.at ?? null,
    wrong: contested?.wrong ?? null,
    ended: ended?.at ?? null,
  };
};

const timed = (line: ChangeLine, event: FeatureEvent): ChangeLine => {
  const status = statusAfter(event, line.n);
  if (status === undefined) return line;
  return isOpen({ status }) ? { ...line, status } : { ...line, status, ended: event.at };
};

/** The lines at `now`, including the effects of time since the feature's last commit. */
export const linesAt = (lines: readonly ChangeLine[], state: FeatureState, now: string): readonly ChangeLine[] => {
  const events = due(state, now);
  return lines.map((line) => events.reduce(timed, line));
};

/** Side kind, derived: where each document is attached, so that an order about one place does not affect others. */
const KIND = 'document-place';

export const DocumentPlace = z.strictObject({
  sha256: Digest,
  key: FeatureKey,
  change: z.int().min(1),
  revision: z.int().min(1),
});
export type DocumentPlace = z.infer<typeof DocumentPlace>;

export const putDocumentPlace = (sideStore: SideStore, place: DocumentPlace): Promise<void> => {
  const { sha256, key, change, revision } = place;
  return sideStore.put(KIND, `${sha256}/${key}/${change}/${revision}`, place);
};

const documentPlaces = async (sideStore: SideStore, sha256: string): Promise<readonly DocumentPlace[]> =>
  (await sideStore.list(KIND, `${sha256}/`)).flatMap(({ value }) => DocumentPlace.safeParse(value).data ?? []);

/**
 * Returns every place that has the bytes of a digest under `orders`. A notice names its feature, so its bytes are in that feature
 * only. Returns none for a text: its commitment has a salt of its place, so it is nowhere else.
 */
export const placesOf = async (
  { store, sideStore }: TextPorts,
  what: Redaction['what'],
  orders: RedactionState,
  digest: string,
): Promise<readonly Place[]> => {
  if (what === 'document') return documentPlaces(sideStore, digest);
  const found: Place[] = [];
  if (what === 'text') return found;
  for (const key of new Set(orders.flatMap((order) => order.key ?? []))) {
    for await (const named of namedIn(store, featureStream(key)))
      if (named.what === what && named.commitment === digest) found.push(named);
  }
  return found;
};

/**
 * Returns the order that hides a raw notice or a document from everyone who asks by its digest. Undefined if there is none, or if
 * any place that has it is not under one.
 */
export const hidingBytes = async (
  ports: TextPorts,
  what: 'notice' | 'document',
  digest: string,
): Promise<Redaction | undefined> => {
  const orders = await readRedactions(ports.store, digest);
  const inForce = orders.filter(({ status }) => status === 'withheld');
  const everywhere = inForce.find((order) => order.everywhere);
  if (everywhere !== undefined || inForce.length === 0) return everywhere;
  const places = await placesOf(ports, what, inForce, digest);
  return places.every((place) => hidingAt(inForce, place) !== undefined) ? inForce[0] : undefined;
};
