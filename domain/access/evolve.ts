import type { AccessEvent } from './events.ts';
import type { AccessState } from './state.ts';

/** Returns the state after one event. One case per event and no default, so that the compiler reports a missing case. */
export const evolveAccess = (state: AccessState, event: AccessEvent): AccessState => {
  switch (event.type) {
    case 'TokenIssued': {
      const { name, scopes, agencies, person, at } = event;
      return { kind: 'token', name, scopes, agencies, person, issuedAt: at, revokedAt: null };
    }
    case 'FormIssued':
      return { kind: 'form', vendor: event.vendor, expiresAt: event.expiresAt, issuedAt: event.at, revokedAt: null };
    case 'TokenRevoked':
    case 'FormRevoked':
      return state?.kind === 'token' || state?.kind === 'form' ? { ...state, revokedAt: event.at } : state;
    case 'PasskeyEnrolled': {
      const { at, credential, algorithm, publicKey, cose, by, generation } = event;
      const before = state?.kind === 'passkeys' && state.generation === generation ? state.keys : [];
      return { kind: 'passkeys', generation, keys: [...before, { at, credential, algorithm, publicKey, cose, by }] };
    }
    case 'PasskeyRemoved':
      return state?.kind === 'passkeys'
        ? { ...state, keys: state.keys.filter(({ credential }) => credential !== event.credential) }
        : state;
    case 'KeyClaimed':
      return { kind: 'claim', holder: event.holder };
  }
};
