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

type TermsReading =
  | { readonly ok: true; readonly terms: Terms }
  | { readonly ok: false; readonly pointer: string; readonly detail: string };

const fault = (pointer: string, detail: string): TermsReading => ({ ok: false, pointer, detail });

const readTime = (text: string, read: typeof toInstant, zone: string): string | null | undefined => {
  if (text === '') return null;
  return isPlausibleYear(text) ? read(text, zone) : undefined;
};

const A_TIME = 'a date such as 2027-03-31 or an instant such as 2027-03-31T17:00:00Z, of the year 1900 or later';

/**
 * Returns terms in the form in which they are compared: text trimmed, in NFC and with LF; agencies as a sorted set; a date as an instant
 * in the city's time zone, `until` as the end of that day.
 */
export const readTerms = (input: TermsInput, zone: string): TermsReading => {
  const [from, until] = [normalizeText(input.from ?? ''), normalizeText(input.until ?? '')];
  const starts = readTime(from, toBeginning, zone);
  if (starts === undefined) return fault('/from', `must be ${A_TIME}`);
  const ends = readTime(until, toInstant, zone);
  if (ends === undefined) return fault('/until', `must be ${A_TIME}`);
  if (starts !== null && ends !== null && ends <= starts) return fault('/until', 'must be later than the start');
  const maintenance = normalizeText(input.maintenance ?? '');
  if (maintenance !== '' && maintenance !== 'yes') return fault('/maintenance', 'must be yes, or blank for no');
  const audience = [...new Set((input.audience ?? []).map(normalizeText).filter((agency) => agency !== ''))].sort();
  const conditions = normalizeText(input.conditions ?? '');
  const parsed = Terms.safeParse({
    from: starts,
    until: ends,
    audience: audience.length === 0 ? null : audience,
    conditions: conditions === '' ? null : conditions,
    maintenance: maintenance === 'yes',
  });
  if (parsed.success) {
    const fits = Buffer.byteLength(canonical(parsed.data)) <= TERMS_BYTES_MAX;
    return fits
      ? { ok: true, terms: parsed.data }
      : fault('/conditions', `the terms together are longer than ${TERMS_BYTES_MAX} bytes`);
  }
  const issue = parsed.error.issues[0];
  return fault(`/${String(issue?.path[0] ?? 'conditions')}`, issue?.message ?? 'cannot be read');
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
