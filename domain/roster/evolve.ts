import type { RosterEvent } from './events.ts';
import type { RosterState } from './state.ts';

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolveRoster = (state: RosterState, event: RosterEvent): RosterState => {
  switch (event.type) {
    case 'RosterAdopted': {
      const { number, sha256, at, roster, contacts } = event;
      return { ...state, inForce: { number, sha256, since: at, roster, contacts }, proposal: null };
    }
    case 'RosterProposed': {
      const { number, sha256, at, roster, contacts } = event;
      return { ...state, proposal: { number, sha256, since: at, roster, contacts } };
    }
    case 'PasskeysReset':
      return { ...state, resets: { ...state.resets, [event.holder]: event.generation } };
    case 'LinksCutOff':
      return { ...state, links: { ...state.links, [event.holder]: event.generation + 1 } };
    case 'RosterConfirmed':
      return state;
  }
};
