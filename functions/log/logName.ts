import { parseCheckpoint } from '../../domain/log/checkpoint.ts';
import { isSetUp, LOG_STREAM } from '../../domain/log/events.ts';
import { parseNote } from '../../domain/log/note.ts';
import { logAggregate } from '../gate/aggregates.ts';
import type { Blobs } from '../platform/blobs/port.ts';
import { commitsAbove } from '../platform/feed/commitsAbove.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { eventsOf } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { CHECKPOINT_PATH } from './sequencer/ports.ts';
import { publishedOrigin } from './sequencer/publicFiles.ts';

interface LogFiles {
  readonly store: Store;
  readonly blobs: Blobs;
}

/** Returns the newest checkpoint that the store signed; `undefined` if it signed none. */
export const signedLast = async (store: Store): Promise<Uint8Array | undefined> => {
  const head = await store.head(LOG_STREAM);
  const signed = head === undefined ? undefined : eventsOf(logAggregate, head).at(-1);
  return signed === undefined ? undefined : Buffer.from(signed.checkpoint);
};

const nameSignedLast = async (store: Store): Promise<string | undefined> => {
  const note = await signedLast(store);
  return note === undefined ? undefined : parseCheckpoint(parseNote(note).text).origin;
};

const holdsSetUpOnly = async (store: Store): Promise<boolean> => {
  for await (const commit of commitsAbove(store, LOG_STREAM, 0))
    for (const { runs } of eventsOf(logAggregate, commit)) if (runs.some(({ stream }) => !isSetUp(stream))) return false;
  return true;
};

/** Returns the name that a log has, as it is published or, where the file is lost, as it was signed; undefined for none yet. */
export const presentName = async ({ store, blobs }: LogFiles): Promise<string | undefined> => {
  if ((await blobs.get(CHECKPOINT_PATH)) !== undefined) return publishedOrigin(blobs);
  return ifReadable(nameSignedLast(store), () => undefined);
};

/**
 * Returns the name under which a log goes on. While it holds nothing but set-up, that is the one of the settings: `given`, or else `derived`
 * from the gate's address. After that verifiers have pinned it: another address renames no log, and another given name is refused.
 */
export const nameOfLog = async (
  files: LogFiles,
  given: string | undefined,
  derived: string,
): Promise<{ readonly ok: true; readonly name: string } | { readonly ok: false; readonly detail: string }> => {
  const wanted = given ?? derived;
  const present = await presentName(files);
  if (present === undefined || present === wanted || (await ifReadable(holdsSetUpOnly(files.store), () => false)))
    return { ok: true, name: wanted };
  if (given === undefined) return { ok: true, name: present };
  return {
    ok: false,
    detail: `the log is to be named ${given}, and is published as ${present}: it holds notices, and its verifiers know it by that name. Set ALDERGATE_LOG_ORIGIN (logOrigin) to ${present}, or leave it out`,
  };
};
