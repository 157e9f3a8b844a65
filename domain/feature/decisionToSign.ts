// Wire and storage format: what a passkey signs. Signed bytes contain its hash permanently; a change needs a new version beside
// this one.
import type { JsonObject, JsonValue } from '../kernel/json.ts';
import type { DecisionContext } from './commands.ts';
import type { Certify } from './decide/certificate.ts';
import type { Confirm } from './decide/confirm.ts';
import type { ConfirmRollback } from './decide/revoke.ts';
import type { Advise, CastBallot, Sign } from './decide/sign.ts';
import type { EventOf, FeatureEvent } from './events.ts';

type DecisionCommand = Certify | Sign | CastBallot | Advise | Confirm | ConfirmRollback;

const WORDS = ['change', 'revision', 'digest', 'requirement', 'holder', 'comment'] as const;
const MEETING = ['purpose', 'fileNumber', 'meetingDate', 'mover', 'seconder', 'minutesUrl', 'minutesSha256'] as const;

/**
 * The events of an official's decisions: the command for each, and the fields that a passkey signs (for a certificate, also every vote).
 */
const DECISIONS = {
  VoteCertified: { act: 'certify', fields: [...WORDS, ...MEETING, 'terms'] },
  SignatureGiven: { act: 'sign', fields: [...WORDS, 'decision', 'terms'] },
  BallotCast: { act: 'ballot', fields: [...WORDS, 'decision', 'terms'] },
  AdviceGiven: { act: 'advise', fields: [...WORDS, 'decision'] },
  ConfirmationGiven: { act: 'confirm', fields: [...WORDS, 'decision', 'certificate'] },
  RollbackConfirmed: { act: 'confirm-rollback', fields: ['change', 'of', 'revision', 'digest', 'holder', 'body', 'comment'] },
} as const satisfies { readonly [T in FeatureEvent['type']]?: { act: DecisionCommand['type']; fields: readonly string[] } };

type Decisions = typeof DECISIONS;

export type DecisionEvent = EventOf<keyof Decisions>;

export type DecisionRequest = Requested<DecisionCommand>;
type Requested<C> = C extends unknown ? Omit<C, keyof DecisionContext | 'assertion' | 'enrolled'> : never;

export const isDecision = (event: FeatureEvent): event is DecisionEvent => Object.hasOwn(DECISIONS, event.type);

/**
 * The part that makes each signing unique. `gate`: its address, which the browser also states; `nonce`: valid once, until `expiresAt`.
 */
export interface WebAuthnChallenge {
  readonly gate: string;
  readonly nonce: string;
  readonly expiresAt: string;
}

const signed = (
  key: string,
  seat: string,
  { act, fields }: Decisions[keyof Decisions],
  decision: object,
  { gate, nonce, expiresAt }: WebAuthnChallenge,
): JsonObject => ({
  format: 'aldergate-decision',
  v: 1,
  gate,
  nonce,
  expiresAt,
  key,
  seat,
  act,
  ...Object.fromEntries(fields.map((name) => [name, (decision as JsonObject)[name] as JsonValue])),
});

/** Returns the content of one signature for several changes: the list and the one decision. */
export const togetherToSign = (
  { holder, decision, together }: Pick<Sign | EventOf<'SignatureGiven'>, 'holder' | 'decision' | 'together'>,
  seat: string,
  { gate, nonce, expiresAt }: WebAuthnChallenge,
): JsonObject => ({
  format: 'aldergate-together',
  v: 1,
  gate,
  nonce,
  expiresAt,
  holder,
  seat,
  decision,
  together: together as JsonValue,
});

export const decisionToSign = (key: string, seat: string, request: DecisionRequest, challenge: WebAuthnChallenge): JsonObject => {
  if (request.type === 'sign' && request.together !== undefined) return togetherToSign(request, seat, challenge);
  const row = Object.values(DECISIONS).find(({ act }) => act === request.type);
  if (row === undefined) throw new Error(`broken invariant: no one decides by ${request.type}`);
  const decision = signed(key, seat, row, request, challenge);
  return 'votes' in request ? { ...decision, votes: { ...request.votes } } : decision;
};

/** Returns the signed content from the event and its key alone, so that it can be checked in the public log. */
export const decisionInEvent = (key: string, event: DecisionEvent, challenge: WebAuthnChallenge): JsonObject => {
  if (event.type === 'SignatureGiven' && event.together !== undefined) return togetherToSign(event, event.seat, challenge);
  const decision = signed(key, event.seat, DECISIONS[event.type], event, challenge);
  return 'roll' in event
    ? { ...decision, votes: Object.fromEntries(event.roll.map(({ seat, vote }) => [seat, vote])) }
    : decision;
};
