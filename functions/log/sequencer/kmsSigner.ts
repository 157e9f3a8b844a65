import { GetPublicKeyCommand, KMSClient, type KMSClientConfig, SignCommand } from '@aws-sdk/client-kms';
import { verifierKey } from '../../../domain/log/note.ts';
import type { LogSigner } from './ports.ts';

/** Of an Ed25519 public key as SubjectPublicKeyInfo (RFC 8410); the 32 bytes of the key follow. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** Throws for a key of another type. */
const ed25519 = (spki: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(spki);
  if (bytes.length !== SPKI.length + KEY_BYTES || !bytes.subarray(0, SPKI.length).equals(SPKI))
    throw new Error('the key of the log is not an Ed25519 key');
  return new Uint8Array(bytes.subarray(SPKI.length));
};

const REGION = /^arn:[^:]+:kms:(?<region>[^:]+):/;

/** KMS answers for a key in its region alone, which need not be that of the stage. */
export const kmsClientFor = (keyArn: string, config: KMSClientConfig): KMSClient => {
  const region = REGION.exec(keyArn)?.groups?.region;
  return new KMSClient({ ...config, ...(region !== undefined && { region }) });
};

/**
 * The private key never leaves KMS. `signCheckpoint` checks each signature against the public key, so a key that is swapped later signs
 * nothing. Throws if the key is not Ed25519.
 */
export const kmsSigner = async (client: KMSClient, keyId: string, origin: string): Promise<LogSigner> => {
  const { PublicKey: spki = new Uint8Array() } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  return {
    key: verifierKey(origin, 1, ed25519(spki)),
    sign: async (message) => {
      const command = new SignCommand({
        KeyId: keyId,
        Message: message,
        // Pure Ed25519 (RFC 8032). Ed25519ph, over a digest, is another signature that verifiers do not know.
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      });
      const { Signature: signature } = await client.send(command);
      if (signature === undefined) throw new Error('KMS gave no signature');
      return new Uint8Array(signature);
    },
  };
};
