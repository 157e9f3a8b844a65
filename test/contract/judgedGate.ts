import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Policy } from '../../domain/policy/schema.ts';
import { evaluateKey } from '../../functions/gate/heads.ts';
import { NO_MEMORY, SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { logSigner } from '../../functions/log/sequencer/signer.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { ORIGIN, PRIVATE_KEY } from '../functions/log/sequencer/ports.ts';
import { verifiedEntries } from '../functions/log/sequencer/verifiedEntries.ts';
import { openGate } from '../functions/openGate.ts';
import { believed } from '../support/believed.ts';
import type { StoreUnderTest } from './store/underTest.ts';

/** Opens a gate on a store of an adapter, with a judging sequencer. */
export const gateOn = async ({ store }: StoreUnderTest, rules?: Policy) => {
  const gate = await openGate({ storeOf: () => store, ...(rules !== undefined && { rules }) });
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-judged-'));
  const logPorts = {
    ...gate.ports,
    ...SOLE_WRITER,
    judge: new SequencerJudge(NO_MEMORY),
    blobs: folderBlobs(folder),
    signer: logSigner(PRIVATE_KEY, ORIGIN),
  };
  const answer = (key: string) => evaluateKey({ ...gate.ports, store: believed(store, gate.sideStore) }, key, {});
  const logged = () => verifiedEntries(folder, logPorts.signer.key).map(({ stream, version }) => `${stream}@${version}`);
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return { ...gate, logPorts, answer, logged };
};
