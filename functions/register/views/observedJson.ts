import * as z from 'zod';
import { daysOf } from '../../../domain/derived/cases.ts';
import { DRIFT_KINDS, DriftCase, KeyAnswer, type SourceRecord } from '../../../domain/derived/record.ts';
import { neverReported } from '../../../domain/derived/sources.ts';
import { VARIANTS } from '../../../domain/feature/evaluate.ts';
import { changeId } from '../../../domain/feature/keys.ts';
import { ascending, earliest } from '../../../domain/kernel/order.ts';
import { FeatureKey, Instant, strictObject } from '../../../domain/kernel/zodTypes.ts';
import { type Policy, SOURCE_KINDS } from '../../../domain/policy/schema.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { mapInTurns } from '../../platform/turns.ts';
import { type ListedCase, readKeyRecord } from '../derived/records.ts';
import type { RegisterPorts } from '../rows.ts';

/** Wire format. The known state of a key at the vendor. */
export const ObservedJson = strictObject(() => ({
  state: z
    .enum(['on', 'off', 'unknown', 'never'])
    .describe(
      'What the newest report says; unknown if its source has been silent about the key for too long, never without a report.',
    ),
  at: Instant.nullable().describe('When it was seen last.'),
  source: z.string().nullable().describe('Who saw it then.'),
  kind: z
    .enum(SOURCE_KINDS)
    .nullable()
    .describe('For whom: the city, an audit, or the vendor itself, whose `off` counts only where no other source looked.'),
})).meta({ id: 'Observed', description: 'What was last seen of a feature at its vendor.' });
export type ObservedJson = z.infer<typeof ObservedJson>;

/**
 * A source that the policy names and that did not look in time. `vendor` null: it never looked anywhere, and `since` is when it was
 * due to begin, null while no vendor has features.
 */
interface SilentSource {
  readonly source: string;
  readonly vendor: string | null;
  readonly since: string | null;
  readonly every: string;
}

/** Whether the policy names any source, and those that are silent, the longest first. */
export interface Looking {
  readonly isNamed: boolean;
  readonly silent: readonly SilentSource[];
}

export const isSilent = ({ every, silentFrom }: SourceRecord, now: string): boolean =>
  every !== null && silentFrom !== null && silentFrom <= now;

export const lookingOf = (
  policy: Pick<Policy, 'observe'> | undefined,
  records: readonly SourceRecord[],
  now: string,
): Looking => {
  const sources = policy?.observe?.sources ?? {};
  const named = Object.entries(sources);
  const unheard = neverReported(sources, records);
  const never = named.filter(([name]) => unheard.includes(name));
  const expectedFrom = (name: string): string | null =>
    earliest(...records.flatMap(({ source, expectedFrom: from }) => (source === name && from !== null ? [from] : [])));
  const silent = records.flatMap((record): readonly SilentSource[] => {
    const { source, vendor, lookedAt, every } = record;
    return lookedAt !== null && every !== null && isSilent(record, now) ? [{ source, vendor, since: lookedAt, every }] : [];
  });
  return {
    isNamed: named.length > 0,
    silent: [
      ...never.map(([source, { every }]) => ({ source, vendor: null, since: expectedFrom(source), every })),
      ...silent.sort((a, b) => ascending(a.since ?? '', b.since ?? '') || ascending(a.source, b.source)),
    ],
  };
};

/** Wire format. An observation of a key. */
export const SeenJson = z.strictObject({
  on: z.boolean().describe('Whether it was seen on.'),
  agencies: z.array(z.string()).nullable().describe('The agencies it was seen on for; null: not known.'),
  version: z.string().nullable().describe('The version seen; null: not known.'),
});

/** Wire format. What is approved for a key. */
export const ApprovedJson = z.strictObject({
  onFor: KeyAnswer.shape.onFor.describe('The agencies it may be on for: all, none, or those named.'),
  variant: z.enum(VARIANTS).describe('The answer in one word.'),
  because: z.string().describe('The reason in a sentence.'),
  change: z.string().nullable().describe('The change that the answer is about.'),
  version: z.string().nullable().describe('The approved version; null if none is named.'),
});

