import { ABSENT, type EvaluationContext, type Head, headWith, UNREADABLE } from '../../domain/feature/evaluate.ts';
import { featureStream, prefixesOf } from '../../domain/feature/keys.ts';
import type { ChangeView } from '../../domain/feature/view.ts';
import type { LogTimes } from '../../domain/log/late.ts';
import { commitAt, readLogTimes } from '../gate/heads.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import type { RegisterDoc } from './docs.ts';
import { newestIn } from './listChanges.ts';
import { type FeatureView, presentChange, viewOf } from './read.ts';
import type { RegisterPorts } from './registerIndex.ts';
import { type FeatureRow, rowOf } from './rows.ts';
import { foldAll, snapshotOf } from './snapshot.ts';

/** The most features examined for one page, so that a filter that few pass cannot make a page cost as much as the whole. */
const LOOKED_AT_MAX = 500;

/** The newest changes of a feature that has not changed since the instant. */
const CHANGES_MAX = 100;

/** A feature as it was known at an instant. `version`: the version of its last commit by then. */
export interface PastFeature extends FeatureView {
  /** Its newest changes, and all that were open or in force, as they were known then, by number, oldest first. */
  readonly changes: readonly ChangeView[];
}

/**
 * Reads a feature from the commits that stood at an instant alone, so that a later title or the end of an approval is not in it.
 * Returns undefined if it had no commit by then. Throws CorruptStore if its stream cannot be read.
 */
export const featureAt = async (ports: RegisterPorts, key: string, instant: string): Promise<PastFeature | undefined> => {
  const stream = featureStream(key);
  const commit = await commitAt(ports, stream, instant);
  if (commit === undefined) return undefined;
  if (commit.version === (await ports.store.head(stream))?.version) {
    const today = await snapshotOf(ports, key);
    if (today === undefined) return undefined;
    const readings = await newestIn(ports, today.register, { limit: CHANGES_MAX, now: instant });
    return { ...viewOf(today.register), changes: readings.map(({ view }) => view).reverse() };
  }
  const folded = await foldAll(ports.store, key, commit.version);
  if (folded === undefined) return undefined;
  const view = viewOf(folded.register);
  const changes = [...folded.changes.values()].map((doc) => presentChange(doc.view, view.state, instant));
  return { ...view, changes: changes.sort((a, b) => a.number - b.number) };
};

/** A feature's head at an instant, with its view if it can be read and had a commit by then. */
interface Line {
  readonly head: Head;
  readonly view?: FeatureView;
}

/** Reads the same without the changes. A feature that has not changed since needs no history. */
const lineAt = async (ports: RegisterPorts, key: string, instant: string, times: Promise<LogTimes>): Promise<Line> => {
  const stream = featureStream(key);
  const commit = await commitAt(ports, stream, instant, times);
  if (commit === undefined) return { head: ABSENT };
  const isHead = commit.version === (await ports.store.head(stream))?.version;
  const today = isHead ? await snapshotOf(ports, key) : await foldAll(ports.store, key, commit.version);
  return today === undefined ? { head: ABSENT } : { head: headWith(today.register.state), view: viewOf(today.register) };
};

/** Reports whether today's register shows that a feature was unknown then; its first changes may have left its lines. */
const cameLater = (doc: RegisterDoc, instant: string): boolean =>
  !doc.unreadable && doc.lines[0]?.n === 1 && doc.lines[0].since > instant;

export interface PastQuery {
  readonly at: string;
  readonly prefix?: string | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly context?: EvaluationContext | undefined;
  /** Selects the features that are listed; absent: all. */
  readonly wants?: ((row: FeatureRow) => boolean) | undefined;
}

/** `looked`: how many features were examined for the page. A short page can still have a next one. */
export interface PastPage extends Page<FeatureRow> {
  readonly looked: number;
}

/**
 * Lists one page of the register as it was known at an instant, from the commits that stood then, key by key. The work for a page is
 * bounded. Returns undefined if the cursor is invalid.
 */
export const listPast = async (ports: RegisterPorts, query: PastQuery): Promise<PastPage | undefined> => {
  const { at, prefix, limit, context = {}, wants = () => true } = query;
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  await ports.register.settled();
  const times = readLogTimes(ports);
  times.catch(() => undefined);
  const known = new Map<string, Promise<Line>>();
  const lineOf = (key: string): Promise<Line> => {
    const read = known.get(key) ?? ifReadable(lineAt(ports, key, at, times), (): Line => ({ head: UNREADABLE }));
    known.set(key, read);
    return read;
  };
  const items: FeatureRow[] = [];
  let [looked, last] = [0, ''];
  for await (const doc of ports.register.documents({ prefix, after })) {
    const { key } = doc;
    if (cameLater(doc, at)) continue;
    if (items.length === limit || looked === LOOKED_AT_MAX) return { items, next: encodeCursor(last), looked };
    [looked, last] = [looked + 1, key];
    const { view } = await lineOf(key);
    if (view === undefined) continue;
    const heads = await Promise.all(prefixesOf(key).map(async (each) => (await lineOf(each)).head));
    const row = rowOf(view, heads, context, at);
    if (wants(row)) items.push(row);
  }
  return { items, next: null, looked };
};
