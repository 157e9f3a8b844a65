import { createPublicKey, type JsonWebKey } from 'node:crypto';
import type * as Helpers from '@simplewebauthn/server/helpers';
import * as z from 'zod';
import { Assertion } from '../../../domain/kernel/assertion.ts';
import { object } from '../../../domain/kernel/zodTypes.ts';
import type { Passkey, RelyingParty } from '../../gate/passkeys.ts';

// Wire format: `PublicKeyCredential.toJSON` of a browser (WebAuthn Level 3, section 5.1). Attacker-controlled.
const Extensions = z.record(z.string(), z.unknown());
const common = {
  id: Assertion.shape.credential,
  rawId: Assertion.shape.credential,
  type: z.literal('public-key'),
  authenticatorAttachment: z.string().nullish(),
  clientExtensionResults: Extensions.default({}),
};
const { clientDataJSON, authenticatorData, signature } = Assertion.shape;
const Registration = object(() => ({
  ...common,
  response: z.object({
    clientDataJSON,
    attestationObject: z.string().max(20_000),
    transports: z.array(z.string().max(40)).max(10).default([]),
  }),
}));
const Authentication = object(() => ({
  ...common,
  response: z.object({ clientDataJSON, authenticatorData, signature, userHandle: z.string().max(200).nullish() }),
}));

export const COSE_ALGORITHMS = [-8, -7, -257] as const;
const NAMES: Readonly<Record<number, Passkey['algorithm']>> = { [-8]: 'EdDSA', [-7]: 'ES256', [-257]: 'RS256' };

const parse = <T>(schema: z.ZodType<T>, text: string): T | undefined => {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
};

const b64 = (data: Uint8Array | undefined): string => Buffer.from(data ?? []).toString('base64url');

/** Loads the library of 300 modules with the first passkey, so that startup does not wait for it. */
const loadLibrary = async () => ({
  ...(await import('@simplewebauthn/server')),
  helpers: await import('@simplewebauthn/server/helpers'),
});

const jwkOf = ({ cose }: typeof Helpers, key: ReturnType<typeof Helpers.decodeCredentialPublicKey>): JsonWebKey | undefined => {
  if (cose.isCOSEPublicKeyEC2(key))
    return { kty: 'EC', crv: 'P-256', x: b64(key.get(cose.COSEKEYS.x)), y: b64(key.get(cose.COSEKEYS.y)) };
  if (cose.isCOSEPublicKeyOKP(key)) return { kty: 'OKP', crv: 'Ed25519', x: b64(key.get(cose.COSEKEYS.x)) };
  return cose.isCOSEPublicKeyRSA(key)
    ? { kty: 'RSA', n: b64(key.get(cose.COSEKEYS.n)), e: b64(key.get(cose.COSEKEYS.e)) }
    : undefined;
};

/** Undefined for a key of another algorithm, and for a point off its curve. */
const spkiOf = (
  library: typeof Helpers,
  bytes: Uint8Array<ArrayBuffer>,
): Pick<Passkey, 'algorithm' | 'publicKey'> | undefined => {
  const key = library.decodeCredentialPublicKey(bytes);
  const [jwk, algorithm] = [jwkOf(library, key), NAMES[key.get(library.cose.COSEKEYS.alg) ?? 0]];
  if (jwk === undefined || algorithm === undefined) return undefined;
  const spki = createPublicKey({ key: jwk, format: 'jwk' }).export({ format: 'der', type: 'spki' });
  return { algorithm, publicKey: spki.toString('base64url') };
};

/** Undefined if its challenge, origin or relying party differs or the user was not verified. */
export const readRegistration = async (
  text: string,
  challenge: string,
  relyingParty: RelyingParty,
): Promise<Omit<Passkey, 'enrolled'> | undefined> => {
  const sent = parse(Registration, text);
  if (sent === undefined) return undefined;
  const { id: credential, rawId, type, response } = sent;
  const { verifyRegistrationResponse, helpers } = await loadLibrary();
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: { id: credential, rawId, type, clientExtensionResults: {}, response: { ...response, transports: [] } },
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      supportedAlgorithmIDs: [...COSE_ALGORITHMS],
    });
    if (!verified) return undefined;
    const { id, publicKey } = registrationInfo.credential;
    const spki = spkiOf(helpers, publicKey);
    if (spki === undefined) return undefined;
    return { credential: id, cose: b64(publicKey), ...spki, transports: response.transports };
  } catch {
    // The library throws for every reason alike; the client does not learn which.
    return undefined;
  }
};

type Signed = Pick<Assertion, 'credential' | 'authenticatorData' | 'clientDataJSON' | 'signature'>;

export const readAnswer = (text: string): Signed | undefined => {
  const sent = parse(Authentication, text);
  if (sent === undefined || sent.id !== sent.rawId) return undefined;
  const { clientDataJSON: client, authenticatorData: data, signature: signed } = sent.response;
  return { credential: sent.id, clientDataJSON: client, authenticatorData: data, signature: signed };
};

/**
 * Returns its new counter. `counter`: the value after the last use; one that does not increase means the key was copied
 * (WebAuthn, section 6.1.1).
 */
export const verifyAnswer = async (
  { credential, ...response }: Signed,
  challenge: string,
  relyingParty: RelyingParty,
  passkey: Pick<Passkey, 'credential' | 'cose'> & { readonly counter: number },
): Promise<{ readonly counter: number } | undefined> => {
  const { verifyAuthenticationResponse } = await loadLibrary();
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { id: credential, rawId: credential, type: 'public-key', clientExtensionResults: {}, response },
      expectedChallenge: challenge,
      expectedOrigin: relyingParty.origin,
      expectedRPID: relyingParty.id,
      requireUserVerification: true,
      credential: {
        id: passkey.credential,
        publicKey: new Uint8Array(Buffer.from(passkey.cose, 'base64url')),
        counter: passkey.counter,
      },
    });
    return verified && credential === passkey.credential ? { counter: authenticationInfo.newCounter } : undefined;
  } catch {
    return undefined;
  }
};
