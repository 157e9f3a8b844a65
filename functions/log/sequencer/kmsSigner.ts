import { GetPublicKeyCommand, KMSClient, type KMSClientConfig, SignCommand } from '@aws-sdk/client-kms';
import { verifierKey } from '../../../domain/log/note.ts';
import type { LogSigner } from './ports.ts';

/** The prefix of an Ed25519 public key as SubjectPublicKeyInfo (RFC 8410); the 32 bytes of the key follow. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const KEY_BYTES = 32;

/** Returns the raw public key. Throws for a key of another type. */
const ed25519 = (spki: Uint8Array): Uint8Array => {
  const bytes = Buffer.from(spki);
  if (bytes.length !== SPKI.length + KEY_BYTES || !bytes.subarray(0, SPKI.length).equals(SPKI))
    throw new Error('the key of the log is not an Ed25519 key');
  return new Uint8Array(bytes.subarray(SPKI.length));
};

const REGION = /^arn:[^:]+:kms:(?<region>[^:]+):/;

/** Returns a client for the key's region, which need not be that of the stage: KMS uses a key only in its own region. */
export const kmsClientFor = (keyArn: string, config: KMSClientConfig): KMSClient => {
  const region = REGION.exec(keyArn)?.groups?.region;
  return new KMSClient({ ...config, ...(region !== undefined && { region }) });
};

/**
 * Signs with a key that never leaves KMS. `signCheckpoint` checks each signature against the public key, so a key that is exchanged later
 * cannot sign. Throws if the key is not Ed25519.
 */
export const kmsSigner = async (client: KMSClient, keyId: string, origin: string): Promise<LogSigner> => {
  const { PublicKey: spki = new Uint8Array() } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  return {
    key: verifierKey(origin, 1, ed25519(spki)),
    sign: async (message) => {
      const command = new SignCommand({
        KeyId: keyId,
        Message: message,
        // Pure Ed25519 (RFC 8032). Verifiers do not know Ed25519ph, the variant over a digest.
        MessageType: 'RAW',
        SigningAlgorithm: 'ED25519_SHA_512',
      });
      const { Signature: signature } = await client.send(command);
      if (signature === undefined) throw new Error('KMS gave no signature');
      return new Uint8Array(signature);
    },
  };
};
