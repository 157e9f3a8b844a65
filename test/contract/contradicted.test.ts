import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { recordRevocation } from '../../functions/gate/feature.ts';
import { evaluateKey } from '../../functions/gate/heads.ts';
import { holdContradicted } from '../../functions/log/contradicted.ts';
import { SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../functions/log/sequencer/signer.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import type { StoredCommit } from '../../functions/platform/store/port.ts';
import { acceptAll, ORIGIN, PRIVATE_KEY } from '../functions/log/sequencer/ports.ts';
import { openGate } from '../functions/openGate.ts';
import { believed } from '../support/believed.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import type { StoreUnderTest } from './store/underTest.ts';

const contradicted = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name}: a store restored to before revocations, beside the newer public log`, () => {
    let subject: StoreUnderTest;
    const folder = mkdtempSync(join(tmpdir(), 'aldergate-contradicted-'));
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(async () => {
      await subject.close();
      rmSync(folder, { recursive: true });
    });

    test('what the log has revoked is off, and nothing is signed; what it does not contradict stays', async () => {
      const gate = await openGate();
      const blobs = folderBlobs(folder);
      const signer = logSigner(PRIVATE_KEY, ORIGIN);
      const logPorts = { ...gate.ports, ...SOLE_WRITER, judge: acceptAll(), blobs, signer };
      for (const feature of ['acme', 'acme.lpr', 'acme.audio']) {
        const { change, digest } = await gate.notice({ feature });
        await gate.certify(change, digest);
        await gate.sign(change, digest);
      }
      await sequence(logPorts);
      const older: StoredCommit[] = [];
      for (let cursor: string | undefined, done = false; !done; ) {
        const page = await gate.ports.store.feed(cursor, 100);
        older.push(...page.items);
        [cursor, done] = [page.next, page.done];
      }
      await gate.revoke('acme.lpr/1');
      const beside = { key: 'acme.audio', change: 1, requirement: 'mayor', holder: 'mayor', body: 'mayor', seat: 'mayor' };
      await recordRevocation(gate.ports, 'beside', { ...beside, fileNumber: null, reason: null });
      await sequence(logPorts);

      for (const record of older) await subject.store.append(record);
      const restored = { ...logPorts, store: subject.store };
      const answers = () =>
        Promise.all(
          ['acme', 'acme.lpr', 'acme.audio'].map(
            async (key) =>
              (await evaluateKey({ ...gate.ports, store: believed(subject.store, gate.sideStore) }, key, {})).enabled,
          ),
        );
      expect(await answers()).toEqual([true, true, true]);
      await expect(sequence(restored)).rejects.toMatchObject({ code: 'log-conflict' });
      expect(await holdContradicted(restored)).toBe(3);
      expect(await answers()).toEqual([true, false, false]);
    });
  });
};

contradicted('SQLite', sqliteStoreUnderTest);
contradicted('DynamoDB', dynamoStoreOn(startDynoxide));
