import { inForceIn } from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { type FacetOf, isOn } from './rows.ts';

/** `n`: the number of the change. */
export interface ContractEnd {
  readonly at: string;
  readonly key: string;
  readonly n: number;
  readonly title: string;
}

/** The ends of the contracts in force, soonest first, in one group. One that is followed by the next does not end. */
export const CONTRACT_ENDS: FacetOf<ContractEnd> = {
  entriesOf: (row) => {
    const { key, title, lines, stateNow, ends, unreadable } = row;
    const contract = inForceIn(stateNow);
    const end = contract?.kind === 'contract' && !unreadable && isOn(row) ? ends.get(contract.number) : undefined;
    if (contract === undefined || end === undefined || end.by === 'next') return [];
    const n = contract.number;
    return [['', { at: end.at, key, n, title: lines.find((line) => line.n === n)?.title ?? title ?? key }]];
  },
  order: (a, b) => ascending(a.at, b.at) || ascending(a.key, b.key),
};
