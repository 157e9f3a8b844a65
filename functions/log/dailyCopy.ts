// Storage format: a copy of a gate is a folder, named after its day in UTC, with the files of `COPY_FILES`.
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type CheckpointSigned, LOG_STREAM } from '../../domain/log/events.ts';
import { logAggregate } from '../gate/aggregates.ts';
import { eventsOf } from '../platform/store/load.ts';
import type { Store, StoredCommit } from '../platform/store/port.ts';
import type { SideStore } from '../platform/store/sideStore.ts';
import { linesOf, loggedCommits } from './archive.ts';
import { type Copied, newestCopy, recordCopy } from './health.ts';
import { type CopiedKeys, ENCRYPTED_SUFFIX, encryptedTo, privatePart } from './privatePart.ts';

/** `sums` is written last: a folder without it is not a copy. `sha256sum -c` reads it. */
const COPY_FILES = {
  archive: 'aldergate.ndjson',
  privatePart: `aldergate.ndjson${ENCRYPTED_SUFFIX}`,
  checkpoint: 'checkpoint',
  sums: 'sha256sums',
} as const;

/** `name`: in a copy. */
interface CopiedFile {
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly sha256: Buffer;
}

interface CopyPorts {
  readonly commits: Store;
  readonly sideStore: SideStore;
  readonly clock: () => string;
}

/** `put`: adds a complete file to a folder, or rejects and adds nothing. */
interface CopyTarget {
  readonly recipient: string;
  readonly keys: () => Promise<CopiedKeys>;
  readonly put: (folder: string, file: CopiedFile) => Promise<void>;
}

const written = async (
  folder: string,
  name: string,
  parts: AsyncIterable<string | Uint8Array> | Iterable<string>,
): Promise<CopiedFile> => {
  const digest = createHash('sha256');
  let bytes = 0;
  const hashed = async function* () {
    for await (const part of parts) {
      digest.update(part);
      bytes += Buffer.byteLength(part);
      yield part;
    }
  };
  const path = join(folder, name);
  await pipeline(hashed(), createWriteStream(path, { mode: 0o600 }));
  return { name, path, bytes, sha256: digest.digest() };
};

/** Writes the archive up to the newest signed checkpoint; undefined if there is none. */
const writtenArchive = async (folder: string, store: Store) => {
  const seen: { last: CheckpointSigned | undefined } = { last: undefined };
  const noting = async function* (commits: AsyncIterable<StoredCommit>) {
    for await (const commit of commits) {
      if (commit.stream === LOG_STREAM) seen.last = eventsOf(logAggregate, commit).at(-1);
      yield commit;
    }
  };
  const archive = await written(folder, COPY_FILES.archive, linesOf(noting(loggedCommits(store))));
  const { last: signed } = seen;
  return signed && { archive, checkpoint: await written(folder, COPY_FILES.checkpoint, [signed.checkpoint]), size: signed.size };
};

const copyFrom = async (work: string, { commits, sideStore }: CopyPorts, folder: string, target: CopyTarget) => {
  const logged = await writtenArchive(work, commits);
  if (logged === undefined) return undefined;
  // After the archive, so that it has the text, token and passkey of each of its commits.
  const besides = privatePart(sideStore, await target.keys());
  const encrypted = await written(work, COPY_FILES.privatePart, await encryptedTo(target.recipient, besides));
  const files = [logged.archive, encrypted, logged.checkpoint];
  const sums = files.map(({ name, sha256 }) => `${sha256.toString('hex')}  ${name}\n`);
  for (const file of files) await target.put(folder, file);
  await target.put(folder, await written(work, COPY_FILES.sums, sums));
  return logged.size;
};

/**
 * Makes the copy of the day; returns undefined if it was already made, or while the log has no entry. Holds a page of records and the
 * entries of a checkpoint at a time; the files stay in the temporary folder until all are complete. An interrupted copy leaves a folder
 * without sums, which the next run completes.
 */
export const copyOfDay = async (ports: CopyPorts, target: CopyTarget): Promise<Copied | undefined> => {
  const at = ports.clock();
  const folder = at.slice(0, 'YYYY-MM-DD'.length);
  const newest = await newestCopy(ports.sideStore);
  if (newest?.folder === folder) return undefined;
  const work = await mkdtemp(join(tmpdir(), 'aldergate-copy-'));
  try {
    const size = await copyFrom(work, ports, folder, target);
    if (size === undefined) return undefined;
    const copied: Copied = { at, folder, size };
    await recordCopy(ports.sideStore, copied);
    return copied;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
};
