import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import type { RegisterDoc } from '../../../functions/register/documents.ts';
import { allFeatures, dueFeatures } from '../../../functions/register/lists.ts';
import {
  BY_HEADLINE_GROUP,
  BY_KEY,
  BY_STATUS,
  BY_VENDOR,
  type FacetOf,
  NEWEST,
  type RegisterIndex,
  type RowsQuery,
  WAITING_SINCE,
} from '../../../functions/register/rows.ts';
import { LATER_VOTES, WAITING_ACTS } from '../../../functions/register/waiting.ts';
import { DATES } from '../../../functions/web/site/public/calendar.ts';
import { outcomesIn } from '../../../functions/web/site/public/numbers.ts';
import { NOTICES } from '../../../functions/web/site/public/register.ts';
import { SEARCHABLE } from '../../../functions/web/site/public/registerQuery.ts';

const versionsOf = async (documents: AsyncIterable<RegisterDoc>) => {
  const found = [];
  for await (const { key, version } of documents) found.push({ key, version });
  return found;
};

const FACETS: Readonly<Record<string, FacetOf<unknown>>> = {
  BY_KEY,
  BY_STATUS,
  BY_VENDOR,
  NEWEST,
  BY_HEADLINE_GROUP,
  WAITING_SINCE,
  WAITING_ACTS,
  LATER_VOTES,
  DATES,
  NOTICES,
  SEARCHABLE,
  outcomes: outcomesIn('America/Denver'),
} as Readonly<Record<string, FacetOf<unknown>>>;

const facetsOf = async (index: RegisterIndex, query: RowsQuery) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(FACETS).map(async ([name, of]) => [name, Object.fromEntries(await index.facet(of, query))] as const),
    ),
  );

export const saidBy = async (index: RegisterIndex, now: string) => ({
  keys: (await index.bulk({ now })).keys,
  documents: await versionsOf(index.documents({ prefix: 'acme', after: 'acme' })),
  everyDocument: await versionsOf(index.documents({ after: '' })),
  open: await versionsOf(index.documents({ after: '', open: true })),
  openAbove: await versionsOf(index.documents({ after: 'acme', open: true })),
  document: (await index.document('acme.lpr'))?.version,
  all: await allFeatures({ register: index }, { now }),
  beneath: await allFeatures({ register: index }, { now, prefix: 'acme' }),
  forAgency: await allFeatures({ register: index }, { now, context: { agencies: ['police'], own: ['police', 'fire'] } }),
  foreign: await allFeatures({ register: index }, { now, context: { agencies: ['police'], own: ['fire'] } }),
  forVersion: await allFeatures({ register: index }, { now, context: { version: '2' } }),
  page: await index.page({ now, after: 'acme', limit: 2 }),
  pageBeneath: await index.page({ now, after: '', limit: 2, prefix: 'acme' }),
  byStatus: await Promise.all(VARIANTS.map((status) => index.page({ now, after: '', limit: 3, status }))),
  blockedBeneath: await index.page({ now, after: 'acme', limit: 3, status: 'blocked', prefix: 'acme' }),
  audience: await index.page({ now, after: '', limit: 3, status: 'audience', context: { agencies: ['fire'] } }),
  facets: await facetsOf(index, { now }),
  facetsBeneath: await facetsOf(index, { now, prefix: 'acme' }),
  facetsAbsent: await facetsOf(index, { now, prefix: 'nothing' }),
  sumsForAgency: await index.facet(BY_HEADLINE_GROUP, { now, context: { agencies: ['police'] } }),
  due: (await dueFeatures({ register: index }, now, true)).map(({ key }) => key),
});
