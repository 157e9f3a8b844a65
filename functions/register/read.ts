import { due } from '../../domain/feature/due.ts';
import type { FeatureState } from '../../domain/feature/state.ts';
import { type ChangeView, foldChange } from '../../domain/feature/view.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { type ChangeDoc, getChange, type RegisterDoc } from './documents.ts';
import { foldAll, lags, type ProjectorPorts, snapshotOf } from './project.ts';

/** `title` and `kind`: of the revision approved last, else of the newest notice. */
export type FeatureView = Omit<RegisterDoc, 'viewVersion' | 'stateVersion' | 'named'>;

/** A change with its feature's state of the same version; {@link presentChange} derives what holds at an instant. */
export interface ChangeReading {
  readonly view: ChangeView;
  readonly state: FeatureState;
  readonly version: number;
}

export const viewOf = ({ viewVersion: _v, stateVersion: _s, named: _n, ...view }: RegisterDoc): FeatureView => view;

/** Strongly consistent; undefined if there is no commit. Throws CorruptStore. Writes nothing. */
export const readFeature = async (ports: ProjectorPorts, key: string): Promise<FeatureView | undefined> => {
  const snapshot = await snapshotOf(ports, key);
  return snapshot && viewOf(snapshot.register);
};

/** The state holds every change that is open or stands. */
const agrees = ({ view }: ChangeDoc, { state }: Pick<RegisterDoc, 'state'>): boolean => {
  const known = state.changes.find(({ number: n }) => n === view.number);
  if (known === undefined) return view.status !== 'pending' && view.status !== 'vetoed' && view.status !== 'approved';
  const latest = view.revisions.at(-1);
  return known.status === view.status && known.revision === latest?.revision && known.digest === latest.digest;
};

const docOf = async (
  { sideStore }: Pick<ProjectorPorts, 'sideStore'>,
  feature: Pick<RegisterDoc, 'key' | 'touched' | 'state'>,
  n: number,
  known?: ChangeDoc,
): Promise<ChangeDoc | undefined> => {
  const doc = known ?? (await getChange(sideStore, feature.key, n));
  return doc !== undefined && !lags(feature, n, doc) && agrees(doc, feature) ? doc : undefined;
};

/**
 * Reads a change of a feature at hand with one read, or with more where the document does not fit. Undefined if it does not exist or
 * cannot be read.
 */
export const readListed = async (ports: ProjectorPorts, feature: FeatureView, n: number): Promise<ChangeView | undefined> =>
  (await docOf(ports, feature, n))?.view ?? (await ifReadable(readChange(ports, feature.key, n)))?.view;

/** Strongly consistent; undefined if it does not exist. Throws CorruptStore. Writes nothing. */
export const readChange = async (ports: ProjectorPorts, key: string, n: number): Promise<ChangeReading | undefined> => {
  const snapshot = await snapshotOf(ports, key);
  if (snapshot === undefined || n < 1 || n > snapshot.register.newest) return undefined;
  const { register, changes } = snapshot;
  const stored = await docOf(ports, register, n, changes.get(n));
  const whole = stored === undefined ? await foldAll(ports.store, key) : snapshot;
  const doc = stored ?? whole?.changes.get(n);
  if (doc === undefined || whole === undefined) return undefined;
  return { view: doc.view, state: whole.register.state, version: whole.register.version };
};

/**
 * A change as it is at `now`, with what time alone has done since its feature's last commit, whether or not any job ran. `state`: of
 * the same version as the view.
 */
export const presentChange = (view: ChangeView, state: FeatureState, now: string): ChangeView =>
  due(state, now).reduce<ChangeView>((seen, event) => foldChange(seen, event, 0) ?? seen, view);
