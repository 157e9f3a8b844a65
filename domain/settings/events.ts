// Storage format: the public log keeps these shapes permanently. Add new versions, never change old ones.
import * as z from 'zod';
import { Instant, strictObject } from '../kernel/zodTypes.ts';

export const SETTINGS_STREAM = 'settings';

/** `tzdata`: the version of the time zone data, such as `2025b`; another can read a future date differently. */
export const TimeZoneSet = strictObject(() => ({
  type: z.literal('TimeZoneSet'),
  v: z.literal(1),
  at: Instant,
  zone: z.string().min(1).max(100),
  tzdata: z.string().min(1).max(40),
}));

export const SettingsEvent = z.discriminatedUnion('type', [TimeZoneSet]);
export type SettingsEvent = z.infer<typeof SettingsEvent>;
