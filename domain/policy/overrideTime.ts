import { localDateOf, plusDuration } from '../kernel/zone.ts';
import type { Override } from './schema.ts';

export type OverrideTime = Exclude<Override['within'], string>;

/** A plain duration is its end. */
export const overrideTime = ({ within }: Pick<Override, 'within'>): OverrideTime =>
  typeof within === 'string' ? { notAfter: within } : within;

export const overrideEnd = (override: Override, vetoAt: string, zone: string): string =>
  plusDuration(vetoAt, overrideTime(override).notAfter, zone);

/** Returns the first local date on which the second vote counts. */
export const firstVote = (override: Override, vetoAt: string, zone: string): string => {
  const { notBefore } = overrideTime(override);
  return localDateOf(notBefore === undefined ? vetoAt : plusDuration(vetoAt, notBefore, zone), zone);
};
