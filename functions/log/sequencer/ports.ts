import { createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { formatCheckpoint } from '../../../domain/log/checkpoint.ts';
import { type Frontier, rootOf } from '../../../domain/log/decide.ts';
import { toUtf8 } from '../../../domain/log/encoding.ts';
import { formatNote, type NoteSignature, signText, type VerifierKey, verifierKey } from '../../../domain/log/note.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import type { Logger } from '../../platform/logging.ts';
import type { StoredCommit } from '../../platform/store/port.ts';
import type { SideStore } from '../../platform/store/sideStore.ts';
import type { SubmitPorts } from '../../platform/store/submit.ts';
import type { LogOrder } from './judge.ts';

/** `blobs`: the public files of the log; `sideStore`: only what can be derived from the store again. */
export interface SequencerPorts extends SubmitPorts {
  readonly sideStore: SideStore;
  readonly blobs: Blobs;
  readonly signer: LogSigner;
  readonly judge: LogOrder;
  readonly logger: Logger;
  /** Returns a checkpoint with the cosignatures that must come before publication; undefined while too few have cosigned. */
  readonly cosigned: (signed: Uint8Array) => Promise<Uint8Array | undefined>;
  readonly published: (commits: readonly Pick<StoredCommit, 'stream' | 'version' | 'bytes'>[]) => void;
  /** Called after a round in which a requested cosignature is missing. */
  readonly uncosigned: () => Promise<void>;
}

/** Ports of a sole writer, which asks no witness and measures nothing. */
export const SOLE_WRITER: Pick<SequencerPorts, 'cosigned' | 'published' | 'uncosigned'> = {
  cosigned: async (signed) => signed,
  published: () => undefined,
  uncosigned: async () => undefined,
};

/** The actor of the log's own commits. */
export const SEQUENCER = 'sequencer';

/** The path of the newest checkpoint, the only file of the log that is replaced. */
export const CHECKPOINT_PATH = 'checkpoint';

/** The key's name is the log's origin: the public prefix without the scheme. */
export interface KeySigner {
  readonly key: VerifierKey;
  /** Returns the 64 bytes of an Ed25519 signature (RFC 8032). Asynchronous, since the key can be in a KMS. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
}

export interface LogSigner extends KeySigner {
  /** After a rotation: the previous key signs too until `until` (exclusive). */
  readonly former?: KeySigner & { readonly until: string };
}

/** Returns a signer. `pem`: Ed25519, PKCS #8. Throws `key-name-malformed`. */
export const logSigner = (pem: string, origin: string): KeySigner => {
  const privateKey = createPrivateKey(pem);
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return {
    key: verifierKey(origin, 1, new Uint8Array(spki.subarray(-32))),
    sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
  };
};

/** Returns the keys that sign at `now`, newest first; without an instant, all of them. */
export const signersAt = (signer: LogSigner, now?: string): readonly KeySigner[] =>
  signer.former !== undefined && (now === undefined || now < signer.former.until) ? [signer, signer.former] : [signer];

/** Returns verified signatures. Throws `signature-invalid` if a signer does not hold its key. */
export const signedBy = (text: string, signers: readonly KeySigner[]): Promise<readonly NoteSignature[]> =>
  Promise.all(
    signers.map(async ({ key, sign: signer }) => {
      const signature = await signer(toUtf8(text));
      return signText(text, key, () => signature);
    }),
  );

/** Signs a checkpoint with every key that signs at `now`. Throws `signature-invalid` if a signer does not hold its key. */
export const signCheckpoint = async (frontier: Frontier, signer: LogSigner, now?: string): Promise<Uint8Array> => {
  const text = formatCheckpoint(signer.key.name, frontier.size, rootOf(frontier));
  return formatNote({ text, signatures: await signedBy(text, signersAt(signer, now)) });
};
