// Storage format: the state stored beside each commit, a cache of the fold. Change it only with SETTINGS_STATE_VERSION.
import * as z from 'zod';
import { strictObject } from '../kernel/lazyObject.ts';
import { Instant } from '../kernel/zodTypes.ts';

/** Raise whenever the shape below or what `evolve` makes of an event changes. */
export const SETTINGS_STATE_VERSION = 1;

export const SettingsState = strictObject(() => ({
  timeZone: z.strictObject({ zone: z.string(), tzdata: z.string(), since: Instant }).nullable(),
}));
export type SettingsState = z.infer<typeof SettingsState>;

export const initialSettingsState: SettingsState = { timeZone: null };
