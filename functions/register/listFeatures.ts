import {
  type Evaluation,
  type EvaluationContext,
  evaluate,
  type Head,
  mayBeOn,
  type Variant,
} from '../../domain/feature/evaluate.ts';
import { prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { listRegister, type RegisterDoc } from './docs.ts';
import { catchUp } from './project.ts';
import { type FeatureView, viewOf } from './read.ts';
import type { ProjectorPorts } from './snapshot.ts';

/** One line of the register. `evaluation` may lag: a "yes" in it must be confirmed on the heads before it leaves the house. */
export interface FeatureRow extends FeatureView {
  readonly evaluation: Evaluation;
}

/** Whether a line is on, for every agency or for some; as the projection has it. */
export const isOn = ({ evaluation }: FeatureRow): boolean => mayBeOn(evaluation.variant);

export interface FeaturesQuery {
  /** A key, for it and all beneath it. */
  readonly prefix?: string | undefined;
  readonly status?: Variant | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly now: string;
  readonly context?: EvaluationContext | undefined;
}

/** Whether a key is that prefix, or beneath it. */
export const isBeneath = (key: string, prefix: string): boolean => {
  const root = prefix.endsWith('.') ? prefix : `${prefix}.`;
  return key.startsWith(root) || key === prefix;
};

/** The register's lines of one vendor, or of all. What cannot be read there is folded anew. */
const registerOf = async (ports: ProjectorPorts, vendor: string): Promise<ReadonlyMap<string, RegisterDoc>> => {
  await ports.settled?.();
  const docs = new Map<string, RegisterDoc>();
  for (const { key, doc } of await listRegister(ports.sideStore, vendor)) {
    const sound = doc ?? (await catchUp(ports, key));
    if (sound !== undefined) docs.set(key, sound);
  }
  return docs;
};

const headOf = (doc: RegisterDoc | undefined): Head => (doc === undefined ? null : doc.unreadable ? 'unreadable' : doc.state);

/** The features of one vendor or of all, by key, in one reading of the register; may lag. */
async function* rowsOf(
  ports: ProjectorPorts,
  { prefix, now, context = {} }: Pick<FeaturesQuery, 'prefix' | 'now' | 'context'>,
  after = '',
): AsyncGenerator<FeatureRow> {
  const hasEnded = (await ports.end?.()) !== undefined;
  const register = await registerOf(ports, prefix === undefined ? '' : vendorOf(prefix));
  for (const [key, doc] of register) {
    if (key <= after || (prefix !== undefined && !isBeneath(key, prefix))) continue;
    const heads = prefixesOf(key).map((each): Head => (hasEnded ? 'ended' : headOf(register.get(each))));
    yield { ...viewOf(doc), evaluation: evaluate(key, heads, context, now) };
  }
}

/** Every feature, or every one beneath a key, with what holds at `now`; may lag. One reading, however many there are. */
export const allFeatures = async (
  ports: ProjectorPorts,
  query: Pick<FeaturesQuery, 'prefix' | 'now' | 'context'>,
): Promise<readonly FeatureRow[]> => {
  const rows: FeatureRow[] = [];
  for await (const row of rowsOf(ports, query)) rows.push(row);
  return rows;
};

/** The features by key, with what holds at `now`; may lag. Undefined: the cursor is not one of this list. */
export const listFeatures = async (ports: ProjectorPorts, query: FeaturesQuery): Promise<Page<FeatureRow> | undefined> => {
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  const items: FeatureRow[] = [];
  for await (const row of rowsOf(ports, query, after)) {
    if (query.status !== undefined && row.evaluation.variant !== query.status) continue;
    if (items.length === query.limit) return { items, next: encodeCursor(items.at(-1)?.key ?? '') };
    items.push(row);
  }
  return { items, next: null };
};
