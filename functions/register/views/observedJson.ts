import * as z from 'zod';
import type { SourceRecord } from '../../../domain/derived/record.ts';
import { neverReported } from '../../../domain/derived/sources.ts';
import { strictObject } from '../../../domain/kernel/lazyObject.ts';
import { ascending, earliest } from '../../../domain/kernel/order.ts';
import { Instant } from '../../../domain/kernel/zodTypes.ts';
import { type Policy, SOURCE_KINDS } from '../../../domain/policy/schema.ts';

/** Wire format. What is known of a key at the vendor. */
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
 * A source that the policy names and that did not look in time. `vendor` null: it never looked anywhere, and `since` is when it was to begin; null
 * while no vendor has features.
 */
export interface SilentSource {
  readonly source: string;
  readonly vendor: string | null;
  readonly since: string | null;
  readonly every: string;
}

/** Who looks at the vendors: whether the policy names anyone, and who of them is silent, the longest first. */
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
