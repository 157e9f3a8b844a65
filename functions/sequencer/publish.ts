import { type CheckpointText, parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { LogError } from '../../domain/log/errors.ts';
import { type Frontier, rootOf } from '../../domain/log/frontier.ts';
import { parseNote } from '../../domain/log/note.ts';
import { SignedCheckpoint } from '../../domain/log/signedCheckpoint.ts';
import type { Blobs } from '../blobs/port.ts';
import { LogConflict } from './place.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from './ports.ts';
import { type LogSigner, signCheckpoint } from './signer.ts';

/** What a published checkpoint claims, whoever signed it; undefined for none and for what cannot be read. */
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

/** Under which origin the log was published last; undefined while it was not. */
export const publishedOrigin = async (blobs: Blobs): Promise<string | undefined> =>
  claimIn(await blobs.get(CHECKPOINT_PATH))?.origin;

/** The published checkpoint as this log's own key verifies it; undefined where there is none, or none of this key. */
export const openPublished = (bytes: Uint8Array | undefined, { key }: LogSigner): SignedCheckpoint | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return SignedCheckpoint.open(bytes, { origin: key.name, keys: [key] });
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};

/** What is published now: read anew. */
export const readPublished = async (blobs: Blobs, signer: LogSigner): Promise<SignedCheckpoint | undefined> =>
  openPublished(await blobs.get(CHECKPOINT_PATH), signer);

/** The size of what is published, whichever key signed it. */
export const publishedSize = async (blobs: Blobs): Promise<number> => sizeIn(await blobs.get(CHECKPOINT_PATH));

const isOf = (checkpoint: SignedCheckpoint | undefined, tree: Frontier): boolean =>
  checkpoint?.size === tree.size && Buffer.compare(checkpoint.root, rootOf(tree)) === 0;

/**
 * Publishes the checkpoint of a tree whose files are all in place: the last step. Never over a larger one, so a slow sequencer does
 * not roll a fast one back. A tree that was signed under another key or origin (an imported store) is signed anew: same size, same root.
 */
export const publishCheckpoint = async (
  { blobs, signer }: SequencerPorts,
  tree: Frontier,
): Promise<SignedCheckpoint | undefined> => {
  for (;;) {
    const known = await blobs.get(CHECKPOINT_PATH);
    const published = openPublished(known, signer);
    if (isOf(published, tree) || sizeIn(known) > tree.size) return published;
    if (published?.size === tree.size) throw new LogConflict(`another tree of ${tree.size} entries is published`);
    const bytes = await signCheckpoint(tree, signer);
    if (await blobs.replace(CHECKPOINT_PATH, bytes, known)) return openPublished(bytes, signer);
  }
};
