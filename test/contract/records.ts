import { type Commit, hashOf } from '../../domain/kernel/commit.ts';
import type { Attachment, StoredCommit } from '../../functions/platform/store/port.ts';
import { newRecord } from '../../functions/platform/store/record.ts';
import { START } from './ledger.ts';

/** A record as submit makes them, the next after `previous`. */
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

/** What a record is made of, with bytes that compare whatever class an adapter hands out. */
export const plain = ({ bytes, attachments, ...rest }: StoredCommit) => ({
  ...rest,
  bytes: Buffer.from(bytes).toString('hex'),
  attachments: attachments.map((one) => ({ ...one, bytes: Buffer.from(one.bytes).toString('hex') })),
});
