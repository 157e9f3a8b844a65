import { join } from 'node:path';
import { plusDuration } from '../../domain/kernel/zone.ts';
import { formatVerifierKey, handoverText, parseVerifierKey } from '../../domain/log/note.ts';
import { readLogbook } from '../../functions/gate/aggregates.ts';
import { type KeySigner, logSigner, type SequencerPorts } from '../../functions/log/sequencer/ports.ts';
import { announceKey, sequence } from '../../functions/log/sequencer/sequence.ts';
import { macsUnder } from '../../functions/platform/store/mac.ts';
import { openSqliteStore } from '../../functions/platform/store/sqlite/sqliteStore.ts';
import { COMMITS_FILE, openSideStores, type SideStores } from './databases.ts';
import { CommandRefused } from './errors.ts';
import type { Installation } from './installation.ts';
import {
  beginCommitKeyRotation,
  endCommitKeyRotation,
  openSecrets,
  prepareLogKey,
  type Secrets,
  switchLogKey,
} from './secrets.ts';
import { judgeMemory, publishedPorts } from './sequencing.ts';
import { keysFile, type Settings } from './settings.ts';

interface Rotated {
  readonly from: string;
  readonly to: string;
  readonly until: string;
}

/** Announces the next key in the log; the current key signs a checkpoint over that. */
const announce = async (ports: SequencerPorts, next: KeySigner, until: string): Promise<void> => {
  const announced = await announceKey(ports, { by: ports.signer, next, until });
  if (!announced.ok) throw new CommandRefused(announced.rejection.detail);
  await sequence(ports);
};

/**
 * Rotates the key that signs the log, while no server runs on the folder. A crash after any step is resumed by the
 * same call:
 * 1. the next key is stored; 2. it is announced in the log, signed by both; 3. the old key alone signs a checkpoint over that; 4. the keys
 * change places; 5. the checkpoint is signed by both.
 * Throws CommandRefused, with the logbook's reason, while an earlier rotation's overlap lasts.
 */
export const rotateLogKey = async (installation: Installation, overlap: string): Promise<Rotated> => {
  const path = keysFile(installation.settings);
  const ports = await publishedPorts(installation);
  const origin = ports.signer.key.name;
  const now = ports.clock();
  const { handover } = await readLogbook(ports.store, origin);
  const current = formatVerifierKey(ports.signer.key);
  // An earlier rotation may have crashed before the first checkpoint by both keys.
  await sequence(ports);
  // Before preparing a key that would have another end.
  if (handover?.key === current && now < handover.until && now < plusDuration(now, overlap, 'UTC'))
    throw new CommandRefused(`until ${handover.until} two keys sign; rotate again after that, or with --overlap P0D`);
  // The overlap of an unannounced key begins now, even if an interrupted rotation prepared it earlier.
  const untilOf = (next: string): string =>
    handover?.key === formatVerifierKey(logSigner(next, origin).key) ? handover.until : plusDuration(now, overlap, 'UTC');
  const prepared = prepareLogKey(path, untilOf);
  const next = logSigner(prepared.key, origin);
  await announce(ports, next, prepared.until);
  switchLogKey(path);
  await sequence(await publishedPorts({ ...installation, secrets: openSecrets(path) }));
  return { from: current, to: formatVerifierKey(next.key), until: prepared.until };
};

/** A key that is elsewhere, such as in KMS: its verifier key, and its signature (64 bytes) over the text of the handover. */
interface KeyElsewhere {
  readonly vkey: string;
  readonly until: string;
  readonly signature: Uint8Array;
}

/**
 * Returns the text that a key elsewhere must sign to take over a folder's log. Throws LogError for a malformed key, or one of another log.
 */
export const handoverTo = async (installation: Installation, vkey: string, until: string): Promise<string> => {
  const { signer } = await publishedPorts(installation);
  return handoverText({ by: signer.key, key: parseVerifierKey(vkey), until });
};

/**
 * Announces in the log of a folder, while no server runs on it, that a key elsewhere takes over, for an installation that moves to
 * that key. The old key alone signs a checkpoint over the announcement, and keeps signing here. Announcing it again appends nothing.
 * Throws LogError unless the key has signed the handover, CommandRefused as {@link rotateLogKey} does.
 */
export const announceElsewhere = async (
  installation: Installation,
  { vkey, until, signature }: KeyElsewhere,
): Promise<Rotated> => {
  const ports = await publishedPorts(installation);
  await sequence(ports);
  await announce(ports, { key: parseVerifierKey(vkey), sign: async () => signature }, until);
  return { from: formatVerifierKey(ports.signer.key), to: vkey, until };
};

interface RenewedMacs {
  readonly commits: number;
  readonly records: number;
}

const sideStoreOf = ({ data }: Settings, { commitKeys }: Secrets): SideStores =>
  openSideStores(data, { macs: macsUnder(commitKeys, 'records'), altered: () => undefined }, false);

/** Renews broken seals as broken, before the rotation: only the old key can check them. */
const keepBroken = async (settings: Settings): Promise<void> => {
  const sideStore = sideStoreOf(settings, openSecrets(keysFile(settings)));
  try {
    for (const each of sideStore.sealed) if (!(await each.verify())) await each.renew(false);
  } finally {
    await sideStore.close();
  }
};

/**
 * Gives every commit and every record of the side store a MAC under a new key, while no server runs on the folder. The old key is
 * accepted until all have one, so that after a crash the folder can be served and the same call resumes. An invalid MAC
 * stays as it is: its row stays unreadable, its record absent. `tick`: called for each.
 */
export const rotateCommitKey = async (settings: Settings, tick?: () => void): Promise<RenewedMacs> => {
  const { data } = settings;
  const keys = keysFile(settings);
  await keepBroken(settings);
  beginCommitKeyRotation(keys);
  const secrets = openSecrets(keys);
  const { commitKeys } = secrets;
  const store = openSqliteStore(join(data, COMMITS_FILE), macsUnder(commitKeys, 'commits'));
  const sideStore = sideStoreOf(settings, secrets);
  try {
    const memory = judgeMemory({ secrets, settings });
    const learned = await memory.load();
    if (learned !== undefined) await memory.save(learned);
    const renewed = { commits: await store.renewMacs(tick), records: await sideStore.renewMacs(tick) };
    endCommitKeyRotation(keys);
    return renewed;
  } finally {
    await store.close();
    await sideStore.close();
  }
};
