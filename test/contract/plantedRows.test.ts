import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../domain/feature/terms.ts';
import { hashOf } from '../../domain/kernel/commit.ts';
import { checkRows } from '../../functions/gate/checks.ts';
import { evaluateKey } from '../../functions/gate/heads.ts';
import { SOLE_WRITER } from '../../functions/log/sequencer/ports.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { logSigner } from '../../functions/log/sequencer/signer.ts';
import { fsck } from '../../functions/log/verify/fsck.ts';
import { folderBlobs } from '../../functions/platform/blobs/folderBlobs.ts';
import type { StoredCommit } from '../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../functions/platform/store/record.ts';
import { rebuild } from '../../functions/register/rebuild.ts';
import { acceptAll, ORIGIN, PRIVATE_KEY } from '../functions/log/sequencer/ports.ts';
import { type Gate, openGate } from '../functions/openGate.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './store/underTest.ts';

/** The side store of these tests holds nothing altered. */
const NO_RECORDS = { altered: async () => [] };

/** Opens a gate on a store of an adapter, with its public log. */
const gateOn = async ({ store }: StoreUnderTest) => {
  const gate = await openGate({ storeOf: () => store });
  const folder = mkdtempSync(join(tmpdir(), 'aldergate-planted-'));
  const logPorts = {
    ...gate.ports,
    ...SOLE_WRITER,
    judge: acceptAll(),
    blobs: folderBlobs(folder),
    signer: logSigner(PRIVATE_KEY, ORIGIN),
  };
  const held = () => gate.logged.filter(({ event }) => event === 'stream is kept out of the public log');
  return { ...gate, logPorts, held, remove: () => rmSync(folder, { recursive: true }) };
};

const approved = async (gate: Gate, feature: string, audience?: readonly string[]): Promise<void> => {
  const { change, digest } = await gate.notice({ feature });
  const terms = { ...NO_TERMS, ...(audience !== undefined && { audience }) };
  await gate.certify(change, digest, { terms });
  await gate.sign(change, digest, { terms });
};

/** Returns a commit that would follow `head` with the events of `like`, and the state after it. */
const next = (head: StoredCommit, like: StoredCommit): StoredCommit =>
  newRecord(
    {
      ...commitOf(like),
      stream: head.stream,
      version: head.version + 1,
      id: randomUUID(),
      prev: hashOf(head.bytes),
      at: head.at,
    },
    { state: like.state, stateVersion: like.stateVersion, attachments: [] },
  );

const plantedRows = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name}: a row written behind the gate’s back gives no answer and no entry of the log`, () => {
    let subject: StoreUnderTest;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    /** Checks that every reader refuses the planted row, and removes it. */
    const refused = async (
      gate: Awaited<ReturnType<typeof gateOn>>,
      key: string,
      row: string,
      agency?: string,
    ): Promise<void> => {
      const asked = { agencies: agency === undefined ? [] : [agency] };
      for (const store of [subject.store, subject.other])
        expect(await evaluateKey({ ...gate.ports, store }, key, asked)).toMatchObject({ enabled: false });
      expect((await checkRows(subject.other)).problems.map(({ stream, version }) => `${stream}@${version}`)).toEqual([row]);
      expect((await rebuild({ ...gate.ports, store: subject.other })).rows).toEqual([expect.stringContaining(row)]);
      await sequence({ ...gate.logPorts, store: subject.other });
      await expect(fsck({ ...gate.logPorts, store: subject.other, recordMacs: NO_RECORDS })).rejects.toThrow(row);
    };

    test('a state, a letter of an audience, and a commit with no MAC or one of a stranger', async () => {
      const gate = await gateOn(subject);
      await approved(gate, 'acme');
      await approved(gate, 'acme.shared', ['town-pd']);
      await gate.notice({ feature: 'acme.undecided' });
      await sequence(gate.logPorts);
      await fsck({ ...gate.logPorts, store: subject.other, recordMacs: NO_RECORDS });
      const [on, shared, undecided] = await Promise.all(
        ['acme', 'acme.shared', 'acme.undecided'].map(async (key) => must(await subject.store.head(`feature/${key}`))),
      );
      if (on === undefined || shared === undefined || undecided === undefined) throw new Error('nothing there');
      const told = (agency: string) => evaluateKey(gate.ports, 'acme.shared', { agencies: [agency] });
      expect([await told('town-pd'), await told('town-qd')]).toMatchObject([{ enabled: true }, { enabled: false }]);

      await subject.tamper(undecided.stream, 1, { state: on.state });
      await refused(gate, 'acme.undecided', 'feature/acme.undecided@1');
      await subject.tamper(undecided.stream, 1, { state: undecided.state });

      await subject.tamper(shared.stream, shared.version, { state: shared.state.replaceAll('town-pd', 'town-qd') });
      await refused(gate, 'acme.shared', `feature/acme.shared@${shared.version}`, 'town-qd');
      await subject.tamper(shared.stream, shared.version, { state: shared.state });
      expect((await checkRows(subject.other)).problems).toEqual([]);
      expect(gate.held()).toEqual([]);

      const forged = next(undecided, on);
      expect(await subject.forger.append(forged)).toEqual({ outcome: 'appended' });
      for (const mac of ['of a stranger', 'none'] as const) {
        await subject.tamper(forged.stream, forged.version, { mac });
        await refused(gate, 'acme.undecided', `feature/acme.undecided@${forged.version}`);
      }
      expect(gate.held()).toMatchObject([{ stream: 'feature/acme.undecided', version: 2, level: 'error' }]);
      // With the key the same row is accepted, so above it is refused for its MAC alone.
      await subject.tamper(forged.stream, forged.version, { mac: 'valid' });
      expect(await evaluateKey({ ...gate.ports, store: subject.other }, 'acme.undecided', {})).toMatchObject({
        enabled: true,
      });
      gate.remove();
    });
  });
};

plantedRows('SQLite', sqliteStoreUnderTest);
plantedRows('DynamoDB', dynamoStoreOn(startDynoxide));
