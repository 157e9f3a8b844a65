import * as z from 'zod';
import { canonical, digestOf } from '../kernel/canonical.ts';
import { earliest, latest } from '../kernel/order.ts';
import { normalizeText } from '../kernel/text.ts';
import { BlockText, Instant, LineText, strictObject } from '../kernel/zodTypes.ts';
import { isPlausibleYear, plusDuration, toBeginning, toInstant } from '../kernel/zone.ts';

const CONDITIONS_CHARS_MAX = 2000;
const AUDIENCE_MAX = 40;
/** The limit of the canonical JSON: the head state holds the terms of the approvals in force and waiting. */
export const TERMS_BYTES_MAX = 2560;

/**
 * Storage format. Null means no limit of that kind. `maintenance`: a signed update that changes none of the nine impacts leaves the
 * approved words true.
 */
export const Terms = strictObject(() => ({
  from: Instant.nullable(),
  until: Instant.nullable(),
  audience: z.array(LineText(80)).max(AUDIENCE_MAX).nullable(),
  conditions: BlockText(CONDITIONS_CHARS_MAX).nullable(),
  maintenance: z.boolean(),
}));
export type Terms = z.infer<typeof Terms>;

export const NO_TERMS: Terms = { from: null, until: null, audience: null, conditions: null, maintenance: false };

/** `maintenance`: `yes`, or blank for no. */
export interface TermsInput {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly conditions?: string | undefined;
  readonly maintenance?: string | undefined;
}

/** In the order of the form. */
export const TERM_FIELDS = ['from', 'until', 'audience', 'conditions', 'maintenance'] as const satisfies (keyof Terms)[];

/** `faults`: the fields that cannot be read, in their order; for terms that are too long together `conditions`. */
type TermsReading =
  | { readonly ok: true; readonly terms: Terms }
  | { readonly ok: false; readonly faults: readonly (keyof Terms)[] };

const readTime = (text: string, read: typeof toInstant, zone: string): string | null | undefined => {
  if (text === '') return null;
  return isPlausibleYear(text) ? read(text, zone) : undefined;
};

/**
 * Returns terms in the form in which they are compared: text trimmed, in NFC and with LF; agencies as a sorted set; a date as an instant
 * in the city's time zone, `until` as the end of that day.
 */
export const readTerms = (input: TermsInput, zone: string): TermsReading => {
  const from = readTime(normalizeText(input.from ?? ''), toBeginning, zone);
  const until = readTime(normalizeText(input.until ?? ''), toInstant, zone);
  const audience = [...new Set((input.audience ?? []).map(normalizeText).filter((agency) => agency !== ''))].sort();
  const maintenance = normalizeText(input.maintenance ?? '');
  const { success, data, error } = Terms.safeParse({
    from,
    until,
    audience: audience.length === 0 ? null : audience,
    conditions: normalizeText(input.conditions ?? '') || null,
    maintenance: maintenance === '' ? false : maintenance === 'yes' || undefined,
  });
  const wrong = new Set(error?.issues.map(({ path: [field] }) => field));
  if (from != null && until != null && until <= from) wrong.add('until');
  if (success && Buffer.byteLength(canonical(data)) > TERMS_BYTES_MAX) wrong.add('conditions');
  return success && wrong.size === 0
    ? { ok: true, terms: data }
    : { ok: false, faults: TERM_FIELDS.filter((field) => wrong.has(field)) };
};

export const TERMS_DIGEST_CHARS = 24;

export const termsDigest = (terms: Terms): string =>
  digestOf(canonical(terms)).slice('sha256:'.length, 'sha256:'.length + TERMS_DIGEST_CHARS);

interface Ends {
  readonly endsAt: string | null;
  readonly until: string | null;
  readonly term: string | null;
}

/** Returns the earliest end of an approval given at `at`, from which the policy's term runs. Null: no end. */
export const approvalEnd = ({ endsAt, until, term }: Ends, { at, zone }: { readonly at: string; readonly zone: string }) =>
  earliest(endsAt, until, term === null ? null : plusDuration(at, term, zone));

/** Returns the end of an approval given at `at` if it is not after its beginning, so that it is never on; null otherwise. */
export const endBeforeBeginning = (
  { from, until }: Terms,
  limits: Omit<Ends, 'until'>,
  when: Parameters<typeof approvalEnd>[1],
): string | null => {
  const end = approvalEnd({ ...limits, until }, when);
  return end !== null && end <= latest(when.at, from ?? undefined) ? end : null;
};

/** Null: all agencies. */
export const commonAudience = (one: readonly string[] | null, other: readonly string[] | null): readonly string[] | null =>
  one === null || other === null ? (one ?? other) : one.filter((agency) => other.includes(agency));
