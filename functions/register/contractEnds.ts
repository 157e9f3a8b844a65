import { inForceIn } from '../../domain/feature/state.ts';
import { ascending } from '../../domain/kernel/order.ts';
import { localDateOf } from '../../domain/kernel/zone.ts';
import { type FacetOf, isOn } from './rows.ts';

const DAY_MS = 86_400_000;

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

/** Returns how many days of the city's calendar lie between today and the last day before an end; 0: today is that day; negative: it is past. */
export const daysLeft = (end: string, now: string, zone: string): number => {
  const lastDay = localDateOf(new Date(Date.parse(end) - 1).toISOString(), zone);
  return Math.round((Date.parse(lastDay) - Date.parse(localDateOf(now, zone))) / DAY_MS);
};
