import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { stateOf } from '../../../functions/gate/stateOf.ts';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { CommitJudge } from '../../../functions/log/judging.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { UnorderedJudge } from '../../../functions/log/unorderedJudge.ts';
import { exportArchive } from '../../../functions/platform/store/archive/exportArchive.ts';
import { importArchive } from '../../../functions/platform/store/archive/importArchive.ts';
import { KeptRecords } from '../../../functions/platform/store/keptRecords.ts';
import { type Installation, openInstallation } from '../../../infra/local/installation.ts';
import { sequenceImported, sequencerPorts } from '../../../infra/local/sequencing.ts';
import { settingsOf } from '../../bench/settings.ts';

const opened = (): Installation => {
  const data = mkdtempSync(join(tmpdir(), 'aldergate-imported-'));
  const installation = openInstallation(settingsOf(data));
  onTestFinished(async () => {
    await installation.close();
    rmSync(data, { recursive: true });
  });
  return installation;
};

const start = (installation: Installation) => sequence(sequencerPorts(installation, () => undefined));

const archiveOf = async ({ ports }: Installation): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const line of exportArchive(ports.store)) lines.push(line);
  return lines;
};

/** Imports an archive into a new folder. Returns its checkpoint, and how many commits were judged and streams read to publish it. */
const imported = async (lines: readonly string[]) => {
  const installation = opened();
  const { store } = installation.ports;
  const [judge, kept] = [new UnorderedJudge(), new KeptRecords()];
  const open = async function* () {
    yield* lines;
  };
  expect(await importArchive(store, open, stateOf, judge, kept)).toMatchObject({ ok: true });
  const cursor = await store.feedEnd();
  const judged = vi.spyOn(CommitJudge.prototype, 'next');
  const history = vi.spyOn(installation.everything, 'history');
  await sequenceImported(installation, { kept, learned: judge.learned(), cursor });
  const streams = new Set(history.mock.calls.map(([stream]) => stream));
  const found = { installation, judged: judged.mock.calls.length, streams: [...streams] };
  vi.restoreAllMocks();
  return found;
};

test('a log that was imported is published without judging or reading its commits again, and the next start goes on from there', async () => {
  const source = opened();
  for (const id of ['acme', 'bravo']) await addVendor(source.ports, id, id);
  const published = await start(source);
  const { installation, judged, streams } = await imported(await archiveOf(source));
  expect([judged, streams]).toEqual([0, ['log']]);
  expect(existsSync(join(installation.settings.data, 'log/judged'))).toBe(true);
  const next = vi.spyOn(CommitJudge.prototype, 'next');
  const again = await start(installation);
  expect([again?.size, again?.root]).toEqual([published?.size, published?.root]);
  expect(next).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  await addVendor(installation.ports, 'charlie', 'Charlie');
  expect((await start(installation))?.size).toBe((published?.size ?? 0) + 1);
});

test('commits of an archive that are not in its log enter it after the import', async () => {
  const source = opened();
  await addVendor(source.ports, 'acme', 'Acme');
  const published = await start(source);
  await addVendor(source.ports, 'bravo', 'Bravo');
  const { installation, judged } = await imported(await archiveOf(source));
  expect(judged).toBeGreaterThan(0);
  const next = vi.spyOn(CommitJudge.prototype, 'next');
  expect((await start(installation))?.size).toBe((published?.size ?? 0) + 1);
  // What the import has learned was kept.
  expect(next).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});
