import { rollbackWords } from '../../domain/feature/rollback.ts';
import { openChanges } from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import type { FacetOf } from './facet.ts';
import type { FeatureRow } from './rows.ts';

/** A change whose rollback can be confirmed, or could be once its words took effect. */
export interface WaitingRollback {
  readonly row: FeatureRow;
  readonly key: string;
  readonly n: number;
  readonly revision: number;
  readonly title: string;
}

const rollbacksIn = (row: FeatureRow): readonly WaitingRollback[] => {
  const { key, title, lines, stateNow } = row;
  const closed = stateNow.lingering.filter(({ vendor }) => vendor === 'withdrew' || vendor === 'unneeded');
  const open = openChanges(stateNow).filter(({ entered, words }) => entered && words.length > 0);
  return [...closed.map(({ change }) => change), ...open.map(({ number }) => number)].map((n) => ({
    row,
    key,
    n,
    revision: rollbackWords(stateNow, n)?.revision ?? 0,
    title: lines.find((line) => line.n === n)?.title ?? title ?? key,
  }));
};

/** Changes whose rollback may wait for two persons, by key, in one group. */
export const ROLLBACKS: FacetOf<WaitingRollback> = {
  entriesOf: (row) => rollbacksIn(row).map((each) => ['', each] as const),
  order: (a, b) => ascending(a.key, b.key) || a.n - b.n,
};
