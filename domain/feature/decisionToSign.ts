// Wire and storage format: what a passkey signs. Signed bytes contain its hash permanently; a change needs a new version beside
// this one.
import type { JsonObject, JsonValue } from '../kernel/json.ts';
import type { Advise, CastBallot, Certify, Confirm, ConfirmRollback, DecisionContext, Sign } from './commands.ts';
import type { EventOf } from './events.ts';

/** The events by which an official decides, each of which may carry an assertion. */
export type DecisionEvent =
  | EventOf<'VoteCertified'>
  | EventOf<'SignatureGiven'>
  | EventOf<'BallotCast'>
  | EventOf<'AdviceGiven'>
  | EventOf<'ConfirmationGiven'>
  | EventOf<'RollbackConfirmed'>;

/** A decision before it is an event: a command without its context. */
export type DecisionRequest =
  | Requested<Certify>
  | Requested<Sign>
  | Requested<CastBallot>
  | Requested<Advise>
  | Requested<Confirm>
  | Requested<ConfirmRollback>;
type Requested<C> = Omit<C, keyof DecisionContext | 'assertion' | 'enrolled'>;

/**
 * The values that make each signing unique. `gate`: the address of the gate (the browser states it too); `nonce` and `expiresAt`:
 * issued by the gate, valid once and until then.
 */
export interface WebAuthnChallenge {
  readonly gate: string;
  readonly nonce: string;
  readonly expiresAt: string;
}

const COMMON = ['change', 'revision', 'digest', 'requirement', 'holder', 'comment'] as const;
const ROLLBACK = ['change', 'revision', 'digest', 'holder', 'body', 'comment'] as const;
const CERTIFICATE = ['purpose', 'fileNumber', 'meetingDate', 'mover', 'seconder', 'minutesUrl', 'minutesSha256'] as const;

const pick = <T extends object, K extends keyof T & string>(from: T, names: readonly K[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, from[name] as JsonValue]));

const framed = (key: string, seat: string, { gate, nonce, expiresAt }: WebAuthnChallenge, decision: JsonObject): JsonObject => ({
  format: 'aldergate-decision',
  v: 1,
  gate,
  nonce,
  expiresAt,
  key,
  seat,
  ...decision,
});

/**
 * Returns the whole decision as requested: words, terms, roll call. Advice and confirmations set no terms, so they have
 * none.
 */
export const decisionToSign = (key: string, seat: string, request: DecisionRequest, challenge: WebAuthnChallenge): JsonObject => {
  const { type } = request;
  if (type === 'confirm-rollback') return framed(key, seat, challenge, { act: type, ...pick(request, ROLLBACK) });
  const common = { act: type, ...pick(request, COMMON) };
  if (type === 'advise') return framed(key, seat, challenge, { ...common, decision: request.decision });
  if (type === 'confirm')
    return framed(key, seat, challenge, { ...common, decision: request.decision, certificate: request.certificate });
  const terms = request.terms as JsonObject;
  if (type !== 'certify') return framed(key, seat, challenge, { ...common, decision: request.decision, terms });
  return framed(key, seat, challenge, { ...common, ...pick(request, CERTIFICATE), votes: { ...request.votes }, terms });
};

/**
 * Returns the same from the event and the key of its stream alone, so that the signed content can be checked in the public log.
 */
export const decisionInEvent = (key: string, event: DecisionEvent, challenge: WebAuthnChallenge): JsonObject => {
  const { seat } = event;
  if (event.type === 'RollbackConfirmed')
    return framed(key, seat, challenge, { act: 'confirm-rollback', ...pick(event, ROLLBACK) });
  const common = pick(event, COMMON);
  switch (event.type) {
    case 'AdviceGiven':
      return framed(key, seat, challenge, { act: 'advise', ...common, decision: event.decision });
    case 'SignatureGiven':
      return framed(key, seat, challenge, { act: 'sign', ...common, decision: event.decision, terms: event.terms });
    case 'BallotCast':
      return framed(key, seat, challenge, { act: 'ballot', ...common, decision: event.decision, terms: event.terms });
    case 'ConfirmationGiven':
      return framed(key, seat, challenge, {
        act: 'confirm',
        ...common,
        decision: event.decision,
        certificate: event.certificate,
      });
    case 'VoteCertified': {
      const votes = Object.fromEntries(event.roll.map(({ seat: voter, vote }) => [voter, vote]));
      return framed(key, seat, challenge, { act: 'certify', ...common, ...pick(event, CERTIFICATE), votes, terms: event.terms });
    }
  }
};
