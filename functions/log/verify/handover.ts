import { type Commit, decodeCommit } from '../../../domain/kernel/commit.ts';
import { parseCheckpoint, SignedCheckpoint, type TrustedLog } from '../../../domain/log/checkpoint.ts';
import { LogError } from '../../../domain/log/encoding.ts';
import { isLogbookStream, LogKeyAnnounced, logbookStream } from '../../../domain/log/events.ts';
import { formatVerifierKey, parseNote, parseVerifierKey, type VerifierKey, verifyHandover } from '../../../domain/log/note.ts';
import { type Bundle, bundlesOf, decodeBundle } from '../../../domain/log/tile.ts';
import type { Blobs } from '../../platform/blobs/port.ts';
import { readFile } from '../sequencer/publicFiles.ts';

/** The key rotations of a log. The logbook of an earlier log whose commits it holds is ordinary entries. */
export class LogLife {
  readonly #own: string;
  readonly handovers: LogKeyAnnounced[] = [];
  /** The latest `at` of any commit. */
  latest = '';

  constructor(origin: string) {
    this.#own = logbookStream(origin);
  }

  /** Throws LogError for a handover that does not verify. */
  take({ stream, at, events }: Pick<Commit, 'stream' | 'at' | 'events'>): void {
    if (at > this.latest) this.latest = at;
    if (!isLogbookStream(stream)) return;
    for (const json of events) {
      const event = LogKeyAnnounced.parse(json);
      verifyHandover(event, event.note);
      if (logbookStream(parseVerifierKey(event.by).name) !== stream)
        throw new Error('the logbook of one log holds an event of another');
      if (stream === this.#own) this.handovers.push(event);
    }
  }
}

const takeHandovers = (life: LogLife, bytes: Uint8Array, { width }: Bundle, stream: string): boolean => {
  try {
    for (const commit of decodeBundle(bytes, width).map((entry) => decodeCommit(entry)))
      if (commit.stream === stream) life.take(commit);
    return true;
  } catch {
    return false;
  }
};

/** Returns the handovers in the entries of a log, which are unverified; each handover carries its own signatures. */
const claimedHandovers = async (source: Pick<Blobs, 'get'>, checkpoint: Uint8Array): Promise<readonly LogKeyAnnounced[]> => {
  const { origin, size } = parseCheckpoint(parseNote(checkpoint).text);
  const life = new LogLife(origin);
  for (const bundle of bundlesOf(size)) {
    const bytes = await readFile(source, { bundle });
    if (bytes === undefined || !takeHandovers(life, bytes, bundle, logbookStream(origin))) break;
  }
  return life.handovers;
};

/** Follows handovers from a key to the last one in its chain. `until`: when the first key stopped signing. */
export const followHandovers = (
  from: VerifierKey,
  handovers: readonly Pick<LogKeyAnnounced, 'by' | 'key' | 'until'>[],
): { readonly key: VerifierKey; readonly until: string | undefined } => {
  let key = formatVerifierKey(from);
  let until: string | undefined;
  for (const handover of handovers) {
    if (handover.by !== key) continue;
    key = handover.key;
    until ??= handover.until;
  }
  return { key: parseVerifierKey(key), until };
};

/** Returns the key that signed a checkpoint, if handovers lead to it from the pinned key, and when that stopped signing. */
export const keyAfter = async (
  source: Pick<Blobs, 'get'>,
  checkpoint: Uint8Array,
  { origin, keys: [pinned] }: TrustedLog,
): Promise<{ readonly key: VerifierKey; readonly until: string } | undefined> => {
  if (pinned === undefined) return undefined;
  try {
    const { key, until } = followHandovers(pinned, await claimedHandovers(source, checkpoint));
    if (until === undefined) return undefined;
    SignedCheckpoint.open(checkpoint, { origin, keys: [key] });
    return { key, until };
  } catch (error) {
    if (error instanceof LogError) return undefined;
    throw error;
  }
};
