import { type Commit, hashOf } from '../../domain/kernel/commit.ts';
import type { Attachment, StoredCommit } from '../../functions/platform/store/port.ts';
import { newRecord } from '../../functions/platform/store/record.ts';
import { START } from './ledger.ts';

/** Returns a record as `submit` makes it, the next after `previous`. */
export const recordAfter = (
  previous: StoredCommit | undefined,
  {
    attachments = [],
    state = '{}',
    ...changes
  }: Partial<Commit> & { readonly attachments?: readonly Attachment[]; readonly state?: string } = {},
): StoredCommit => {
  const version = (previous?.version ?? 0) + 1;
  const commit: Commit = {
    stream: previous?.stream ?? 'feature/flock',
    version,
    id: `id-${version}`,
    commandId: `command-${version}`,
    at: START,
    actor: 'vendor:flock',
    prev: previous ? hashOf(previous.bytes) : null,
    events: [{ type: 'Entered', v: 1, entry: `entry ${version} – Straße 🚦`, at: START }],
    ...changes,
  };
  return newRecord(commit, { state, stateVersion: 1, attachments });
};

export const attachment = (bytes: Uint8Array, mediaType = 'application/json'): Attachment => ({
  sha256: hashOf(bytes),
  mediaType,
  bytes,
});

/** Returns the fields of a record, with bytes in one class, so that adapters can be compared. */
export const plain = ({ bytes, attachments, ...rest }: StoredCommit) => ({
  ...rest,
  bytes: Buffer.from(bytes).toString('hex'),
  attachments: attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('hex') })),
});
