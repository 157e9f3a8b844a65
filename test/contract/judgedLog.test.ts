import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { canonical } from '../../domain/kernel/canonical.ts';
import { hashOf } from '../../domain/kernel/commit.ts';
import type { JsonObject, JsonValue } from '../../domain/kernel/json.ts';
import { foldStream } from '../../functions/gate/aggregates.ts';
import { heldLimits, isInLog } from '../../functions/log/held.ts';
import { NO_MEMORY, SequencerJudge } from '../../functions/log/sequencer/judge.ts';
import { putLogIndex } from '../../functions/log/sequencer/logIndex.ts';
import { noticePath } from '../../functions/log/sequencer/publicFiles.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { fsck } from '../../functions/log/verify/fsck.ts';
import { runConsumers } from '../../functions/platform/feed/consumers.ts';
import type { StoredCommit } from '../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../functions/platform/store/record.ts';
import { policyAdopter } from '../../functions/reactions/adoption/policies.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoUnderTest.ts';
import { approvedLike, forgery } from './forgery.ts';
import { gateOn } from './judgedGate.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './store/underTest.ts';

/** The side store of these tests holds nothing altered. */
const NO_RECORDS = { altered: async () => [] };

const judgedLog = (name: string, open: () => Promise<StoreUnderTest>): void => {
  describe(`${name}: a commit that may not stand`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    /** A gate with an approved feature and one without a decision, both in the log, and the newest commits of both. */
    const oneOnOneUndecided = async () => {
      const gate = await gateOn(subject);
      const { change, digest } = await gate.notice();
      await gate.certify(change, digest);
      await gate.sign(change, digest);
      await gate.notice({ feature: 'acme.undecided' });
      await sequence(gate.logPorts);
      const on = must(await subject.store.head('feature/acme'));
      const undecided = must(await subject.store.head('feature/acme.undecided'));
      return { gate, on, undecided };
    };

    test('forged with every key but the judgement: it stays out of the log, its feature is off, and it is named', async () => {
      const { gate, on, undecided } = await oneOnOneUndecided();
      expect(await gate.answer('acme')).toMatchObject({ enabled: true });
      await fsck({ ...gate.logPorts, recordMacs: NO_RECORDS });

      const forged = forgery(undecided, [approvedLike(on)], { state: on.state });
      expect(await subject.store.append(forged)).toEqual({ outcome: 'appended' });
      await gate.notice({ feature: 'acme.other' });
      await sequence(gate.logPorts);
      expect(gate.logged()).not.toContain('feature/acme.undecided@2');
      expect(gate.logged()).toContain('feature/acme.other@1');
      await expect
        .poll(() => gate.answer('acme.undecided'))
        .toMatchObject({ enabled: false, because: 'a stored record cannot be read' });
      expect(await gate.answer('acme')).toMatchObject({ enabled: true });
      expect(await heldLimits(gate.sideStore)).toMatchObject([
        { code: 'judge-failed', detail: expect.stringContaining('Version 2 of feature/acme.undecided may not stand') },
      ]);
      await expect(fsck({ ...gate.logPorts, recordMacs: NO_RECORDS })).rejects.toThrow('feature/acme.undecided@2');
      // A new process judges the same.
      await sequence({ ...gate.logPorts, judge: new SequencerJudge(NO_MEMORY) });
      expect(gate.logged()).not.toContain('feature/acme.undecided@2');
    });

    test('forged with the key of the MACs, and said to be in the log: the sequencer believes the log alone, and fsck judges it, too', async () => {
      const { gate, on, undecided } = await oneOnOneUndecided();
      const events = [approvedLike(on)];
      const { state } = foldStream(undecided.stream, JSON.parse(undecided.state), events);
      const forged = forgery(undecided, events, { state: canonical(state as JsonValue) });
      await subject.store.append(forged);
      await putLogIndex(gate.sideStore, forged.stream, forged.version, { index: 0, hash: hashOf(forged.bytes) });
      await sequence(gate.logPorts);
      expect(gate.logged()).not.toContain('feature/acme.undecided@2');
      await expect.poll(() => gate.answer('acme.undecided')).toMatchObject({ enabled: false });
      expect(await heldLimits(gate.sideStore)).toMatchObject([{ code: 'judge-failed' }]);
      await expect(fsck({ ...gate.logPorts, recordMacs: NO_RECORDS })).rejects.toThrow('feature/acme.undecided@2 may not stand');
    });

    test('a notice whose event differs from its raw message', async () => {
      const gate = await gateOn(subject);
      const { digest } = await gate.notice({ feature: 'acme.raw', optOut: 'no' });
      await sequence(gate.logPorts);
      expect(await gate.logPorts.blobs.get(noticePath(digest))).toBeDefined();
      const head = must(await subject.store.head('feature/acme.raw'));
      const [event = {}] = commitOf(head).events;
      const altered = newRecord(
        {
          ...commitOf(head),
          stream: 'feature/acme.altered',
          id: randomUUID(),
          commandId: randomUUID(),
          events: [{ ...event, key: 'acme.altered', notice: { ...(event['notice'] as JsonObject), optOut: 'yes' } }],
        },
        { state: head.state, stateVersion: head.stateVersion, attachments: head.attachments },
      );
      expect(await subject.store.append(altered)).toEqual({ outcome: 'appended' });
      await sequence(gate.logPorts);
      expect(gate.logged()).not.toContain('feature/acme.altered@1');
      expect(await heldLimits(gate.sideStore)).toContainEqual(
        expect.objectContaining({
          code: 'judge-failed',
          detail: expect.stringContaining('feature/acme.altered may not stand: raw-notice'),
        }),
      );
    });

    test('a forged approval of a policy adopts nothing', async () => {
      const gate = await gateOn(subject);
      const { change, digest } = await gate.notice({ feature: 'acme.real' });
      await gate.certify(change, digest);
      await gate.sign(change, digest);
      await sequence(gate.logPorts);
      const approval = approvedLike(must(await subject.store.head('feature/acme.real')));
      const like = must(await subject.store.head('feature/acme.real'));
      const forged = newRecord(
        {
          ...commitOf(like),
          stream: 'feature/aldergate.policy',
          version: 1,
          prev: null,
          id: randomUUID(),
          commandId: randomUUID(),
          events: [approval],
        },
        { state: like.state, stateVersion: like.stateVersion, attachments: [] },
      );
      expect(await subject.store.append(forged)).toEqual({ outcome: 'appended' });
      const handled: string[] = [];
      const adopter = policyAdopter(gate.ports);
      const watched = { ...adopter, handle: async (commit: StoredCommit) => void handled.push(commit.stream) };
      const consumers = runConsumers({ ...gate.ports, isReleased: isInLog(gate.sideStore) }, [watched]);
      await consumers.sweep();
      await sequence(gate.logPorts);
      await consumers.sweep();
      // The first policy, which the operator adopted, and nothing of the forged approval.
      expect(handled).toEqual(['policy']);
    });

    test('one that is more than five minutes ahead of the clock waits outside', async () => {
      const gate = await gateOn(subject);
      gate.at('2026-03-02T12:06:00.000Z');
      await gate.notice({ feature: 'acme.ahead' });
      gate.at('2026-03-02T12:00:00.000Z');
      await sequence(gate.logPorts);
      expect(gate.logged()).not.toContain('feature/acme.ahead@1');
      expect(await heldLimits(gate.sideStore)).toMatchObject([
        { code: 'clock-behind', detail: expect.stringContaining('12:06') },
        {},
      ]);
      gate.at('2026-03-02T12:01:00.000Z');
      await sequence(gate.logPorts);
      expect(gate.logged()).toContain('feature/acme.ahead@1');
    });
  });
};

judgedLog('SQLite', sqliteStoreUnderTest);
judgedLog('DynamoDB', dynamoStoreOn(startDynoxide));
