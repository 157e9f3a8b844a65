import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { readLogIndex } from '../../../functions/log/sequencer/logIndex.ts';
import { publishedSize } from '../../../functions/log/sequencer/publicFiles.ts';
import { folderBlobs } from '../../../functions/platform/blobs/folderBlobs.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { startServer } from '../../../infra/local/server.ts';
import { openChange, openCity, type Signer } from '../city.ts';
import { makeFolder } from '../folder.ts';
import { type Spread, spreadOf } from '../rounds.ts';
import { settingsOf } from '../settings.ts';
import { VENDOR } from '../vendor.ts';
import type { Measured, Result } from './result.ts';

const ROUNDS = 20;
const BURST = 32;
/** How long a commit may wait for its checkpoint, in ms. */
const AIM_MS = 1_000;
const LOOK_EVERY_MS = 2;

/** Posts notices of new features at once. Resolves with the time from the last acknowledgement to the checkpoint that covers all, in ms. */
const delayOf = async ({ ports, settings }: Installation, signer: Signer, keys: readonly string[]): Promise<number> => {
  const blobs = folderBlobs(join(settings.data, 'log'));
  await Promise.all(keys.map((key) => openChange(ports, key, signer)));
  const acknowledged = performance.now();
  for (const key of keys)
    for (;;) {
      const entry = await readLogIndex(ports.sideStore, `feature/${key}`, 1);
      if (entry !== undefined && (await publishedSize(blobs)) > entry.index) break;
      await sleep(LOOK_EVERY_MS);
    }
  return performance.now() - acknowledged;
};

const perSecond = (delays: readonly number[]): Spread => spreadOf(delays.map((ms) => 1_000 / ms));

/** Measures how soon a checkpoint is published that covers an acknowledged notice, on the whole server, mails and all. */
export const publication = async (): Promise<Measured> => {
  const path = makeFolder();
  const installation = openInstallation(settingsOf(path));
  await openCity(installation.ports);
  const added = await addVendor(installation.ports, VENDOR, 'Bench Cameras');
  const signer = { vendor: VENDOR, key: (added.ok && added.keys[0]?.id) || '' };
  const server = await startServer(installation, () => undefined);
  try {
    const results: Result[] = [];
    const notes: string[] = [];
    const same = { median: 1_000 / AIM_MS, least: 1_000 / AIM_MS, most: 1_000 / AIM_MS };
    for (const count of [1, BURST]) {
      const delays: number[] = [];
      for (let round = 0; round <= ROUNDS; round += 1) {
        const delay = await delayOf(
          installation,
          signer,
          Array.from({ length: count }, (_, n) => `${VENDOR}.p${count}-${round}-${n}`),
        );
        if (round > 0) delays.push(delay);
      }
      const ours = perSecond(delays);
      const { median, least, most } = spreadOf(delays);
      notes.push(`From ${count} acknowledged to published: ${median.toFixed(0)} ms (${least.toFixed(0)}–${most.toFixed(0)}).`);
      results.push({
        name: `checkpoints that follow ${count === 1 ? 'a notice' : `${count} notices at once`}, one after the other`,
        peerName: `${AIM_MS} ms each`,
        unit: 'checkpoints/s',
        aim: 1,
        ours,
        peer: same,
        ratio: ours,
      });
    }
    return { results, notes };
  } finally {
    await server.close();
  }
};
