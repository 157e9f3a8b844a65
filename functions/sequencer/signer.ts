import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { formatCheckpoint } from '../../domain/log/checkpoint.ts';
import type { Sign } from '../../domain/log/cosignature.ts';
import { type Frontier, rootOf } from '../../domain/log/frontier.ts';
import { formatNote, signText } from '../../domain/log/note.ts';
import { type VerifierKey, verifierKey } from '../../domain/log/verifierKey.ts';

/** Who signs the log. The key's name is the log's origin: its public prefix without the scheme. */
export interface LogSigner {
  readonly key: VerifierKey;
  readonly sign: Sign;
}

/** The signer of an Ed25519 private key (PEM, PKCS #8). Throws `key-name-malformed` for an origin that cannot name a key. */
export const logSigner = (pem: string, origin: string): LogSigner => {
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    key: verifierKey(origin, 1, new Uint8Array(spki.subarray(-32))),
    sign: (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

/** The signed checkpoint of a tree. Ed25519 is deterministic: one tree, one key, one text. */
export const signCheckpoint = (frontier: Frontier, { key, sign: signer }: LogSigner): Uint8Array => {
  const text = formatCheckpoint(key.name, frontier.size, rootOf(frontier));
  return formatNote({ text, signatures: [signText(text, key, signer)] });
};
