import * as z from 'zod';
import { VARIANTS, type Variant } from '../../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../../../domain/policy/schema.ts';
import { sumOf } from '../../../register/counts.ts';
import type { FeatureRow } from '../../../register/rows.ts';
import { paging } from '../../http/paging.ts';
import { VendorQuery } from '../vendors.ts';
import { AtQuery } from './pastDay.ts';
import { LimitQuery } from './query.ts';

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
  q: z.string().max(200, 'is longer than 200 characters').optional(),
  show: z.enum(SHOWN, { error: `is one of ${SHOWN.join(', ')}` }).prefault('all'),
  vendor: VendorQuery,
  kind: z.enum(KINDS, { error: `is one of ${KINDS.join(', ')}` }).optional(),
  body: z.string().max(100, 'is longer than 100 characters').optional(),
  prefix: FeatureKey.optional(),
  status: z.enum(VARIANTS).optional(),
  agency: z.string().max(200, 'is longer than 200 characters').optional(),
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

// A row stays the same object until something changes in it, so its text is folded once.
const texts = new WeakMap<FeatureRow, string>();

const textOf = (row: FeatureRow): string => {
  const known = texts.get(row);
  if (known !== undefined) return known;
  const text = folded([row.key, row.title ?? '', ...row.lines.map(({ title }) => title)].join(' '));
  texts.set(row, text);
  return text;
};

/** Returns a predicate for the lines that match a search. Words match in any order, ignoring case and accents. */
export const matcher = (search: Search, names: ReadonlyMap<string, string>): ((row: FeatureRow) => boolean) => {
  const { q, show, vendor, kind, body, status } = search;
  const wanted = folded(q ?? '')
    .split(/\s+/)
    .filter(Boolean);
  const vendors = new Map([...names].map(([id, name]) => [id, folded(name)]));
  return (row) => {
    if (!isShown(row, show) || (status !== undefined && row.evaluation.variant !== status)) return false;
    if (vendor !== undefined && vendorOf(row.key) !== vendor) return false;
    if (kind !== undefined && row.kind !== kind && !row.lines.some((line) => line.kind === kind)) return false;
    if (body !== undefined && !row.waiting.some(({ bodies }) => bodies.includes(body))) return false;
    if (wanted.length === 0) return true;
    const [text, name] = [textOf(row), vendors.get(vendorOf(row.key)) ?? ''];
    return wanted.every((word) => text.includes(word) || name.includes(word));
  };
};
