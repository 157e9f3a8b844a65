import * as z from 'zod';
import { VARIANTS, type Variant } from '../../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../../../domain/policy/schema.ts';
import type { FacetOf } from '../../../register/facet.ts';
import { sumOf } from '../../../register/facets.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import { paging } from '../../http/paging.ts';
import { VendorQuery } from '../vendors.ts';
import { AtQuery } from './pastDay.ts';
import { LimitQuery, textUpTo } from './query.ts';

/** The filters of the register in one word: a sum, or one reason for being off. */
export const SUMS = ['all', 'on', 'waiting', 'off'] as const;
export const REASONS = [
  'vetoed',
  'refused',
  'lapsed',
  'withdrawn',
  'outdated',
  'expired',
  'revoked',
  'removed',
  'blocked',
] as const satisfies readonly Variant[];
const SHOWN = [...SUMS, ...REASONS] as const;
export type StateFilter = (typeof SHOWN)[number];

/** Entries on a page of the register. */
export const ENTRIES = 50;

export const registerQuery = {
  q: textUpTo(200),
  show: z.enum(SHOWN, { error: `is one of ${SHOWN.join(', ')}` }).prefault('all'),
  vendor: VendorQuery,
  kind: z.enum(KINDS, { error: `is one of ${KINDS.join(', ')}` }).optional(),
  body: textUpTo(100),
  prefix: FeatureKey.optional(),
  status: z.enum(VARIANTS).optional(),
  agency: textUpTo(200),
  at: AtQuery,
  ...paging,
  limit: LimitQuery,
};

/** A search of the register. */
export interface Search {
  readonly q?: string | undefined;
  readonly show: StateFilter;
  readonly vendor?: string | undefined;
  readonly kind?: FeatureRow['kind'] | undefined;
  readonly body?: string | undefined;
  readonly status?: Variant | undefined;
}

/** Returns the filters that are set, by parameter. */
export const setFilters = ({ q, show, vendor, kind, body, status }: Search): readonly (readonly [string, string])[] =>
  Object.entries({ q, show: show === 'all' ? undefined : show, vendor, kind, body, status }).flatMap(([name, value]) =>
    value === undefined || value === null || value.trim() === '' ? [] : [[name, value] as const],
  );

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

const isShown = (row: FeatureRow, show: StateFilter): boolean => {
  if (show === 'all') return true;
  return show === 'on' || show === 'waiting' || show === 'off' ? sumOf(row) === show : row.evaluation.variant === show;
};

/** A feature, and the text in which words are looked for. */
interface Searchable {
  readonly row: FeatureRow;
  readonly text: string;
}

export const searchable = (row: FeatureRow): Searchable => ({
  row,
  text: folded([row.key, row.title ?? '', ...row.lines.map(({ title }) => title)].join(' ')),
});

/** All features by key, in one group, with their texts, so that a search folds none. */
export const SEARCHABLE: FacetOf<Searchable> = {
  entriesOf: (row) => [['', searchable(row)]],
  order: (a, b) => ascending(a.row.key, b.row.key),
};

/**
 * Returns a predicate for the features that match a search. Every word must be in the text of a feature or in the name of its vendor, in any
 * order, ignoring case and accents.
 */
export const matcher = (
  { q = '', show, vendor, kind, body, status }: Search,
  names: ReadonlyMap<string, string>,
): ((of: Searchable) => boolean) => {
  const words = folded(q).split(/\s+/).filter(Boolean);
  const wanted = words.map((word) => ({
    word,
    vendors: [...names].flatMap(([id, name]) => (folded(name).includes(word) ? [id] : [])),
  }));
  return ({ row, text }) =>
    isShown(row, show) &&
    (status === undefined || row.evaluation.variant === status) &&
    (vendor === undefined || vendorOf(row.key) === vendor) &&
    (kind === undefined || row.kind === kind || row.lines.some((line) => line.kind === kind)) &&
    (body === undefined || row.waiting.some(({ bodies }) => bodies.includes(body))) &&
    wanted.every(({ word, vendors }) => text.includes(word) || (vendors.length > 0 && vendors.includes(vendorOf(row.key))));
};
