import * as z from 'zod';
import { canonical } from '../kernel/canonical.ts';
import { type JsonValue, jsonOf } from '../kernel/json.ts';
import { BlockText, FeatureKey, Instant, LineText, SafeUrl, Sha256Hex, strictObject } from '../kernel/zodTypes.ts';
import { isPlausibleYear, toBeginning, toInstant } from '../kernel/zone.ts';
import { IMPACTS, KINDS } from '../policy/schema.ts';

export const DESCRIPTION_CHARS_MAX = 20_000;

const Effect = z.enum(['changed', 'unchanged', 'unknown']);
type Impact = (typeof IMPACTS)[number];

const forEach = <T>(value: T): Record<Impact, T> =>
  Object.fromEntries(IMPACTS.map((impact) => [impact, value])) as Record<Impact, T>;

const ImpactValue = z.union([
  Effect,
  strictObject(() => ({
    effect: Effect.describe('Whether it changes.'),
    from: LineText(500).exactOptional().describe('What is so today, in a plain sentence.'),
    to: LineText(500).exactOptional().describe('What will be so, in a plain sentence.'),
  })).meta({ id: 'ImpactInWords', description: 'What a change does to one criterion, in a word and in sentences.' }),
]);
type ImpactValue = z.infer<typeof ImpactValue>;

/** Wire format. The nine impacts as a vendor states them: a word, alone or with the present and future situation. */
export const StatedImpacts = strictObject(() => forEach(ImpactValue));

/** The nine criteria by which surveillance ordinances require a new approval. */
export const Impacts = z.strictObject(forEach(Effect));
export type Impacts = z.infer<typeof Impacts>;

export const DocumentKind = z.string().regex(/^[a-z0-9-]{1,40}$/, 'must be a short word of a-z, 0-9 and hyphens');

const NoticeDocument = strictObject(() => ({
  title: LineText(200),
  kind: DocumentKind,
  url: SafeUrl,
  sha256: Sha256Hex.optional(),
}));

/** A date, or an instant in any offset. */
export const DateOrInstant = z
  .string()
  .max(40)
  .refine(
    (text) => isPlausibleYear(text) && toInstant(text, 'UTC') !== undefined,
    'is not a date or an instant of the year 1900 or later',
  )
  .meta({ pattern: String.raw`^(?:19|[2-9]\d)\d\d-\d\d-\d\d(?:[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d))?$` });

/** The state of a change at the vendor if the city does nothing. */
const WITHOUT_ACTION = ['on', 'off', 'unknown'] as const;

/** Wire format of `POST /v1/notices`. Unknown fields are refused. */
export const Notice = strictObject(() => ({
  feature: FeatureKey,
  kind: z.enum(KINDS),
  title: LineText(200),
  summary: LineText(2000),
  description: BlockText(DESCRIPTION_CHARS_MAX).optional(),
  version: LineText(100).optional().describe('The vendor’s version.'),
  effectiveAt: DateOrInstant.optional(),
  endsAt: DateOrInstant.optional(),
  optOut: z.enum(['yes', 'no', 'unknown']).optional(),
  optOutBy: DateOrInstant.optional(),
  optOutHow: LineText(500).optional(),
  withoutAction: z.enum(WITHOUT_ACTION).optional(),
  impact: z.strictObject(forEach(ImpactValue.optional())).optional(),
  documents: z.array(NoticeDocument).max(20).optional(),
  revises: z.int().min(1).max(1_000_000).optional(),
})).superRefine((notice, context) => {
  if (notice.kind === 'contract' && notice.endsAt === undefined) {
    context.addIssue({ code: 'custom', path: ['endsAt'], message: 'is required for a contract: say when it ends' });
  }
  if (notice.kind === 'removal' && notice.revises !== undefined) {
    context.addIssue({ code: 'custom', path: ['revises'], message: 'a removal is a change of its own and revises none' });
  }
});
export type Notice = z.infer<typeof Notice>;

/** Storage format: what replay needs of a notice, without the long text. */
export const NoticeFacts = strictObject(() => ({
  kind: z.enum(KINDS),
  title: z.string(),
  summary: z.string(),
  version: z.string().nullable(),
  effectiveAt: Instant.nullable(),
  endsAt: Instant.nullable(),
  optOut: z.enum(['yes', 'no', 'unknown']),
  optOutBy: Instant.nullable(),
  optOutHow: z.string().nullable(),
  withoutAction: z.enum(WITHOUT_ACTION),
  impact: Impacts,
  documents: z.array(NoticeDocument),
}));
export type NoticeFacts = z.infer<typeof NoticeFacts>;

const effectOf = (value: ImpactValue = 'unknown'): Impacts[Impact] => (typeof value === 'string' ? value : value.effect);

