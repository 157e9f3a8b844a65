import { isDeepStrictEqual } from 'node:util';
import { featureOf, featureStream, isFeatureStream } from '../../domain/feature/keys.ts';
import { checkRows } from '../gate/checks.ts';
import { skipTo, type WalkedFeed, walkFeed } from '../platform/feed/consumers.ts';
import { ifReadable } from '../platform/store/errors.ts';
import {
  changeDocId,
  getRegister,
  isStored,
  listChangeDocs,
  listChangeIds,
  listRegisterKeys,
  putRegister,
  raiseRegisterEdition,
  removeChange,
  removeRegister,
} from './documents.ts';
import { catchUp, foldAll, PROJECTOR, type ProjectorPorts, putChanges, type Snapshot } from './project.ts';

const FOLDED_AT_ONCE = 64;
const NAMED_MAX = 100;

/**
 * `differences`: the first documents that differed from what the commits give, other than by lagging behind them.
 * `rows`: the first row of each stream that has an invalid MAC or a state that its events do not give.
 */
interface Rebuilt {
  readonly features: number;
  readonly changes: number;
  readonly differed: boolean;
  readonly differences: readonly string[];
  readonly unreadable: readonly string[];
  readonly rows: readonly string[];
}

interface Refolded {
  readonly key: string;
  readonly changes: number | undefined;
  readonly differences: readonly string[];
}

const differencesFrom = async ({ sideStore }: ProjectorPorts, { register, changes }: Snapshot): Promise<readonly string[]> => {
  const { key } = register;
  const [stored, entries] = [await getRegister(sideStore, key), await listChangeDocs(sideStore, key)];
  const expected = new Map([...changes].flatMap(([n, doc]) => (isStored(doc) ? [[changeDocId(key, n), doc]] : [])));
  const wrong = entries.filter(({ id, doc }) => doc === undefined || !isDeepStrictEqual(doc, expected.get(id)));
  for (const { id } of entries) expected.delete(id);
  return [...(isDeepStrictEqual(stored, register) ? [] : [key]), ...wrong.map(({ id }) => id), ...expected.keys()];
};

/**
 * `isKnown`: whether the feature had any document, which is then compared. Meanwhile others may commit and project: begins again if the
 * documents were read after a newer commit, and brings them up to it if it wrote over a newer one.
 */
const refoldFeature = async (ports: ProjectorPorts, key: string, isKnown: boolean): Promise<Refolded> => {
  const whole = await ifReadable(foldAll(ports.store, key));
  if (whole === undefined) {
    await catchUp(ports, key);
    return { key, changes: undefined, differences: [] };
  }
  let differences = isKnown ? await differencesFrom(ports, whole) : [];
  if (differences.length > 0) {
    await catchUp(ports, key);
    differences = await differencesFrom(ports, whole);
    const head = await ifReadable(ports.store.head(featureStream(key)));
    if (head !== undefined && head.version > whole.register.version) return refoldFeature(ports, key, isKnown);
  }
  for (const id of differences) await removeChange(ports.sideStore, id);
  await putChanges(ports.sideStore, whole);
  await putRegister(ports.sideStore, whole.register);
  await catchUp(ports, key);
  return { key, changes: whole.changes.size, differences };
};

/** `keys`: of the features in the walked feed. A feature that was notified since is no stray. */
const removeStrays = async ({ store, sideStore }: ProjectorPorts, keys: ReadonlySet<string>) => {
  const registers = await listRegisterKeys(sideStore);
  const changes = (await listChangeIds(sideStore)).map((id) => ({ id, key: id.slice(0, id.lastIndexOf('/')) }));
  const stored = new Set([...registers, ...changes.map(({ key }) => key)]);
  const strays = new Set<string>();
  for (const key of [...stored].filter((each) => !keys.has(each)))
    if ((await ifReadable(store.head(featureStream(key)), () => key)) === undefined) strays.add(key);
  const strayRegisters = registers.filter((key) => strays.has(key));
  const strayChanges = changes.filter(({ key }) => strays.has(key)).map(({ id }) => id);
  for (const key of strayRegisters) await removeRegister(sideStore, key);
  for (const id of strayChanges) await removeChange(sideStore, id);
  return { removed: [...strayRegisters, ...strayChanges], stored };
};

/** Other runs may write at the same time: they write the same. `tick`: called with the features done and their total. */
export const refold = async (
  ports: ProjectorPorts,
  walked: WalkedFeed,
  tick: (done: number, of: number) => void = () => undefined,
): Promise<Omit<Rebuilt, 'rows'>> => {
  const keys = [...walked.newest.keys()].filter(isFeatureStream).map(featureOf).sort();
  const { removed, stored } = await removeStrays(ports, new Set(keys));
  const differences: string[] = [...removed];
  const unreadable: string[] = [];
  let changes = 0;
  for (let first = 0; first < keys.length; first += FOLDED_AT_ONCE) {
    const some = keys.slice(first, first + FOLDED_AT_ONCE);
    tick(first, keys.length);
    for (const folded of await Promise.all(some.map((key) => refoldFeature(ports, key, stored.has(key))))) {
      differences.push(...folded.differences);
      changes += folded.changes ?? 0;
      if (folded.changes === undefined) unreadable.push(folded.key);
    }
  }
  // A copy in memory may be based on a document that differed and was overwritten.
  await raiseRegisterEdition(ports.sideStore);
  // The projector must retry a feature that cannot be read.
  if (unreadable.length === 0) await skipTo(ports.sideStore, { name: PROJECTOR, wants: isFeatureStream }, walked);
  return {
    features: keys.length,
    changes,
    differed: differences.length > 0,
    differences: differences.slice(0, NAMED_MAX),
    unreadable,
  };
};

/** `tick`: called with the features, then with the rows done. */
export const rebuild = async (
  ports: ProjectorPorts,
  tick: (done: number, of?: number) => void = () => undefined,
): Promise<Rebuilt> => {
  const walked = await walkFeed(ports.store);
  const refolded = await refold(ports, walked, tick);
  let rows = 0;
  const seen = (): void => {
    rows += 1;
    tick(rows);
  };
  const { problems } = await checkRows(ports.store, seen, walked);
  return { ...refolded, rows: problems.map(({ problem }) => problem) };
};
