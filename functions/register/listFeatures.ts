import {
  ENDED,
  type Evaluation,
  type EvaluationContext,
  evaluate,
  type Head,
  headWith,
  mayBeOn,
  UNREADABLE,
  type Variant,
} from '../../domain/feature/evaluate.ts';
import { prefixesOf } from '../../domain/feature/keys.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { getRegister, type RegisterDoc, registerAfter } from './docs.ts';
import { catchUp } from './project.ts';
import { type FeatureView, viewOf } from './read.ts';
import type { RegisterPorts } from './snapshot.ts';

/** One feature of the register. `evaluation` may lag: a "yes" in it must be confirmed on the heads before it is answered. */
export interface FeatureRow extends FeatureView {
  readonly evaluation: Evaluation;
}

/** Reports whether a feature is on for every agency or for some, as the register has it. */
export const isOn = ({ evaluation }: FeatureRow): boolean => mayBeOn(evaluation.variant);

export interface FeaturesQuery {
  /** A key: only it and the keys beneath it are listed. */
  readonly prefix?: string | undefined;
  readonly status?: Variant | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly now: string;
  readonly context?: EvaluationContext | undefined;
}

/** Reports whether a key is that prefix, or beneath it. */
export const isBeneath = (key: string, prefix: string): boolean => {
  const root = prefix.endsWith('.') ? prefix : `${prefix}.`;
  return key.startsWith(root) || key === prefix;
};

const headOf = (doc: RegisterDoc | undefined): Head => (doc?.unreadable === true ? UNREADABLE : headWith(doc?.state ?? null));

type RowsQuery = Pick<FeaturesQuery, 'prefix' | 'now' | 'context'> & { readonly after?: string; readonly chunk?: number };

/** A register as large as a city's is read at once by what needs all of it. */
const WHOLE = 100_000;

/** Yields features by key, read `chunk` at a time, with the prefixes of their keys; may lag. */
async function* rowsOf(
  ports: RegisterPorts,
  { prefix, now, context = {}, after = '', chunk = WHOLE }: RowsQuery,
): AsyncGenerator<FeatureRow> {
  await ports.settled();
  const hasEnded = (await ports.end()) !== undefined;
  const known = new Map<string, RegisterDoc | undefined>();
  for await (const { key, doc: listed } of registerAfter(ports.sideStore, { prefix, after, chunk })) {
    // What cannot be parsed is folded anew.
    const doc = listed ?? (await catchUp(ports, key));
    known.set(key, doc);
    if (doc === undefined || (prefix !== undefined && !isBeneath(key, prefix))) continue;
    const heads: Head[] = [];
    for (const each of prefixesOf(key)) {
      // A prefix sorts before its key, so it is read by itself only if the list began after it.
      if (!known.has(each)) known.set(each, await getRegister(ports.sideStore, each));
      heads.push(hasEnded ? ENDED : headOf(known.get(each)));
    }
    yield { ...viewOf(doc), evaluation: evaluate(key, heads, context, now) };
  }
}

/** Lists every feature, or every one beneath a key, with what holds at `now`; may lag. */
export const allFeatures = async (
  ports: RegisterPorts,
  query: Pick<FeaturesQuery, 'prefix' | 'now' | 'context'>,
): Promise<readonly FeatureRow[]> => {
  const rows: FeatureRow[] = [];
  for await (const row of rowsOf(ports, query)) rows.push(row);
  return rows;
};

/** The most documents read at once for a page. */
const CHUNK_MAX = 500;

/** Lists one page of features by key, with what holds at `now`; may lag. Returns undefined if the cursor is invalid. */
export const listFeatures = async (ports: RegisterPorts, query: FeaturesQuery): Promise<Page<FeatureRow> | undefined> => {
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  const items: FeatureRow[] = [];
  for await (const row of rowsOf(ports, { ...query, after, chunk: Math.min(query.limit + 1, CHUNK_MAX) })) {
    if (query.status !== undefined && row.evaluation.variant !== query.status) continue;
    if (items.length === query.limit) return { items, next: encodeCursor(items.at(-1)?.key ?? '') };
    items.push(row);
  }
  return { items, next: null };
};