/** A vendor's sentences on what a change touches: the situation today and after it. */
export type Effects = { readonly [Name in Impact]?: Exclude<ImpactValue, string> };

/** Returns the sentences of a notice's impacts. Replay does not need them, so no event holds them. */
export const effectsOf = ({ impact = {} }: Notice): Effects =>
  Object.fromEntries(Object.entries(impact).filter(([, value]) => typeof value === 'object'));

/**
 * Returns the facts of a notice, missing ones as `unknown`. A bare date is read in the city's time zone, `endsAt` as the end of that day,
 * `effectiveAt` and `optOutBy` as its beginning: doubt shortens the time "on", and the time to opt out.
 */
export const factsOf = (notice: Notice, zone: string): NoticeFacts => {
  const { endsAt = '' } = notice;
  const beginning = (text = ''): string | null => toBeginning(text, zone) ?? null;
  return {
    kind: notice.kind,
    title: notice.title,
    summary: notice.summary,
    version: notice.version ?? null,
    effectiveAt: beginning(notice.effectiveAt),
    endsAt: toInstant(endsAt, zone) ?? null,
    optOut: notice.optOut ?? 'unknown',
    optOutBy: beginning(notice.optOutBy),
    optOutHow: notice.optOutHow ?? null,
    withoutAction: notice.withoutAction ?? 'unknown',
    impact: Object.fromEntries(IMPACTS.map((name) => [name, effectOf(notice.impact?.[name])])) as Impacts,
    documents: notice.documents ?? [],
  };
};

/** An update whose nine impacts are all explicitly `unchanged`. Counts only if it is signed. */
export const isMaintenance = ({ kind, impact }: Pick<NoticeFacts, 'kind' | 'impact'>): boolean =>
  kind === 'update' && IMPACTS.every((name) => impact[name] === 'unchanged');

/** The channel of features that the city already has and no vendor announced (`aldergate inventory`). */
export const INVENTORY = 'inventory';

export const isEntered = ({ by, channel }: { readonly by: string; readonly channel: string }): boolean =>
  channel !== 'operator' && !by.startsWith('vendor:');

const LETTER = { changed: 'c', unchanged: 'u', unknown: '?' } as const;
const VALUE = { c: 'changed', u: 'unchanged', '?': 'unknown' } as const;

/** Encodes the nine impacts as nine letters, to keep the state small. */
export const packImpact = (impact: Impacts): string => IMPACTS.map((name) => LETTER[impact[name]]).join('');

export const unpackImpact = (packed: string): Impacts =>
  Object.fromEntries(IMPACTS.map((name, index) => [name, VALUE[packed[index] as keyof typeof VALUE] ?? 'unknown'])) as Impacts;

/** A line of a compared statement. `id`: identifies it before and after. */
interface Line {
  readonly id: string;
  readonly value: JsonValue;
}

export interface ComparedLine<L extends Line> {
  readonly before: L | undefined;
  readonly after: L | undefined;
}

/**
 * Compares two statements (rules or notices) line by line, in the order of the later one; lines only in the earlier one come last.
 */
export const compareLines = <L extends Line>(before: readonly L[], after: readonly L[]) => {
  const rows: readonly ComparedLine<L>[] = [
    ...after.map((line) => ({ before: before.find(({ id }) => id === line.id), after: line })),
    ...before.filter(({ id }) => after.every((line) => line.id !== id)).map((line) => ({ before: line, after: undefined })),
  ];
  const isSame = ({ before: old, after: now }: ComparedLine<L>): boolean =>
    old !== undefined && now !== undefined && canonical(old.value) === canonical(now.value);
  return { changed: rows.filter((row) => !isSame(row)), same: rows.filter(isSame) };
};

/** A line of a notice: one of its facts, one of the nine impacts, or a document. */
export type NoticeLine = Line &
  (
    | { readonly of: 'fact'; readonly name: Exclude<keyof NoticeFacts, 'impact' | 'documents'> }
    | { readonly of: 'impact'; readonly name: (typeof IMPACTS)[number] }
    | { readonly of: 'document'; readonly name: string }
  );

/** Returns everything that a notice states except its long text, which no event holds. */
export const linesOfNotice = ({ impact, documents, ...facts }: NoticeFacts): readonly NoticeLine[] => [
  ...Object.entries(facts).map(([name, value]) => ({ id: name, of: 'fact' as const, name: name as keyof typeof facts, value })),
  ...IMPACTS.map((name) => ({ id: `impact/${name}`, of: 'impact' as const, name, value: impact[name] })),
  ...documents.map((each) => ({
    id: `document/${each.kind}/${each.title}`,
    of: 'document' as const,
    name: each.title,
    value: jsonOf(each),
  })),
];
