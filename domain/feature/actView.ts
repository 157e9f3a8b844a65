// Storage format of a read model, as view.ts is.
import type { Assertion } from '../kernel/assertion.ts';
import type { DecisionEvent } from './decisionToSign.ts';
import type { EventOf } from './events.ts';

/** The key that signed a decision and how it was enrolled; the signature itself is in the event alone. */
export type PasskeyView = Pick<Assertion, 'credential' | 'enrolled'>;

type Attested<T extends DecisionEvent['type']> = Omit<EventOf<T>, 'assertion'> & { readonly passkey?: PasskeyView };

/** What an official did, in the order in which it was recorded. */
export type ActView = { readonly version: number } & (
  | Attested<'VoteCertified'>
  | Attested<'SignatureGiven'>
  | Attested<'BallotCast'>
  | Attested<'AdviceGiven'>
  | EventOf<'ApprovalRevoked'>
);

/** A decision as an act: a body of two hundred seats must fit with all its passkeys. */
export const actView = <E extends DecisionEvent>({ assertion, ...event }: E, version: number) => ({
  ...event,
  version,
  ...(assertion !== undefined && { passkey: { credential: assertion.credential, enrolled: assertion.enrolled } }),
});
