import { type Commit, decodeCommit } from '../../../domain/kernel/commit.ts';
import type { Attachment, StoredCommit } from '../../platform/store/port.ts';
import { noticeDigests } from '../verify/notices.ts';
import type { SequencerPorts } from './ports.ts';
import type { CommitEntry } from './staging.ts';

const DIGEST_PREFIX = 'sha256:';

/** Returns the path of a raw message in the public log, by the digest in its event. */
export const noticePath = (digest: string): string => `notice/${digest.slice(DIGEST_PREFIX.length)}`;

const attachmentsOf = async ({ store }: SequencerPorts, entry: CommitEntry | StoredCommit): Promise<readonly Attachment[]> => {
  if ('attachments' in entry) return entry.attachments;
  const [commit] = await store.history(entry.stream, { after: entry.version - 1, upTo: entry.version, limit: 1 });
  return commit?.attachments ?? [];
};

/** Writes the raw messages that commits name to the public log. May be repeated: a file never changes. */
export const publishNotices = async (ports: SequencerPorts, entries: readonly (CommitEntry | StoredCommit)[]): Promise<void> => {
  for (const entry of entries) {
    const commit: Commit = decodeCommit(entry.bytes);
    const digests = noticeDigests(commit);
    if (digests.length === 0) continue;
    const attachments = await attachmentsOf(ports, entry);
    for (const digest of digests) {
      const found = attachments.find(({ sha256 }) => sha256 === digest);
      if (found !== undefined) await ports.blobs.putIfAbsent(noticePath(digest), found.bytes);
    }
  }
};
