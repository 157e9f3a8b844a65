import { hash } from 'node:crypto';
import type { Context } from 'hono';
import type { WebAuthnChallenge } from '../../../domain/feature/decisionToSign.ts';
import type { Assertion } from '../../../domain/kernel/assertion.ts';
import { isIssued, type Purpose, type RelyingParty } from '../../gate/challenges.ts';
import { noteUse, type Passkey, spend, takeTurn, useOf } from '../../gate/passkeys.ts';
import { refused } from '../http/refused.ts';
import { type Input, oneOf, readFields } from '../site/forms.ts';
import { PASSKEY_FIELDS } from '../site/parts/passkeyForm.ts';
import type { PasskeyDeps } from './holder.ts';
import { readAnswer, type Signed, verifyAnswer } from './webauthn.ts';

/** Reads a passkey form sent from the site's own page. Rejects unknown fields with 422. */
export const readPasskeyForm = (deps: PasskeyDeps, context: Context, also: readonly string[] = []): Promise<Input> =>
  readFields(context, deps.ports.url, [...also, ...PASSKEY_FIELDS]);

/** Reads the challenge from a form. `gate` is this gate's address, so that a challenge of another gate has another MAC. */
export const issuedIn = ({ ports }: PasskeyDeps, input: Input): WebAuthnChallenge => ({
  gate: ports.url,
  nonce: oneOf(input, 'nonce'),
  expiresAt: oneOf(input, 'expiresAt'),
});

/** Reports whether a challenge was issued by this gate for this purpose and has not expired. */
export const isCurrent = ({ ports, keys }: PasskeyDeps, purpose: Purpose, issued: WebAuthnChallenge): boolean =>
  isIssued(keys.linkKey, purpose, issued) && ports.clock() <= issued.expiresAt;

/**
 * Rejects with 429 after too many tries by one link. Tries are counted per link, so that an old link forwarded as a receipt
 * cannot use up those of the person who has to decide.
 */
export const countTry = async ({ ports }: PasskeyDeps, context: Context, holder: string): Promise<void> => {
  const link = hash('sha256', context.req.param('token') ?? '');
  if (!(await takeTurn(ports.sideStore, `${holder}/${link}`, ports.clock())))
    throw refused('too-many-tries', { detail: 'too many tries with passkeys; wait ten minutes' });
};

interface ExpectedSignature {
  readonly owned: readonly Passkey[];
  readonly relyingParty: RelyingParty | undefined;
  readonly purpose: Purpose;
  readonly issued: WebAuthnChallenge;
  readonly challenge: string;
}

/** A verified signature and the passkey that made it. */
export interface VerifiedAssertion {
  readonly signed: Signed;
  readonly passkey: Passkey;
  /** Marks the challenge as used. Resolves to false if it was used before. */
  readonly first: () => Promise<boolean>;
}

/** Returns the assertion for the event: the signature, and the parts of its challenge that the event has nowhere else. */
export const assertionOf = ({ signed, passkey }: VerifiedAssertion, { gate, nonce, expiresAt }: WebAuthnChallenge): Assertion => {
  const { algorithm, publicKey, enrolled } = passkey;
  return { ...signed, algorithm, publicKey, enrolled, gate, nonce, expiresAt };
};

/** Verifies a signature; undefined if none of `owned` made it, it signs something else, or the challenge is not current. */
export const verifySignature = async (
  deps: PasskeyDeps,
  text: string,
  asked: ExpectedSignature,
): Promise<VerifiedAssertion | undefined> => {
  const { owned, relyingParty, purpose, issued, challenge } = asked;
  const { sideStore, clock } = deps.ports;
  const signed = readAnswer(text);
  const passkey = owned.find(({ credential }) => credential === signed?.credential);
  if (signed === undefined || passkey === undefined || relyingParty === undefined || !isCurrent(deps, purpose, issued))
    return undefined;
  const before = await useOf(sideStore, passkey.credential);
  const verified = await verifyAnswer(signed, challenge, relyingParty, { ...passkey, counter: before?.counter ?? 0 });
  if (verified === undefined) return undefined;
  const first = async (): Promise<boolean> => {
    const at = clock();
    if (!(await spend(sideStore, issued.nonce, at))) return false;
    await noteUse(sideStore, passkey.credential, { counter: verified.counter, at });
    return true;
  };
  return { signed, passkey, first };
};
