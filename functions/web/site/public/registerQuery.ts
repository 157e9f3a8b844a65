import type { Context } from 'hono';
import * as z from 'zod';
import { VARIANTS, type Variant } from '../../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import { ascending } from '../../../../domain/kernel/order.ts';
import { FeatureKey } from '../../../../domain/kernel/zodTypes.ts';
import { KINDS } from '../../../../domain/policy/schema.ts';
import { type FacetOf, type FeatureRow, headlineGroup } from '../../../register/rows.ts';
import { paging } from '../../http/input.ts';
import { type Html, html } from '../html.ts';
import { bodyName, type CityLocale, type Locale, VendorQuery } from '../locale.ts';
import { AtQuery, findField, findForm, findOptions, findSelect, LimitQuery, textUpTo } from '../query.ts';

const SUMS = ['all', 'on', 'waiting', 'off'] as const;
const REASONS = [
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
type StateFilter = (typeof SHOWN)[number];

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

interface Search {
  readonly q?: string | undefined;
  readonly show: StateFilter;
  readonly vendor?: string | undefined;
  readonly kind?: FeatureRow['kind'] | undefined;
  readonly body?: string | undefined;
  readonly status?: Variant | undefined;
}

export const setFilters = ({ q, show, vendor, kind, body, status }: Search): readonly (readonly [string, string])[] =>
  Object.entries({ q, show: show === 'all' ? undefined : show, vendor, kind, body, status }).flatMap(([name, value]) =>
    value === undefined || value === null || value.trim() === '' ? [] : [[name, value] as const],
  );

const folded = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '').toLowerCase();

/** Removes a plural ending, English or Spanish. The rest is a prefix of both forms. */
const singular = (word: string): string => (word.length > 3 ? word.replace(/ies$|(?<=ch|sh|[rlndzxs])es$|(?<!s)s$/, '') : word);

const isShown = (row: FeatureRow, show: StateFilter): boolean => {
  if (show === 'all') return true;
  return show === 'on' || show === 'waiting' || show === 'off' ? headlineGroup(row) === show : row.evaluation.variant === show;
};

interface Searchable {
  readonly row: FeatureRow;
  readonly text: string;
}

const searchable = (row: FeatureRow): Searchable => ({
  row,
  text: folded([row.key, row.title ?? '', ...row.lines.flatMap(({ title, summary }) => [title, summary])].join(' ')),
});

/** All features by key, in one group, with their normalised texts, so that a search normalises none. */
export const SEARCHABLE: FacetOf<Searchable> = {
  entriesOf: (row) => [['', searchable(row)]],
  order: (a, b) => ascending(a.row.key, b.row.key),
};

/**
 * Returns a predicate: every word of the search, or its singular, is in the feature's text or its vendor's name, in any order, ignoring
 * case and accents.
 */
export const matcher = (
  { q = '', show, vendor, kind, body, status }: Search,
  names: ReadonlyMap<string, string>,
): ((of: Searchable) => boolean) => {
  const words = folded(q).split(/\s+/).filter(Boolean).map(singular);
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

const VENDORS_LISTED = 60;

interface Choices {
  readonly vendors: ReadonlyMap<string, string>;
  readonly kept: Readonly<Record<string, string | undefined>>;
}

const vendorField = ({ words }: Locale, vendor: string | undefined, { vendors }: Choices): Html => {
  if (vendors.size > VENDORS_LISTED)
    return findField(
      'vendor',
      words.find.vendorId,
      html`<input type="text" id="vendor" name="vendor" value="${vendor ?? ''}" maxlength="40" autocomplete="off">`,
    );
  const listed = [...vendors].map(([value, label]) => ({ value, label }));
  return findSelect(
    'vendor',
    words.find.vendor,
    html`<option value="">${words.find.anyVendor}</option>${findOptions(vendor, listed)}`,
  );
};

export const searchForm = (context: Context, locale: CityLocale, search: Search, choices: Choices): Html => {
  const { words } = locale;
  const { q, show, vendor, kind, body } = search;
  const { on, waiting, off } = words.figures;
  const sums = { all: words.register.all, on, waiting, off };
  const states = SUMS.map((value) => ({ value, label: sums[value] }));
  const reasons = REASONS.map((value) => ({ value, label: words.variant[value] }));
  const kinds = KINDS.map((value) => ({ value, label: words.kind[value] }));
  const bodies = Object.keys(locale.roster.bodies).map((value) => ({
    value,
    label: bodyName(locale, value),
  }));
  const stateOptions = html`${findOptions(show, states)}
<optgroup label="${words.find.offBecause}">${findOptions(show, reasons)}</optgroup>`;
  const kindOptions = html`<option value="">${words.find.anyKind}</option>${findOptions(kind ?? undefined, kinds)}`;
  const bodyOptions = html`<option value="">${words.find.anyBody}</option>${findOptions(body, bodies)}`;
  const text = html`<input type="search" id="q" name="q" value="${q ?? ''}" maxlength="200">`;
  return findForm(locale, {
    action: context.req.path,
    submit: words.find.go,
    quiet: false,
    keep: choices.kept,
    attributes: html` role="search" aria-label="${words.find.legend}"`,
    fields: html`${findField('q', words.find.words, text, 'most')}
${vendorField(locale, vendor, choices)}
${findSelect('show', words.find.state, stateOptions)}${findSelect('kind', words.find.kind, kindOptions)}
${bodies.length > 0 && findSelect('body', words.find.body, bodyOptions)}`,
  });
};

export const nothingFound = ({ words, href }: Locale): Html => html`
<div class="card" role="status"><p><b>${words.find.none}</b> ${words.find.noneHelp}</p><p><a href="${href('/')}">${words.find.all}</a></p></div>`;
