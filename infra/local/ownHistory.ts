import { parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { LogError } from '../../domain/log/errors.ts';
import { parseNote } from '../../domain/log/note.ts';
import { SignedCheckpoint } from '../../domain/log/signedCheckpoint.ts';
import { formatVerifierKey, parseVerifierKey } from '../../domain/log/verifierKey.ts';
import { readLogbook } from '../../functions/gate/logbook.ts';
import { signedLast } from '../../functions/log/logName.ts';
import { CHECKPOINT_PATH, type SequencerPorts } from '../../functions/log/sequencer/ports.ts';
import { openPublished } from '../../functions/log/sequencer/publicFiles.ts';
import { seenBy } from '../../functions/log/sequencer/witnesses.ts';
import { hasSigned, treeIn } from '../../functions/log/verify/history.ts';
import { CorruptStore, ifReadable } from '../../functions/platform/store/errors.ts';
import { UnusableFolder } from './errors.ts';
import type { Installation } from './installation.ts';
import { endRestored } from './restored.ts';
import { publishedPorts } from './sequencing.ts';

const OTHER_KEYS =
  'keys.json holds other keys than those the public log was signed with: put back the backup that belongs to this log';

const originIn = (note: Uint8Array): string => {
  try {
    return parseCheckpoint(parseNote(note).text).origin;
  } catch (error) {
    if (error instanceof LogError) throw new UnusableFolder(`log/checkpoint cannot be read: ${error.message}`);
    throw error;
  }
};

const isSignedBy = (note: Uint8Array, origin: string, vkey: string): boolean => {
  try {
    SignedCheckpoint.open(note, { origin, keys: [parseVerifierKey(vkey)] });
    return true;
  } catch (error) {
    if (error instanceof LogError) return false;
    throw error;
  }
};

/** Reports whether the log hands over from a key that signed the note to the gate's key. Rows with an invalid MAC do not count. */
const isHandedOver = async ({ store, signer }: SequencerPorts, note: Uint8Array): Promise<boolean> => {
  const { handover } = await ifReadable(readLogbook(store, signer.key.name), () => ({ handover: null }));
  return handover?.key === formatVerifierKey(signer.key) && isSignedBy(note, signer.key.name, handover.by);
};

const checkKeys = async (ports: SequencerPorts): Promise<void> => {
  const note = (await ports.blobs.get(CHECKPOINT_PATH)) ?? (await signedLast(ports.store));
  if (note === undefined) return;
  originIn(note);
  if (openPublished(note, ports.signer) === undefined && !(await isHandedOver(ports, note))) throw new UnusableFolder(OTHER_KEYS);
};

/**
 * Throws if a witness has cosigned a larger log than this one. One that has cosigned just this one shows that a restored folder lacks
 * nothing. A witness that does not answer is ignored.
 */
const checkWitnesses = async (ports: SequencerPorts, { settings }: Installation): Promise<void> => {
  const published = openPublished(await ports.blobs.get(CHECKPOINT_PATH), ports.signer);
  if (published === undefined) return;
  const sizes = await Promise.all(settings.witnesses.witnesses.map((witness) => seenBy(ports, witness, published)));
  const larger = sizes.find((size) => size !== undefined && size > published.size);
  if (larger !== undefined)
    throw new UnusableFolder(
      `a witness has seen ${larger} entries of this log, which has ${published.size}: the data folder is older than what was public. Put back the newest backup`,
    );
  if (sizes.includes(published.size)) endRestored(settings.data);
};

/**
 * Throws {@link UnusableFolder} for a folder whose log is not the one it was: signed by other keys, older than the checkpoint that is
 * expected or than a witness has seen. Call it before anything is signed or answered.
 */
export const checkHistory = async (installation: Installation): Promise<void> => {
  const ports = await publishedPorts(installation, () => undefined);
  try {
    await checkKeys(ports);
    const { expectCheckpoint } = installation.settings;
    if (expectCheckpoint !== undefined && !(await hasSigned(ports.store, treeIn(expectCheckpoint))))
      throw new UnusableFolder(
        `the log does not continue ALDERGATE_EXPECT_CHECKPOINT, a log of ${treeIn(expectCheckpoint).size} entries: the data folder is older, or another one. Put back the newest backup`,
      );
  } catch (error) {
    if (error instanceof CorruptStore)
      throw new UnusableFolder(`aldergate.db cannot be used with this keys.json: ${error.message}`);
    throw error;
  }
  await checkWitnesses(ports, installation);
};
