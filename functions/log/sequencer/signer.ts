import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { formatCheckpoint } from '../../../domain/log/checkpoint.ts';
import { type Frontier, rootOf } from '../../../domain/log/decide.ts';
import { toUtf8 } from '../../../domain/log/encoding.ts';
import { formatNote, type NoteSignature, signText, type VerifierKey, verifierKey } from '../../../domain/log/note.ts';

/** A key that signs. Its name is the log's origin: the public prefix without the scheme. */
export interface KeySigner {
  readonly key: VerifierKey;
  /** Returns the 64 bytes of an Ed25519 signature (RFC 8032) over these bytes. Asynchronous, since the key can be in a KMS. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

/** The keys that sign a log. */
export interface LogSigner extends KeySigner {
  /** After a rotation: the previous key, which signs too until `until` (exclusive). */
  readonly former?: KeySigner & { readonly until: string };
}

/** Returns the signer of an Ed25519 private key (PEM, PKCS #8). Throws `key-name-malformed`. */
export const logSigner = (pem: string, origin: string): KeySigner => {
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    key: verifierKey(origin, 1, new Uint8Array(spki.subarray(-32))),
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

/** Returns the keys that sign at an instant, the newest first; without an instant, all of them. */
export const signersAt = (signer: LogSigner, now?: string): readonly KeySigner[] =>
  signer.former !== undefined && (now === undefined || now < signer.former.until) ? [signer, signer.former] : [signer];

/** Returns the signature line of each key, verified. Throws `signature-invalid` if a signer does not hold its key. */
export const signedBy = (text: string, signers: readonly KeySigner[]): Promise<readonly NoteSignature[]> =>
  Promise.all(
    signers.map(async ({ key, sign: signer }) => {
      const signature = await signer(toUtf8(text));
      return signText(text, key, () => signature);
    }),
  );

/**
 * Returns the checkpoint of a tree, signed by every key that signs at `now`. Throws `signature-invalid` if a signer does not hold its
 * key.
 */
export const signCheckpoint = async (frontier: Frontier, signer: LogSigner, now?: string): Promise<Uint8Array> => {
  const text = formatCheckpoint(signer.key.name, frontier.size, rootOf(frontier));
  return formatNote({ text, signatures: await signedBy(text, signersAt(signer, now)) });
};
