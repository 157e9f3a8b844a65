import * as z from 'zod';
import { canonical } from '../kernel/canonical.ts';
import { digestOf } from '../kernel/digest.ts';
import { normalizeText } from '../kernel/text.ts';
import { BlockText, Instant, LineText } from '../kernel/zodTypes.ts';
import { toInstant } from '../kernel/zone.ts';

/** At most this many characters of conditions: they stand in every head state while the approval is in force. */
export const CONDITIONS_CHARS_MAX = 2000;
const AUDIENCE_MAX = 40;
/** All terms together, in bytes of canonical JSON: they stand in the head state while the approval is in force. */
export const TERMS_BYTES_MAX = 4096;

/** Storage format. What an approval allows: until when, for which agencies, under which conditions. `null` means no limit of that kind. */
export const Terms = z.strictObject({
  until: Instant.nullable(),
  audience: z.array(LineText(80)).max(AUDIENCE_MAX).nullable(),
  conditions: BlockText(CONDITIONS_CHARS_MAX).nullable(),
});
export type Terms = z.infer<typeof Terms>;

/** The terms of a decision that names none: no end, every agency, no condition. */
export const NO_TERMS: Terms = { until: null, audience: null, conditions: null };

/** What a form or a client sends as terms, before it is made comparable. */
export interface TermsInput {
  readonly until?: string | undefined;
  readonly audience?: readonly string[] | undefined;
  readonly conditions?: string | undefined;
}

/** Terms as they are compared, or the field that cannot be read. */
export type TermsReading =
  | { readonly ok: true; readonly terms: Terms }
  | { readonly ok: false; readonly pointer: string; readonly detail: string };

/**
 * Terms in the one form in which they are compared: text trimmed, in NFC and with LF; a date as the instant it ends in the
 * city's time zone; agencies as a sorted set. Blank means none. Refused with the field's pointer if it cannot be read or is too long.
 */
export const readTerms = (input: TermsInput, zone: string): TermsReading => {
  const until = normalizeText(input.until ?? '');
  const instant = until === '' ? null : toInstant(until, zone);
  if (instant === undefined)
    return {
      ok: false,
      pointer: '/until',
      detail: 'must be a date such as 2027-03-31 or an instant such as 2027-03-31T17:00:00Z',
    };
  const audience = [...new Set((input.audience ?? []).map(normalizeText).filter((agency) => agency !== ''))].sort();
  const conditions = normalizeText(input.conditions ?? '');
  const parsed = Terms.safeParse({
    until: instant,
    audience: audience.length === 0 ? null : audience,
    conditions: conditions === '' ? null : conditions,
  });
  if (parsed.success) {
    const fits = Buffer.byteLength(canonical(parsed.data)) <= TERMS_BYTES_MAX;
    return fits
      ? { ok: true, terms: parsed.data }
      : { ok: false, pointer: '/conditions', detail: `the terms together are longer than ${TERMS_BYTES_MAX} bytes` };
  }
  const issue = parsed.error.issues[0];
  return { ok: false, pointer: `/${String(issue?.path[0] ?? 'conditions')}`, detail: issue?.message ?? 'cannot be read' };
};

/** Names one exact set of terms; two decisions agree when these are equal. */
export const termsDigest = (terms: Terms): string => digestOf(canonical(terms));
