import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { addVendor } from '../../../functions/gate/vendors.ts';
import { importLog, loggedCommits } from '../../../functions/log/archive.ts';
import { linesOf } from '../../../functions/log/archiveFile.ts';
import { CommitJudge } from '../../../functions/log/judging.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../../functions/log/sequencer/signer.ts';
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

const archiveOf = async ({ everything }: Installation): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const line of linesOf(loggedCommits(everything))) lines.push(line);
  return lines;
};

const imported = async (source: Installation) => {
  const lines = await archiveOf(source);
  const installation = opened();
  const { store } = installation.ports;
  const open = async function* () {
    yield* lines;
  };
  const trust = { keysOf: (origin: string) => [logSigner(source.secrets.logKey, origin).key], expect: undefined };
  const done = await importLog(store, open, trust);
  if (!done.ok) throw new Error(done.detail);
  const cursor = await store.feedEnd();
  const judged = vi.spyOn(CommitJudge.prototype, 'next');
  await sequenceImported(installation, done.learned, cursor);
  const found = { installation, judged: judged.mock.calls.length };
  vi.restoreAllMocks();
  return found;
};

test('a log that was imported is published without judging its commits again, and the next start goes on from there', async () => {
  const source = opened();
  for (const id of ['acme', 'bravo']) await addVendor(source.ports, id, id);
  const published = await start(source);
  const { installation, judged } = await imported(source);
  expect(judged).toBe(0);
  expect(existsSync(join(installation.settings.data, 'log/judged'))).toBe(true);
  const next = vi.spyOn(CommitJudge.prototype, 'next');
  const again = await start(installation);
  expect([again?.size, again?.root]).toEqual([published?.size, published?.root]);
  expect(next).not.toHaveBeenCalled();
  vi.restoreAllMocks();
  await addVendor(installation.ports, 'charlie', 'Charlie');
  expect((await start(installation))?.size).toBe((published?.size ?? 0) + 1);
});
