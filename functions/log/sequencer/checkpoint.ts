import { type CheckpointText, parseCheckpoint } from '../../../domain/log/checkpoint.ts';
import { LogError } from '../../../domain/log/errors.ts';
import { type Frontier, rootOf } from '../../../domain/log/frontier.ts';
import { formatNote, type NoteSignature, parseNote } from '../../../domain/log/note.ts';
import { SignedCheckpoint } from '../../../domain/log/signedCheckpoint.ts';
import type { VerifierKey } from '../../../domain/log/verifierKey.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './ports.ts';
import { LogConflict } from './publicFiles.ts';
import { type LogSigner, signCheckpoint, signersAt } from './signer.ts';

/** Parses a checkpoint without verifying it; undefined if it is missing or cannot be parsed. */
const claimIn = (bytes: Uint8Array | undefined): CheckpointText | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return parseCheckpoint(parseNote(bytes).text);
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};

const sizeIn = (bytes: Uint8Array | undefined): number => claimIn(bytes)?.size ?? 0;

/** Returns the origin of the published checkpoint, unverified; undefined before the first publication. */
export const publishedOrigin = async (blobs: Blobs): Promise<string | undefined> =>
  claimIn(await blobs.get(CHECKPOINT_PATH))?.origin;

/**
 * Returns the published checkpoint if one of this log's own keys signed it. The former key counts after its end too: its checkpoint
 * stays true until the new key has signed.
 */
export const openPublished = (bytes: Uint8Array | undefined, { key, former }: LogSigner): SignedCheckpoint | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return SignedCheckpoint.open(bytes, { origin: key.name, keys: former === undefined ? [key] : [key, former.key] });
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};

/** Reads the published checkpoint. */
export const readPublished = async (blobs: Blobs, signer: LogSigner): Promise<SignedCheckpoint | undefined> =>
  openPublished(await blobs.get(CHECKPOINT_PATH), signer);

/** Returns the size of the published checkpoint, unverified; 0 before the first publication. */
export const publishedSize = async (blobs: Blobs): Promise<number> => sizeIn(await blobs.get(CHECKPOINT_PATH));

const isOf = (checkpoint: SignedCheckpoint | undefined, tree: Frontier): boolean =>
  checkpoint?.size === tree.size && Buffer.compare(checkpoint.root, rootOf(tree)) === 0;

const isBy = ({ name, keyId }: NoteSignature, key: VerifierKey): boolean => name === key.name && keyId === key.id;

const ownKeys = ({ key, former }: LogSigner): readonly VerifierKey[] => (former === undefined ? [key] : [key, former.key]);

/** Reports whether exactly the keys that sign at `now` have signed. Cosignatures are ignored. */
const isSignedAsNow = (checkpoint: SignedCheckpoint, signer: LogSigner, now: string): boolean => {
  const { signatures } = parseNote(checkpoint.bytes);
  const signing = signersAt(signer, now).map(({ key }) => key);
  return ownKeys(signer).every((key) => signatures.some((line) => isBy(line, key)) === signing.includes(key));
};

/** Signs the checkpoint of a tree and keeps the cosignatures that witnesses gave to the same text. */
const signedAnew = async (tree: Frontier, signer: LogSigner, now: string, known: Uint8Array | undefined): Promise<Uint8Array> => {
  const bytes = await signCheckpoint(tree, signer, now);
  const fresh = parseNote(bytes);
  const before = known === undefined || claimIn(known) === undefined ? undefined : parseNote(known);
  if (before?.text !== fresh.text) return bytes;
  const kept = before.signatures.filter(({ name }) => name !== signer.key.name);
  return formatNote({ text: fresh.text, signatures: [...fresh.signatures, ...kept] });
};

/**
 * Publishes the checkpoint of a tree whose files are all written: the last step. Never replaces a larger one, so a slow sequencer cannot
 * roll back a fast one. A tree signed by other keys than those that sign now, or under another origin (after a rotation or an import), is
 * signed again with the same size and root. While the policy requires more cosignatures, the published checkpoint stays. Returns the
 * published checkpoint; throws LogConflict if another tree of this size is published.
 */
export const publishCheckpoint = async (ports: SequencerPorts, tree: Frontier): Promise<SignedCheckpoint | undefined> => {
  const { blobs, signer, clock, cosigned } = ports;
  for (;;) {
    const known = await blobs.get(CHECKPOINT_PATH);
    const published = openPublished(known, signer);
    const isThis = isOf(published, tree);
    if ((isThis && published !== undefined && isSignedAsNow(published, signer, clock())) || sizeIn(known) > tree.size)
      return published;
    if (published?.size === tree.size && !isThis) throw new LogConflict(`another tree of ${tree.size} entries is published`);
    const signed = await signedAnew(tree, signer, clock(), known);
    const bytes = await cosigned(signed);
    if (bytes === undefined) return published;
    if (await blobs.replace(CHECKPOINT_PATH, bytes, known)) return openPublished(bytes, signer);
  }
};
