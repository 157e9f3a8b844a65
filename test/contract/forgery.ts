import { randomUUID } from 'node:crypto';
import { hashOf } from '../../domain/kernel/commit.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import type { StoredCommit } from '../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../functions/platform/store/record.ts';

/** Returns the commit that follows a head, written by an attacker with every key: its chain, state and MAC are right. */
export const forgery = (
  head: StoredCommit,
  events: readonly JsonObject[],
  over: Partial<StoredCommit> & { at?: string } = {},
): StoredCommit =>
  newRecord(
    {
      ...commitOf(head),
      version: head.version + 1,
      id: randomUUID(),
      commandId: randomUUID(),
      at: over.at ?? head.at,
      actor: 'clock',
      prev: hashOf(head.bytes),
      events,
    },
    { state: over.state ?? head.state, stateVersion: head.stateVersion, attachments: over.attachments ?? [] },
  );

/** Returns the approval in a commit, to be planted elsewhere. */
export const approvedLike = (like: StoredCommit): JsonObject => {
  const event = commitOf(like).events.find(({ type }) => type === 'ChangeApproved');
  if (event === undefined) throw new Error('nothing was approved');
  return event;
};
