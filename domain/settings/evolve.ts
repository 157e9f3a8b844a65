import type { SettingsEvent } from './events.ts';
import type { SettingsState } from './state.ts';

/** The state after one event. One case an event and no default, so that the compiler finds the one that is forgotten. */
export const evolveSettings = (_state: SettingsState, event: SettingsEvent): SettingsState => {
  switch (event.type) {
    case 'TimeZoneSet':
      return { timeZone: { zone: event.zone, tzdata: event.tzdata, since: event.at } };
  }
};
