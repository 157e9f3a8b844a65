import { type Evaluation, type EvaluationContext, evaluate, type Head, type Variant } from '../../domain/feature/evaluate.ts';
import { prefixesOf, vendorOf } from '../../domain/feature/keys.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { listRegister, type RegisterDoc } from './docs.ts';
import { catchUp } from './project.ts';
import type { FeatureView } from './read.ts';
import type { ProjectorPorts } from './snapshot.ts';

/** One line of the register. `evaluation` may lag: a "yes" in it must be confirmed on the heads before it leaves the house. */
export interface FeatureRow extends FeatureView {
  readonly evaluation: Evaluation;
}

export interface FeaturesQuery {
  /** A key, for it and all beneath it. */
  readonly prefix?: string | undefined;
  readonly status?: Variant | undefined;
  readonly cursor?: string | undefined;
  readonly limit: number;
  readonly now: string;
  readonly context?: EvaluationContext | undefined;
}

const isBeneath = (key: string, prefix: string): boolean => {
  const root = prefix.endsWith('.') ? prefix : `${prefix}.`;
  return key.startsWith(root) || key === prefix;
};

/** The register's lines of one vendor, or of all. What cannot be read there is folded anew. */
const registerOf = async (ports: ProjectorPorts, vendor: string): Promise<ReadonlyMap<string, RegisterDoc>> => {
  await ports.settled?.();
  const docs = new Map<string, RegisterDoc>();
  for (const { key, doc } of await listRegister(ports.side, vendor)) {
    const sound = doc ?? (await catchUp(ports, key));
    if (sound !== undefined) docs.set(key, sound);
  }
  return docs;
};

const headOf = (doc: RegisterDoc | undefined): Head => (doc === undefined ? null : doc.unreadable ? 'unreadable' : doc.state);

/** The features by key, with what holds at `now`; may lag. Undefined: the cursor is not one of this list. */
export const listFeatures = async (ports: ProjectorPorts, query: FeaturesQuery): Promise<Page<FeatureRow> | undefined> => {
  const { prefix, status, limit, now, context = {} } = query;
  const after = decodeCursor(query.cursor);
  if (after === undefined) return undefined;
  const register = await registerOf(ports, prefix === undefined ? '' : vendorOf(prefix));
  const items: FeatureRow[] = [];
  for (const [key, { version, at, title, kind, newest, state }] of register) {
    if (key <= after || (prefix !== undefined && !isBeneath(key, prefix))) continue;
    const heads = prefixesOf(key).map((each) => headOf(register.get(each)));
    const evaluation = evaluate(key, heads, context, now);
    if (status !== undefined && evaluation.variant !== status) continue;
    if (items.length === limit) return { items, next: encodeCursor(items.at(-1)?.key ?? '') };
    items.push({ key, version, at, title, kind, newest, state, evaluation });
  }
  return { items, next: null };
};
