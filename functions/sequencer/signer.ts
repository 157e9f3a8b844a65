import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { formatCheckpoint } from '../../domain/log/checkpoint.ts';
import { toUtf8 } from '../../domain/log/encoding.ts';
import { type Frontier, rootOf } from '../../domain/log/frontier.ts';
import { formatNote, signText } from '../../domain/log/note.ts';
import { type VerifierKey, verifierKey } from '../../domain/log/verifierKey.ts';

/** Who signs the log. The key's name is the log's origin: its public prefix without the scheme. */
export interface LogSigner {
  readonly key: VerifierKey;
  /** The 64 bytes of an Ed25519 signature (RFC 8032) of exactly these bytes. May take its time: the key can lie somewhere else. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

/** The signer of an Ed25519 private key (PEM, PKCS #8). Throws `key-name-malformed` for an origin that cannot name a key. */
export const logSigner = (pem: string, origin: string): LogSigner => {
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    key: verifierKey(origin, 1, new Uint8Array(spki.subarray(-32))),
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

/**
 * The signed checkpoint of a tree. Ed25519 is deterministic: one tree, one key, one text. The signature is checked before it is handed
 * out: throws `signature-invalid` when the signer does not hold the key it names.
 */
export const signCheckpoint = async (frontier: Frontier, { key, sign: signer }: LogSigner): Promise<Uint8Array> => {
  const text = formatCheckpoint(key.name, frontier.size, rootOf(frontier));
  const signature = await signer(toUtf8(text));
  return formatNote({ text, signatures: [signText(text, key, () => signature)] });
};
