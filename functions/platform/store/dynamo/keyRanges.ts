import type { Item } from './item.ts';
import type { Query } from './queries.ts';

/** A range of keys of one vendor that no key of another one lies in. `start`: continues after this key. */
interface Run {
  readonly query: Pick<Query, 'condition' | 'values'>;
  readonly start: Item | undefined;
}

interface Range {
  readonly vendor: string;
  readonly part: 'own' | 'beneath' | 'both';
}

/**
 * The key of vendor `acme-x` lies between `acme` and `acme.lpr`, so a vendor's own key and those beneath it are one range only if nothing
 * lies between.
 */
const rangesOf = (vendors: readonly string[]): readonly Range[] => {
  const parts = vendors.flatMap((vendor) => [
    { vendor, part: 'own' as const, first: vendor },
    { vendor, part: 'beneath' as const, first: `${vendor}.` },
  ]);
  const ranges: Range[] = [];
  for (const { vendor, part } of parts.sort((a, b) => (a.first < b.first ? -1 : 1))) {
    const before = ranges.at(-1);
    if (before?.vendor === vendor && part === 'beneath') ranges[ranges.length - 1] = { vendor, part: 'both' };
    else ranges.push({ vendor, part });
  }
  return ranges;
};

const conditionOf = ({ vendor, part }: Range, prefix: string): Run['query'] => {
  const pk = { ':pk': { S: vendor } };
  if (part === 'own') return { condition: 'pk = :pk AND sk = :own', values: { ...pk, ':own': { S: vendor } } };
  const root = part === 'beneath' && prefix.length <= vendor.length ? `${vendor}.` : prefix;
  if (root === '') return { condition: 'pk = :pk', values: pk };
  return { condition: 'pk = :pk AND begins_with(sk, :root)', values: { ...pk, ':root': { S: root } } };
};

/** Returns the queries that give the keys of vendors above `after` that begin with `prefix`, in the order of the keys. */
export const keyRanges = (vendors: readonly string[], prefix: string, after: string): readonly Run[] =>
  rangesOf(vendors)
    .filter(({ vendor, part }) => (part === 'own' ? vendor > after && vendor.startsWith(prefix) : after < `${vendor}/`))
    .map((range) => {
      const first = range.part === 'beneath' ? `${range.vendor}.` : range.vendor;
      const begins = after >= first && after >= prefix;
      return {
        query: conditionOf(range, prefix),
        start: begins ? { pk: { S: range.vendor }, sk: { S: after } } : undefined,
      };
    });
