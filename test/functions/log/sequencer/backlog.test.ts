import { expect, test } from 'vitest';
import { readLogTimes } from '../../../../functions/gate/heads.ts';
import { rotateVendor } from '../../../../functions/gate/vendors.ts';
import { NO_MEMORY, SequencerJudge } from '../../../../functions/log/sequencer/judge.ts';
import { logSigner, SOLE_WRITER } from '../../../../functions/log/sequencer/ports.ts';
import { sequence } from '../../../../functions/log/sequencer/sequence.ts';
import { folderBlobs } from '../../../../functions/platform/blobs/folderBlobs.ts';
import { folderUntil } from '../../../support/folders.ts';
import { atEndOfTest } from '../../../support/shared.ts';
import { openGate } from '../../openGate.ts';
import { ORIGIN, PRIVATE_KEY } from './ports.ts';

test('what waited for hours, and fills several checkpoints, enters the log in its order: none of it is late', async () => {
  const gate = await openGate();
  const judge = new SequencerJudge(NO_MEMORY);
  const blobs = folderBlobs(folderUntil('backlog', atEndOfTest));
  const ports = { ...gate.ports, ...SOLE_WRITER, judge, blobs, signer: logSigner(PRIVATE_KEY, ORIGIN) };
  for (let n = 0; n < 300; n += 1) await gate.notice({ feature: `acme.feature-number-${n}-of-them` });
  gate.at('2026-03-02T12:20:00.000Z');
  await gate.approve();
  gate.at('2026-03-02T14:00:00.000Z');
  await rotateVendor(gate.ports, 'acme');
  await sequence(ports);
  expect(judge.endOf('feature/acme').version).toBe(3);
  expect((await readLogTimes(ports)).late).toEqual([]);
});
