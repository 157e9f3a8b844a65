import type { VendorEvent } from './events.ts';
import { isValid } from './keys.ts';
import type { VendorState } from './state.ts';

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolveVendor = (state: VendorState, event: VendorEvent): VendorState => {
  switch (event.type) {
    case 'VendorAdded':
      return { ...state, vendor: event.vendor, name: event.name };
    case 'KeyAdded': {
      const valid = state.keys.filter((known) => isValid(known, event.at));
      const over = state.keys.filter((known) => !isValid(known, event.at)).map(({ key }) => key.id);
      return {
        ...state,
        keys: [...valid, { key: event.key, validFrom: event.at, validUntil: null }],
        spent: [...state.spent, ...over],
      };
    }
    case 'KeyRetired':
      return {
        ...state,
        keys: state.keys.map((known) => (known.key.id === event.key ? { ...known, validUntil: event.validUntil } : known)),
      };
  }
};
