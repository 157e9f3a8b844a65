import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { formatCheckpoint } from '../../../domain/log/checkpoint.ts';
import { toUtf8 } from '../../../domain/log/encoding.ts';
import { type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { formatNote, type NoteSignature, signText } from '../../../domain/log/note.ts';
import { type VerifierKey, verifierKey } from '../../../domain/log/verifierKey.ts';

/** A key and whoever signs with it. The key's name is the log's origin: its public prefix without the scheme. */
export interface KeySigner {
  readonly key: VerifierKey;
  /** The 64 bytes of an Ed25519 signature (RFC 8032) of exactly these bytes. May take its time: the key can lie somewhere else. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

/** Who signs the log. */
export interface LogSigner extends KeySigner {
  /** After a rotation: the key before, which signs too until `until` (an instant, exclusive), so that who pinned it has time to change. */
  readonly former?: KeySigner & { readonly until: string };
}

/** The signer of an Ed25519 private key (PEM, PKCS #8). Throws `key-name-malformed` for an origin that cannot name a key. */
export const logSigner = (pem: string, origin: string): KeySigner => {
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    key: verifierKey(origin, 1, new Uint8Array(spki.subarray(-32))),
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

/** The keys that sign at an instant, the newest first; without one, all there are. */
export const signersAt = (signer: LogSigner, now?: string): readonly KeySigner[] =>
  signer.former !== undefined && (now === undefined || now < signer.former.until) ? [signer, signer.former] : [signer];

/** The signature line of each key. Checked before it is handed out: throws `signature-invalid` when a signer does not hold its key. */
export const signedBy = (text: string, signers: readonly KeySigner[]): Promise<readonly NoteSignature[]> =>
  Promise.all(
    signers.map(async ({ key, sign: signer }) => {
      const signature = await signer(toUtf8(text));
      return signText(text, key, () => signature);
    }),
  );

/**
 * The signed checkpoint of a tree, by every key that signs at `now`. Ed25519 is deterministic: one tree and the same keys make one text.
 * Throws `signature-invalid` when a signer does not hold the key it names.
 */
export const signCheckpoint = async (frontier: Frontier, signer: LogSigner, now?: string): Promise<Uint8Array> => {
  const text = formatCheckpoint(signer.key.name, frontier.size, rootOf(frontier));
  return formatNote({ text, signatures: await signedBy(text, signersAt(signer, now)) });
};
