import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evaluateKey } from '../../functions/gate/heads.ts';
import { recordFor } from '../../functions/log/proofs.ts';
import { NO_MEMORY, SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { fsck } from '../../functions/log/verify/fsck.ts';
import { readLog } from '../../functions/log/verify/readLog.ts';
import { verifyRecord } from '../../functions/log/verify/recordFile.ts';
import { Replay } from '../../functions/log/verify/replay.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import { signer, trusted } from '../functions/log/verify/recordStory.ts';
import { openGate } from '../functions/openGate.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { folderOfTest } from '../support/folders.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './store/underTest.ts';

const BACKDATED = '2026-03-05T12:00:00.000Z';
const NEWEST = '2026-03-20T12:00:00.000Z';

const late = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name}: a commit that enters the log late`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    test('counts from when it could have been known, in answers, in files and in the list of verify', async () => {
      // A store that does not know its newest instant, so that a clock that is wrong is not noticed.
      const store = { ...subject.store, newestAt: async () => undefined };
      const gate = await openGate({ storeOf: () => store, honest: false });
      const folder = folderOfTest('late');
      const ports = { ...gate.ports, ...SOLE_WRITER, judge: new SequencerJudge(NO_MEMORY), blobs: folderBlobs(folder), signer };
      gate.at(NEWEST);
      await gate.notice({ feature: 'acme.other' });
      await sequence(ports);
      // Every rule is kept, only the clock was set back by a fortnight.
      gate.at(BACKDATED);
      await gate.notice({ feature: 'acme' });
      gate.at(NEWEST);
      const checkpoint = must(await sequence(ports));
      const answer = (at: string) => evaluateKey(gate.ports, 'acme', {}, at);
      expect(await answer('2026-03-19T00:00:00.000Z')).toMatchObject({ enabled: false, variant: 'unknown', change: null });
      expect(await answer(NEWEST)).toMatchObject({ variant: 'pending' });
      for (const at of ['2026-03-19T00:00:00.000Z', NEWEST]) {
        const made = await recordFor(ports, 'acme', at);
        if (!made.ok) throw new Error(made.because);
        expect(verifyRecord(new TextEncoder().encode(made.file), trusted).standing.evaluation).toEqual(await answer(at));
      }
      const replay = new Replay(trusted.origin);
      for await (const entry of readLog(ports.blobs, checkpoint)) replay.take(entry);
      const found = replay.late.filter(({ stream }) => stream === 'feature/acme');
      expect(found).toMatchObject([{ stream: 'feature/acme', version: 1, at: BACKDATED, from: NEWEST }]);
      await fsck({ ...ports, recordMacs: { altered: async () => [] } });
    });
  });
};

late('SQLite', sqliteStoreUnderTest);
late('DynamoDB', dynamoStoreOn(startDynoxide));
