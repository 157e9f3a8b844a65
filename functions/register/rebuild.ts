import { isDeepStrictEqual } from 'node:util';
import { checkRows } from '../gate/checkRows.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import {
  type ChangeDoc,
  changeDocId,
  listChangeDocs,
  listRegister,
  parseRegister,
  putChange,
  putRegister,
  raiseRegisterEdition,
  removeChange,
  removeRegister,
} from './docs.ts';
import { catchUp, isFeatureStream } from './project.ts';
import { foldAll, type ProjectorPorts, type Snapshot } from './snapshot.ts';

const PAGE = 200;
const NAMED_MAX = 100;

/**
 * What a rebuild found. `differences` names the first documents that differed from what the commits give; a document that only lags is not
 * a difference. `rows` names the first row of each stream whose MAC is not valid or whose state is not what its events give.
 */
export interface Rebuilt {
  readonly features: number;
  readonly changes: number;
  readonly differed: boolean;
  readonly differences: readonly string[];
  readonly unreadable: readonly string[];
  readonly rows: readonly string[];
}

const featuresIn = async ({ store }: ProjectorPorts): Promise<ReadonlySet<string>> => {
  const keys = new Set<string>();
  const note = ({ stream }: { readonly stream: string }): void => {
    if (isFeatureStream(stream)) keys.add(stream.slice('feature/'.length));
  };
  for (let cursor: string | undefined; ; ) {
    const page = await store.feed(cursor, PAGE, note);
    for (const item of page.items) note(item);
    cursor = page.next;
    if (page.done) return keys;
  }
};

/** Folds a feature from its commits; undefined if they cannot be read. */
const wholeOf = async ({ store }: ProjectorPorts, key: string): Promise<Snapshot | undefined> => {
  try {
    return await foldAll(store, key);
  } catch (error) {
    if (error instanceof CorruptStore) return undefined;
    throw error;
  }
};

/**
 * Returns the stored documents of a feature that differ from what its commits give. One that merely lags is compared with what the
 * commits gave then; a change ahead of the register, after a crash between the two writes, with what they give now.
 */
const differencesOf = async ({ store, sideStore }: ProjectorPorts, key: string, whole: Snapshot): Promise<readonly string[]> => {
  const raw = await sideStore.get('register', key);
  const entries = await listChangeDocs(sideStore, key);
  if (raw === undefined && entries.length === 0) return [];
  const stored = parseRegister(key, raw);
  const version = stored?.version ?? 0;
  const then = version === whole.register.version ? whole : await foldAll(store, key, version);
  const register =
    raw === undefined || isDeepStrictEqual(stored && { ...stored, unreadable: false }, then?.register) ? [] : [key];
  const expected = (n: number | undefined, ahead: boolean): ChangeDoc | undefined =>
    n === undefined ? undefined : (ahead ? whole : then)?.changes.get(n);
  const wrong = entries.filter(({ doc }) => {
    if (doc === undefined) return true;
    return !isDeepStrictEqual(doc, expected(doc.view.number, doc.version > version));
  });
  const present = new Set(entries.map(({ id }) => id));
  const missing = [...(then?.changes.keys() ?? [])].map((n) => changeDocId(key, n)).filter((id) => !present.has(id));
  return [...register, ...wrong.map(({ id }) => id), ...missing];
};

const replace = async ({ sideStore }: ProjectorPorts, key: string, whole: Snapshot): Promise<void> => {
  const expected = new Set([...whole.changes.keys()].map((n) => changeDocId(key, n)));
  for (const { id } of await listChangeDocs(sideStore, key)) if (!expected.has(id)) await removeChange(sideStore, id);
  for (const doc of whole.changes.values()) await putChange(sideStore, doc);
  await putRegister(sideStore, whole.register);
};

/** Removes the documents of features that have no commit, and returns their ids. */
const strays = async ({ sideStore }: ProjectorPorts, keys: ReadonlySet<string>): Promise<readonly string[]> => {
  const found: string[] = [];
  for (const { key } of await listRegister(sideStore)) {
    if (keys.has(key)) continue;
    found.push(key);
    await removeRegister(sideStore, key);
  }
  for (const { id } of await listChangeDocs(sideStore)) {
    if (keys.has(id.slice(0, id.lastIndexOf('/')))) continue;
    found.push(id);
    await removeChange(sideStore, id);
  }
  return found;
};

/** Discards the read model and folds it from the commits alone. Other runs may go on at the same time: they write the same. */
export const rebuild = async (ports: ProjectorPorts): Promise<Rebuilt> => {
  const keys = await featuresIn(ports);
  const differences: string[] = [...(await strays(ports, keys))];
  const unreadable: string[] = [];
  let changes = 0;
  for (const key of [...keys].sort()) {
    const whole = await wholeOf(ports, key);
    if (whole === undefined) {
      unreadable.push(key);
      await catchUp(ports, key);
      continue;
    }
    differences.push(...(await differencesOf(ports, key, whole)));
    changes += whole.changes.size;
    await replace(ports, key, whole);
  }
  if (differences.length > 0) await raiseRegisterEdition(ports.sideStore);
  return {
    features: keys.size,
    changes,
    differed: differences.length > 0,
    differences: differences.slice(0, NAMED_MAX),
    unreadable,
    rows: (await checkRows(ports.store)).problems.map(({ problem }) => problem),
  };
};
