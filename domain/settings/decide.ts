import { accept, type Decider, type Decision, nothing, reject } from '../kernel/decider.ts';
import { isZone } from '../kernel/zone.ts';
import type { SettingsEvent } from './events.ts';
import { initialSettingsState, type SettingsState } from './state.ts';

const evolveSettings = (_state: SettingsState, event: SettingsEvent): SettingsState => {
  switch (event.type) {
    case 'TimeZoneSet':
      return { timeZone: { zone: event.zone, tzdata: event.tzdata, since: event.at } };
  }
};

export type SettingsRejection = 'unknown-zone';

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
