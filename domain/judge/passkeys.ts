import type { PasskeyEnrolled } from '../access/events.ts';
import type { EventOf, FeatureEvent } from '../feature/events.ts';
import { type Assertion, assertionFault, challengeOf } from '../kernel/assertion.ts';
import { digestOf } from '../kernel/canonical.ts';
import type { Commit } from '../kernel/commit.ts';
import type { JsonObject, JsonValue } from '../kernel/json.ts';
import type { ProposalAnswered } from '../roster/events.ts';
import { must } from './verdict.ts';

const OFFICIAL_ACTS = [
  'VoteCertified',
  'SignatureGiven',
  'BallotCast',
  'AdviceGiven',
  'ConfirmationGiven',
] as const satisfies readonly FeatureEvent['type'][];

export type OfficialAct = EventOf<(typeof OFFICIAL_ACTS)[number]>;

/** An act that a passkey can prove: an official act or the confirmation of a rollback, to which no rule is pinned. */
export type ProvenAct = OfficialAct | EventOf<'RollbackConfirmed'>;

export const isOfficialAct = (event: FeatureEvent): event is OfficialAct => OFFICIAL_ACTS.some((type) => type === event.type);

/** A passkey as it was enrolled. `generation`: the number of resets before it; `endedAt`: when it was removed. */
interface KnownKey extends Pick<Assertion, 'credential' | 'algorithm' | 'publicKey' | 'enrolled'> {
  readonly generation: number;
  readonly endedAt: string | null;
}

/** A used challenge, remembered until it expires. `change`: the change it was used for, in the stream of a feature. */
interface SpentChallenge extends Pick<Assertion, 'nonce' | 'expiresAt'> {
  readonly change: JsonValue;
}

const isSameChallenge = (one: SpentChallenge, other: SpentChallenge): boolean =>
  one.nonce === other.nonce && one.change === other.change;

const challengesIn = ({ events }: Commit): readonly SpentChallenge[] =>
  events.flatMap(({ assertion, change = null }) => {
    if (assertion === undefined) return [];
    const { nonce, expiresAt } = assertion as unknown as Assertion;
    return [{ nonce, expiresAt, change }];
  });

/** Returns the stream in which a person claims a credential or a public key. */
export const claimOf = (kind: 'credential' | 'public-key', text: string): string =>
  `access/${kind}/${digestOf(text).slice('sha256:'.length)}`;

/** The passkeys that each person enrolled (oldest first), the instants of resets, the owners of keys, and used challenges. */
export class KnownPasskeys {
  readonly keys = new Map<string, readonly KnownKey[]>();
  readonly resets = new Map<string, readonly string[]>();
  /** Persons by the stream of their credential or public key. */
  readonly owners = new Map<string, string>();
  /** Used challenges by stream. A signed message names its subject, so it could be reused only there, until it expires. */
  readonly spent = new Map<string, readonly SpentChallenge[]>();

  /** Returns all passkeys that a person ever had. */
  keysOf(holder: string): readonly KnownKey[] {
    return this.keys.get(holder) ?? [];
  }

  /** Returns a person's passkeys of the newest generation that has any, including removed ones. */
  newestOf(holder: string): readonly KnownKey[] {
    const all = this.keysOf(holder);
    return all.filter(({ generation }) => generation === all.at(-1)?.generation);
  }

  resetsOf(holder: string): readonly string[] {
    return this.resets.get(holder) ?? [];
  }

  reset(holder: string, at: string): void {
    this.resets.set(holder, [...this.resetsOf(holder), at]);
  }

  /** Checks that a commit reuses no challenge. The returned function records its challenges and forgets those that expired. */
  spend(commit: Commit): () => void {
    const { stream, at } = commit;
    const used = challengesIn(commit);
    const known = this.spent.get(stream) ?? [];
    const isAgain = used.some((each) => known.some((other) => isSameChallenge(each, other)));
    must(!isAgain, 'passkey', 'the passkey signed an earlier act by this');
    const left = known.filter(({ expiresAt }) => expiresAt >= at);
    return () => used.length > 0 && void this.spent.set(stream, [...left, ...used]);
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

/** Returns what an official decided, in the form from which the act is named and that a passkey signs. */
export const decidedBy = (event: OfficialAct): JsonObject & { readonly act: string } => {
  switch (event.type) {
    case 'AdviceGiven':
      return { act: 'advise', decision: event.decision };
    case 'ConfirmationGiven':
      return { act: 'confirm', decision: event.decision, certificate: event.certificate };
    case 'SignatureGiven':
      return { act: 'sign', decision: event.decision, terms: event.terms };
    case 'BallotCast':
      return { act: 'ballot', decision: event.decision, terms: event.terms };
    case 'VoteCertified': {
      const { purpose, fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256, terms } = event;
      const votes = Object.fromEntries(event.roll.map((each) => [each.seat, each.vote]));
      return { act: 'certify', purpose, fileNumber, meetingDate, mover, seconder, minutesUrl, minutesSha256, votes, terms };
    }
  }
};

const signedDecision = (key: string, event: ProvenAct, challenge: Challenge): JsonObject => {
  if (event.type === 'RollbackConfirmed') {
    const { change, of, revision, digest, holder, body, seat, comment } = event;
    const content = { key, seat, act: 'confirm-rollback', change, of, revision, digest, holder, body, comment };
    return frame('aldergate-decision', challenge, content);
  }
  if (event.type === 'SignatureGiven' && event.together !== undefined) {
    const { holder, seat, decision, together } = event;
    return frame('aldergate-together', challenge, { holder, seat, decision, together });
  }
  const { change, revision, digest, requirement, holder, comment, seat } = event;
  const words = { key, seat, change, revision, digest, requirement, holder, comment };
  return frame('aldergate-decision', challenge, { ...words, ...decidedBy(event) });
};

const mustProve = (assertion: Assertion, signed: JsonObject, at: string): void => {
  const fault = assertionFault(assertion, challengeOf(signed), at);
  must(fault === undefined, 'passkey', `the passkey does not prove the act: ${fault}`);
};

export const mustProveDecision = (key: string, event: ProvenAct, assertion: Assertion): void =>
  mustProve(assertion, signedDecision(key, event, assertion), event.at);

export const mustProveConfirmation = ({ sha256, holder, body, seat, at }: ProposalAnswered, assertion: Assertion): void =>
  mustProve(assertion, frame('aldergate-roster', assertion, { sha256, holder, body, seat }), at);

export const mustProveLeave = (
  { holder, generation, credential, algorithm, publicKey, cose, at }: PasskeyEnrolled,
  assertion: Assertion,
): void => {
  const content = { holder, generation, credential, algorithm, publicKey, cose };
  mustProve(assertion, frame('aldergate-passkey', assertion, content), at);
};
