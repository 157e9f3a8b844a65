import { randomUUID } from 'node:crypto';
import { hashOf } from '../../domain/kernel/commit.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import type { Policy } from '../../domain/policy/schema.ts';
import { evaluateKey } from '../../functions/gate/heads.ts';
import { SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { logSigner, SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import type { StoredCommit } from '../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../functions/platform/store/record.ts';
import { NO_MEMORY, ORIGIN, PRIVATE_KEY } from '../functions/log/sequencer/ports.ts';
import { verifiedEntries } from '../functions/log/sequencer/verifiedEntries.ts';
import { openGate } from '../functions/openGate.ts';
import { believed } from '../support/believed.ts';
import { folderOfTest } from '../support/folders.ts';
import type { StoreUnderTest } from './underTest.ts';

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

/** To be planted elsewhere. */
export const approvedLike = (like: StoredCommit): JsonObject => {
  const event = commitOf(like).events.find(({ type }) => type === 'ChangeApproved');
  if (event === undefined) throw new Error('nothing was approved');
  return event;
};

export const gateOn = async ({ store }: Pick<StoreUnderTest, 'store'>, rules?: Policy) => {
  const gate = await openGate({ storeOf: () => store, ...(rules !== undefined && { rules }) });
  const folder = folderOfTest('judged');
  const logPorts = {
    ...gate.ports,
    ...SOLE_WRITER,
    judge: new SequencerJudge(NO_MEMORY),
    blobs: folderBlobs(folder),
    signer: logSigner(PRIVATE_KEY, ORIGIN),
  };
  const answer = (key: string, of = store) => evaluateKey({ ...gate.ports, store: believed(of, gate.sideStore) }, key, {});
  const entries = () => verifiedEntries(folder, logPorts.signer.key).map(({ stream, version }) => `${stream}@${version}`);
  return { ...gate, logPorts, answer, entries };
};
