import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { verifierKey } from '../../../domain/log/verifierKey.ts';
import type { LogSigner } from './signer.ts';

/** The beginning of an Ed25519 public key as SubjectPublicKeyInfo (RFC 8410); its 32 bytes follow. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** The 32 bytes of a public key as KMS tells it. Throws for a key of another kind, which could sign nothing that verifiers read. */
const ed25519 = (spki: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(spki);
  if (bytes.length !== SPKI.length + KEY_BYTES || !bytes.subarray(0, SPKI.length).equals(SPKI))
    throw new Error('the key of the log is no Ed25519 key');
  return new Uint8Array(bytes.subarray(SPKI.length));
};

/**
 * The signer of a log whose private key nobody can read: it was made in KMS and stays there. The public key is read once, here; every
 * signature is checked against it before it goes out (`signCheckpoint`), so a key that was swapped behind this signs nothing.
 * Throws when KMS cannot be reached or the key is not Ed25519.
 */
export const kmsSigner = async (client: KMSClient, keyId: string, origin: string): Promise<LogSigner> => {
  const { PublicKey: spki = new Uint8Array() } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  return {
    key: verifierKey(origin, 1, ed25519(spki)),
    sign: async (message) => {
      const command = new SignCommand({
        KeyId: keyId,
        Message: message,
        // Pure Ed25519 (RFC 8032), of the message itself: the digest kind, Ed25519ph, is another signature that no verifier knows.
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      });
      const { Signature: signature } = await client.send(command);
      if (signature === undefined) throw new Error('KMS gave no signature');
      return new Uint8Array(signature);
    },
  };
};
