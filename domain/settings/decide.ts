import * as z from 'zod';
import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { Instant, strictObject } from '../kernel/zodTypes.ts';
import { isZone } from '../kernel/zone.ts';
import type { SettingsEvent } from './events.ts';

/** The version of the state stored with each commit, a cache of the fold. Raise it when its shape or the result of `evolve` changes. */
export const SETTINGS_STATE_VERSION = 1;

export const SettingsState = strictObject(() => ({
  timeZone: z.strictObject({ zone: z.string(), tzdata: z.string(), since: Instant }).nullable(),
}));
export type SettingsState = z.infer<typeof SettingsState>;

const initialSettingsState: SettingsState = { timeZone: null };

const evolveSettings = (_state: SettingsState, { zone, tzdata, at }: SettingsEvent): SettingsState => ({
  timeZone: { zone, tzdata, since: at },
});

type SettingsRejection = 'unknown-zone';

export interface SetTimeZone {
  readonly type: 'setTimeZone';
  readonly at: string;
  readonly zone: string;
  readonly tzdata: string;
}

const decide = ({ at, zone, tzdata }: SetTimeZone, { timeZone }: SettingsState): Decision<SettingsEvent, SettingsRejection> => {
  if (!isZone(zone)) return reject('unknown-zone', `${zone} is not an IANA time zone such as America/Denver.`);
  // New data for the same zone is also a fact: it can read a future date differently.
  if (timeZone?.zone === zone && timeZone.tzdata === tzdata) return nothing;
  return accept({ type: 'TimeZoneSet', v: 1, at, zone, tzdata });
};

export const settingsDecider: Decider<SetTimeZone, SettingsState, SettingsEvent, SettingsRejection> = {
  initialState: initialSettingsState,
  decide,
  evolve: evolveSettings,
};
