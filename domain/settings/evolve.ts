import type { SettingsEvent } from './events.ts';
import type { SettingsState } from './state.ts';

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolveSettings = (_state: SettingsState, event: SettingsEvent): SettingsState => {
  switch (event.type) {
    case 'TimeZoneSet':
      return { timeZone: { zone: event.zone, tzdata: event.tzdata, since: event.at } };
  }
};
