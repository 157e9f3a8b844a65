import type { EventOf, FeatureEvent } from '../feature/events.ts';
import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import type { JsonObject } from '../kernel/json.ts';
import type { RosterEvent } from '../roster/events.ts';
import { must } from './verdict.ts';

/** The acts of officials on a change, each of which can carry a passkey's signature. */
export type OfficialAct =
  | EventOf<'VoteCertified'>
  | EventOf<'SignatureGiven'>
  | EventOf<'BallotCast'>
  | EventOf<'AdviceGiven'>
  | EventOf<'ConfirmationGiven'>;

const OFFICIAL_ACTS: ReadonlySet<string> = new Set<OfficialAct['type']>([
  'VoteCertified',
  'SignatureGiven',
  'BallotCast',
  'AdviceGiven',
  'ConfirmationGiven',
]);

/** Reports whether an official acts on a change by this event. */
export const isOfficialAct = (event: FeatureEvent): event is OfficialAct => OFFICIAL_ACTS.has(event.type);

type Confirmation = Extract<RosterEvent, { type: 'RosterConfirmed' }>;

interface KnownKey {
  readonly holder: string;
  readonly publicKey: string;
  readonly enrolledAt: string;
}

/** The passkeys that signed acts: one credential and one public key belong to one person, until a reset. */
export class KnownPasskeys {
  readonly byCredential = new Map<string, KnownKey>();
  readonly ownerOfKey = new Map<string, string>();
  readonly resets = new Map<string, { readonly at: string; readonly generation: number }>();

  /** Returns the number of resets of a person's passkeys. */
  resetsOf(holder: string): number {
    return this.resets.get(holder)?.generation ?? 0;
  }

  /** Checks that the signing key belongs to this person alone, and was enrolled before the act and after the last reset. */
  mustBelong(holder: string, { credential, publicKey, enrolled }: Assertion, at: string): void {
    const known = this.byCredential.get(credential);
    const reset = this.resets.get(holder);
    must(enrolled.at <= at, 'passkey', 'the passkey was enrolled after it signed');
    must(
      reset === undefined || enrolled.at >= reset.at,
      'passkey-shared',
      `the passkeys of ${holder} were reset at ${reset?.at}`,
    );
    const same = known === undefined || (known.holder === holder && known.publicKey === publicKey);
    must(
      same && (known?.enrolledAt ?? enrolled.at) === enrolled.at,
      'passkey-shared',
      `the credential is another’s than ${holder}’s`,
    );
    must((this.ownerOfKey.get(publicKey) ?? holder) === holder, 'passkey-shared', `the public key is another’s than ${holder}’s`);
  }

  /** Records the owner of a credential and a public key. */
  bind(holder: string, { credential, publicKey, enrolledAt }: Omit<KnownKey, 'holder'> & { readonly credential: string }): void {
    this.byCredential.set(credential, { holder, publicKey, enrolledAt });
    this.ownerOfKey.set(publicKey, holder);
  }

  add(holder: string, { credential, publicKey, enrolled }: Assertion): void {
    this.byCredential.set(credential, { holder, publicKey, enrolledAt: enrolled.at });
    this.ownerOfKey.set(publicKey, holder);
  }

  reset(holder: string, generation: number, at: string): void {
    this.resets.set(holder, { at, generation });
  }
}

type Challenge = Pick<Assertion, 'gate' | 'nonce' | 'expiresAt'>;

const frame = (format: string, { gate, nonce, expiresAt }: Challenge, content: JsonObject): JsonObject => ({
  format,
  v: 1,
  gate,
  nonce,
  expiresAt,
  ...content,
});

const signedDecision = (key: string, event: OfficialAct, challenge: Challenge): JsonObject => {
  const { change, revision, digest, requirement, holder, comment, seat } = event;
  const words = { key, seat, change, revision, digest, requirement, holder, comment };
  if (event.type === 'AdviceGiven')
    return frame('aldergate-decision', challenge, { ...words, act: 'advise', decision: event.decision });
  if (event.type === 'ConfirmationGiven') {
    const { decision, certificate } = event;
    return frame('aldergate-decision', challenge, { ...words, act: 'confirm', decision, certificate });
  }
  if (event.type !== 'VoteCertified') {
    const act = event.type === 'SignatureGiven' ? 'sign' : 'ballot';
    return frame('aldergate-decision', challenge, { ...words, act, decision: event.decision, terms: event.terms });
  }
  const { purpose, fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256, terms } = event;
  const votes = Object.fromEntries(event.roll.map((each) => [each.seat, each.vote]));
  const certificate = {
    act: 'certify',
    purpose,
    fileNumber,
    meetingDate,
    mover,
    seconder,
    minutesUrl,
    minutesSha256,
    votes,
    terms,
  };
  return frame('aldergate-decision', challenge, { ...words, ...certificate });
};

const mustProve = (assertion: Assertion, signed: JsonObject, at: string): void => {
  const fault = assertionFault(assertion, challengeOf(signed), at);
  must(fault === undefined, 'passkey', `the passkey does not prove the act: ${fault}`);
};

/** Checks that the signature under a decision covers its whole content. */
export const mustProveDecision = (key: string, event: OfficialAct, assertion: Assertion): void =>
  mustProve(assertion, signedDecision(key, event, assertion), event.at);

/** Checks that the signature under a confirmation covers the confirmed roster. */
export const mustProveConfirmation = ({ sha256, holder, body, seat, at }: Confirmation, assertion: Assertion): void =>
  mustProve(assertion, frame('aldergate-roster', assertion, { sha256, holder, body, seat }), at);
