import { canonical } from '../../domain/kernel/canonical.ts';
import { decodeCommit } from '../../domain/kernel/commit.ts';
import type { JsonValue } from '../../domain/kernel/json.ts';
import { CorruptStore } from '../platform/store/errors.ts';
import type { Store, StoredCommit, UnreadableRow } from '../platform/store/port.ts';
import { chainProblem } from '../platform/store/record.ts';
import { foldOf, stateVersionOf } from './stateOf.ts';

/** What a check of every row found. `problems`: the first of each stream that has one, in the order of the streams' names. */
export interface CheckedRows {
  readonly rows: number;
  readonly problems: readonly UnreadableRow[];
}

const PAGE = 200;

/** Returns the newest version of every stream, as the feed shows it, rows that cannot be read included. */
const streamsIn = async (store: Store): Promise<ReadonlyMap<string, number>> => {
  const newest = new Map<string, number>();
  const note = ({ stream, version }: { readonly stream: string; readonly version: number }): void => {
    if (version > (newest.get(stream) ?? 0)) newest.set(stream, version);
  };
  for (let cursor: string | undefined; ; ) {
    const page = await store.feed(cursor, PAGE, note);
    for (const item of page.items) note(item);
    cursor = page.next;
    if (page.done) return newest;
  }
};

/** Yields the rows of a stream up to the first that cannot be read, and then its problem. */
async function* rowsOf(store: Store, stream: string, upTo: number): AsyncGenerator<StoredCommit | UnreadableRow> {
  let limit = PAGE;
  for (let after = 0; after < upTo; ) {
    try {
      const page = await store.history(stream, { after, upTo, limit });
      if (page.length === 0) {
        yield { stream, version: after + 1, problem: `${stream}@${after + 1} is missing` };
        return;
      }
      yield* page;
      after = page.at(-1)?.version ?? upTo;
    } catch (error) {
      if (!(error instanceof CorruptStore)) throw error;
      if (limit === 1) {
        yield { stream, version: after + 1, problem: error.message };
        return;
      }
      // One by one from here on, so that the row is known.
      limit = 1;
    }
  }
}

/** Folds the rows of a stream and compares each stored state with the fold; undefined when all agree. */
const firstProblem = async (
  store: Store,
  stream: string,
  upTo: number,
  counted: () => void,
): Promise<UnreadableRow | undefined> => {
  let [before, state]: [StoredCommit | undefined, unknown] = [undefined, undefined];
  for await (const row of rowsOf(store, stream, upTo)) {
    if ('problem' in row) return row;
    counted();
    const broken = chainProblem(before, row);
    const folded: Folded = broken === undefined ? foldedOnto(state, row) : { ok: false, problem: broken };
    if (!folded.ok) return { stream, version: row.version, problem: `${stream}@${row.version}: ${folded.problem}` };
    [before, state] = [row, folded.state];
  }
  return undefined;
};

type Folded = { readonly ok: true; readonly state: unknown } | { readonly ok: false; readonly problem: string };

const foldedOnto = (before: unknown, { stream, state, stateVersion, ...row }: StoredCommit): Folded => {
  try {
    const folded = foldOf(stream)(before, decodeCommit(row.bytes).events);
    // A state written by other code is never read: it is folded anew.
    return stateVersion === stateVersionOf(stream) && state !== canonical(folded.state as JsonValue)
      ? { ok: false, problem: 'its state is not what its events give' }
      : { ok: true, state: folded.state };
  } catch (error) {
    return { ok: false, problem: `its events cannot be folded: ${error instanceof Error ? error.message : String(error)}` };
  }
};

/**
 * Checks every row of a store: that its MAC is valid, that its stream has no hole and an unbroken hash chain, and that the state beside
 * it is what its events give. Rejects when the store cannot be reached.
 */
export const checkRows = async (store: Store, tick: (done: number) => void = () => undefined): Promise<CheckedRows> => {
  const problems: UnreadableRow[] = [];
  let rows = 0;
  const counted = (): void => {
    rows += 1;
    tick(rows);
  };
  for (const [stream, upTo] of [...(await streamsIn(store))].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const problem = await firstProblem(store, stream, upTo, counted);
    if (problem !== undefined) problems.push(problem);
  }
  return { rows, problems };
};
