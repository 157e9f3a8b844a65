import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { UnorderedJudge } from '../../../functions/log/unorderedJudge.ts';
import { fsck } from '../../../functions/log/verify/fsck.ts';
import { exportArchive } from '../../../functions/platform/store/archive/exportArchive.ts';
import type { Store, StoredCommit } from '../../../functions/platform/store/port.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { openInstallation } from '../../../infra/local/installation.ts';
import { sequencerPorts } from '../../../infra/local/sequencing.ts';
import { settingsOf } from '../../bench/settings.ts';

/** A folder with a published log, and a store over it that counts the rows that the feed and histories return. */
const folder = async () => {
  const data = mkdtempSync(join(tmpdir(), 'aldergate-once-'));
  const installation = openInstallation(settingsOf(data));
  onTestFinished(async () => {
    await installation.close();
    rmSync(data, { recursive: true });
  });
  for (const id of ['acme', 'bravo', 'charlie']) await addVendor(installation.ports, id, id);
  const ports = sequencerPorts(installation, () => undefined);
  await sequence(ports);
  const read: string[] = [];
  const noted = (rows: readonly StoredCommit[]): void =>
    void read.push(...rows.map(({ stream, version }) => `${stream}@${version}`));
  const store: Store = {
    ...ports.store,
    history: async (stream, range) => {
      const rows = await ports.store.history(stream, range);
      noted(rows);
      return rows;
    },
    feed: async (...args) => {
      const page = await ports.store.feed(...args);
      noted(page.items);
      return page;
    },
  };
  return { ports: { ...ports, store, recordMacs: installation.recordMacs }, read };
};

const exported = async (store: Store): Promise<void> => {
  for await (const _ of exportArchive(store, { leftOut: () => undefined, judge: new UnorderedJudge() }));
};

test.each<[string, (ports: Awaited<ReturnType<typeof folder>>['ports']) => Promise<unknown>]>([
  ['fsck', (ports) => fsck(ports)],
  ['rebuild', (ports) => rebuild(ports)],
  ['export', ({ store }) => exported(store)],
])('%s reads each row of a folder once', async (_, run) => {
  const { ports, read } = await folder();
  await run(ports);
  expect(read.toSorted()).toEqual(['log@1', 'vendor/acme@1', 'vendor/bravo@1', 'vendor/charlie@1']);
});