/** Wire format. A time during which a key was seen on beyond what is approved. */
export const CaseJson = strictObject(() => {
  const { byEnd, confirmed, evidence, openedAt, closedAt, sequence } = DriftCase.shape;
  return {
    key: FeatureKey,
    title: z.string().nullable().describe('The title in the register; null if no notice of it was received.'),
    kind: z.enum(DRIFT_KINDS).describe('How what was seen exceeds what is approved.'),
    since: Instant.describe('Since when it was on, as far as it was seen.'),
    until: Instant.nullable().describe('Until when; null while it is open.'),
    days: z.int().min(1).describe('The local days on which it was on for a moment, as of this answer.'),
    daysOfKey: z.int().min(1).describe('The same for all known cases of this key, each day once.'),
    seen: SeenJson.describe('What was seen.'),
    approved: ApprovedJson.describe('What was approved when the case opened.'),
    sources: z
      .array(
        z.strictObject({
          source: z.string().describe('The source that reported it.'),
          kind: z.enum(SOURCE_KINDS).describe('For whom it looked.'),
          person: z.string().nullable().describe('The holder whose token reported it; null for a token without a person.'),
        }),
      )
      .describe('Who reported it.'),
    confirmed: confirmed.describe('Whether a second source or a second person reported it.'),
    evidence: evidence.describe('The documents that reports of it name, by title and SHA-256.'),
    openedAt: openedAt.describe('When the report or the time came that opened it.'),
    byEnd: byEnd.describe('Whether the end of an approval opened it, and no report.'),
    sequence: sequence.describe('The index in the log of the entry that opened it.'),
    closedAt: closedAt.describe('When the report or the approval came that closed it.'),
    closedBy: z
      .union([
        z.strictObject({ source: z.string().describe('The source whose report closed it.') }),
        z.strictObject({ change: z.string().describe('The change whose approval closed it, KEY/N.') }),
      ])
      .nullable()
      .describe('What closed it; null while it is open, or if a later look had already seen it otherwise.'),
  };
}).meta({ id: 'DriftCase', description: 'A time during which a key was seen on beyond what is approved.' });
export type CaseJson = z.infer<typeof CaseJson>;

interface AboutKey {
  readonly title: string | null;
  readonly cases: readonly DriftCase[];
}

export const caseJson = (
  { key, approved, closedBy, ...listed }: ListedCase,
  { title, cases }: AboutKey,
  now: string,
  zone: string,
): CaseJson => ({
  ...listed,
  key,
  title,
  days: daysOf([listed], now, zone),
  // The list may be newer than the record of the key's cases.
  daysOfKey: daysOf([...cases, listed], now, zone),
  approved: {
    onFor: approved.onFor,
    variant: approved.variant,
    because: approved.because,
    change: approved.change === null ? null : changeId(key, approved.change),
    version: approved.version,
  },
  closedBy: closedBy === null || 'source' in closedBy ? closedBy : { change: changeId(key, closedBy.change) },
});

/** Adds to cases their titles in the register and their days. Takes two reads per key. */
export const caseJsons = async (
  { register, sideStore, zone }: Pick<RegisterPorts & GatePorts, 'register' | 'sideStore' | 'zone'>,
  cases: readonly ListedCase[],
  now: string,
): Promise<readonly CaseJson[]> => {
  const about = async (key: string): Promise<AboutKey> => {
    const [document, record] = await Promise.all([register.document(key), readKeyRecord(sideStore, key)]);
    return { title: document?.title ?? null, cases: record?.cases ?? [] };
  };
  const known = new Map<string, Promise<AboutKey>>();
  return mapInTurns(cases, async (listed) => {
    const reading = known.get(listed.key) ?? about(listed.key);
    known.set(listed.key, reading);
    return caseJson(listed, await reading, now, zone);
  });
};
