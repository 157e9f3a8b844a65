import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { digestOf } from '../../domain/kernel/canonical.ts';
import { DOCUMENT_PART_BYTES } from '../../domain/kernel/commit.ts';
import { attachDocument, readDocument } from '../../functions/gate/documents.ts';
import { documentPath } from '../../functions/log/sequencer/publicFiles.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { readChange } from '../../functions/register/project.ts';
import { latestOf } from '../../functions/register/views/changeJson.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { council, mayor, policy, rule } from '../support/fixtures/city.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { gateOn } from './judgedGate.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './store/underTest.ts';

const both = [council(), mayor()];
const rules = policy(
  rule(both, { id: 'report', when: { key: ['acme.**'] }, documents: ['report'], notice: 'P0D' }),
  rule(both, { id: 'rest', notice: 'P0D' }),
);
const LONG = Buffer.alloc(DOCUMENT_PART_BYTES + 7, 'a');

const documents = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name}: a document`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    test('is kept in parts, enters the log before what names it, and is published whole', async () => {
      const gate = await gateOn(subject, rules);
      const { change, digest } = await gate.notice({ feature: 'acme.report' });
      const { view } = must(await readChange(gate.ports, 'acme.report', 1));
      const sent = { kind: 'report', title: 'Report', mediaType: 'text/plain', content: LONG, actor: 'operator', counted: null };
      expect(await attachDocument(gate.ports, { key: 'acme.report', n: 1, revision: latestOf(view) }, sent)).toMatchObject({
        ok: true,
      });
      await gate.certify(change, digest);
      await gate.sign(change, digest);
      await sequence(gate.logPorts);
      const sha256 = digestOf(LONG);
      const stream = `document/${sha256.slice(7)}`;
      const places = [`${stream}@1`, `${stream}@2`, 'feature/acme.report@2'].map((entry) => gate.logged().indexOf(entry));
      expect(places).toEqual(places.toSorted((one, other) => one - other));
      expect(places[0]).toBeGreaterThanOrEqual(0);
      expect(await gate.logPorts.blobs.get(documentPath(sha256))).toEqual(new Uint8Array(LONG));
      expect(await readDocument(subject.store, sha256)).toEqual(LONG);
    });
  });
};

documents('SQLite', sqliteStoreUnderTest);
documents('DynamoDB', dynamoStoreOn(startDynoxide));
