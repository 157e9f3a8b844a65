import { isDeepStrictEqual } from 'node:util';
import { checkRows } from '../gate/checkRows.ts';
import { skipTo, type WalkedFeed, walkFeed } from '../platform/feed/sweep.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { KeptRecords } from '../platform/store/keptRecords.ts';
import {
  type ChangeDoc,
  type ChangeEntry,
  changeDocId,
  listChangeDocs,
  listChangeIds,
  listRegisterKeys,
  parseRegister,
  putRegister,
  raiseRegisterEdition,
  removeChange,
  removeRegister,
} from './docs.ts';
import { catchUp, featureOf, isFeatureStream, PROJECTOR } from './project.ts';
import { foldAll, type ProjectorPorts, putChanges, type Snapshot } from './snapshot.ts';

/** Features folded at once: their documents share a few transactions. */
const FOLDED_AT_ONCE = 64;
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

/**
 * Returns the stored documents of a feature that differ from what its commits give. One that merely lags is compared with what the
 * commits gave then; a change ahead of the register, after a crash between the two writes, with what they give now.
 */
const differencesOf = async (
  { store, sideStore }: ProjectorPorts,
  whole: Snapshot,
  entries: readonly ChangeEntry[],
): Promise<readonly string[]> => {
  const { key } = whole.register;
  const raw = await sideStore.get('register', key);
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

const replace = async ({ sideStore }: ProjectorPorts, whole: Snapshot, entries: readonly ChangeEntry[]): Promise<void> => {
  const { key } = whole.register;
  const expected = new Set([...whole.changes.keys()].map((n) => changeDocId(key, n)));
  for (const { id } of entries) if (!expected.has(id)) await removeChange(sideStore, id);
  await putChanges(sideStore, whole);
  await putRegister(sideStore, whole.register);
};

/** Removes the documents of features that have no commit. Returns their ids, and the features that have documents. */
const strays = async ({ sideStore }: ProjectorPorts, keys: ReadonlySet<string>) => {
  const registers = await listRegisterKeys(sideStore);
  const changes = (await listChangeIds(sideStore)).map((id) => ({ id, key: id.slice(0, id.lastIndexOf('/')) }));
  const strayRegisters = registers.filter((key) => !keys.has(key));
  const strayChanges = changes.filter(({ key }) => !keys.has(key)).map(({ id }) => id);
  for (const key of strayRegisters) await removeRegister(sideStore, key);
  for (const id of strayChanges) await removeChange(sideStore, id);
  return { removed: [...strayRegisters, ...strayChanges], stored: new Set([...registers, ...changes.map(({ key }) => key)]) };
};

/** What folding one feature gave: nothing if its commits cannot be read. */
interface Refolded {
  readonly key: string;
  readonly changes: number | undefined;
  readonly differences: readonly string[];
}

/** `isStored`: whether the feature had any document, which is then compared. */
const refoldFeature = async (ports: ProjectorPorts, key: string, isStored: boolean): Promise<Refolded> => {
  const whole = await ifReadable(foldAll(ports.store, key));
  if (whole === undefined) {
    await catchUp(ports, key);
    return { key, changes: undefined, differences: [] };
  }
  const entries = isStored ? await listChangeDocs(ports.sideStore, key) : [];
  const differences = isStored ? await differencesOf(ports, whole, entries) : [];
  await replace(ports, whole, entries);
  return { key, changes: whole.changes.size, differences };
};

/**
 * Discards the read model and folds it from the commits of a feed that was walked. The projector continues behind them. Other runs may go
 * on at the same time: they write the same.
 */
export const refold = async (ports: ProjectorPorts, walked: WalkedFeed): Promise<Omit<Rebuilt, 'rows'>> => {
  const keys = [...walked.newest.keys()].filter(isFeatureStream).map(featureOf).sort();
  const { removed, stored } = await strays(ports, new Set(keys));
  const differences: string[] = [...removed];
  const unreadable: string[] = [];
  let changes = 0;
  for (let first = 0; first < keys.length; first += FOLDED_AT_ONCE) {
    const some = keys.slice(first, first + FOLDED_AT_ONCE);
    for (const folded of await Promise.all(some.map((key) => refoldFeature(ports, key, stored.has(key))))) {
      differences.push(...folded.differences);
      changes += folded.changes ?? 0;
      if (folded.changes === undefined) unreadable.push(folded.key);
    }
  }
  if (differences.length > 0) await raiseRegisterEdition(ports.sideStore);
  // A feature that cannot be read is the projector's to try again.
  if (unreadable.length === 0) await skipTo(ports.sideStore, { name: PROJECTOR, wants: isFeatureStream }, walked);
  return {
    features: keys.length,
    changes,
    differed: differences.length > 0,
    differences: differences.slice(0, NAMED_MAX),
    unreadable,
  };
};

/** Refolds the read model, and checks every row of the store. Reads each row once, as far as memory allows. */
export const rebuild = async (ports: ProjectorPorts): Promise<Rebuilt> => {
  const kept = new KeptRecords();
  const walked = await walkFeed(ports.store, kept);
  const store = kept.over(ports.store);
  const refolded = await refold({ ...ports, store }, walked);
  const { problems } = await checkRows(store, undefined, walked);
  return { ...refolded, rows: problems.map(({ problem }) => problem) };
};
