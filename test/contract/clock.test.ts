import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { featureStream } from '../../domain/feature/keys.ts';
import { evaluateKey, evaluateKeys } from '../../functions/gate/heads.ts';
import { cutOffLinksOf } from '../../functions/gate/rosters.ts';
import { recordTimeZone } from '../../functions/gate/rules.ts';
import { heldStreams } from '../../functions/log/sequencer/logIndex.ts';
import { sequence } from '../../functions/log/sequencer/sequence.ts';
import { NOON, openGate } from '../functions/openGate.ts';
import { startDynoxide } from '../support/dynoxide.ts';
import { dynamoStoreOn } from './dynamoTables.ts';
import { gateOn } from './forgery.ts';
import { sqliteStoreUnderTest } from './sqliteUnderTest.ts';
import { must, type StoreUnderTest } from './underTest.ts';

const plus = (instant: string, seconds: number) => new Date(Date.parse(instant) + seconds * 1_000).toISOString();
/** When an approval given at noon ends, by the term of the policy. */
const END = '2027-03-02T12:00:00.000Z';

/** A gate on an adapter, with `acme` and `acme.lpr` approved at noon, and a minute later. */
const approvedGate = async ({ store }: StoreUnderTest) => {
  const gate = await openGate({ storeOf: () => store });
  const approve = async (feature: string, at: string): Promise<void> => {
    gate.at(at);
    await gate.approve({ feature });
  };
  await approve('acme', NOON);
  await approve('acme.lpr', plus(NOON, 60));
  return gate;
};

const clocks = (name: string, open: () => Promise<StoreUnderTest>, knowsAll: boolean): void => {
  describe(`${name}: a clock that is wrong`, () => {
    let subject: StoreUnderTest;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.close());

    test('set back by a minute, it revives no approval that had ended when something was committed', async () => {
      const gate = await approvedGate(subject);
      gate.at(plus(END, -90));
      expect(await evaluateKey(gate.ports, 'acme.lpr', {})).toMatchObject({ enabled: true });
      gate.at(plus(END, 5));
      await gate.notice({ feature: 'acme.lpr', optOut: 'yes' });
      gate.at(plus(END, -90));
      const keys = ['acme', 'acme.lpr'];
      const all = await evaluateKeys(gate.ports, keys, {});
      expect(all.get('acme.lpr')).toMatchObject({ enabled: false, variant: 'blocked' });
      expect(await evaluateKey(gate.ports, 'acme.lpr', {})).toEqual(all.get('acme.lpr'));
      // On DynamoDB only the heads read are known, and nothing was committed to this one.
      expect((await evaluateKey(gate.ports, 'acme', {})).enabled).toBe(!knowsAll);
      gate.at(plus(END, 5));
      expect(await evaluateKey(gate.ports, 'acme', {})).toMatchObject({ variant: 'expired' });
    });

    test('set back by more, it makes what was committed since unreadable', async () => {
      const gate = await approvedGate(subject);
      gate.at(plus(NOON, 60 - 299));
      expect(await evaluateKey(gate.ports, 'acme.lpr', {})).toMatchObject({ enabled: true });
      gate.at(plus(NOON, 60 - 301));
      expect(await evaluateKey(gate.ports, 'acme.lpr', {})).toMatchObject({
        enabled: false,
        because: 'what is stored cannot be relied on',
      });
      expect(await evaluateKey(gate.ports, 'acme', {})).toMatchObject({ enabled: true });
    });

    // Which paths wait and which are taken is in test/functions/web/api/clockBehind.test.ts.
    test('while it is behind, what decides is refused, what switches off is taken; clocks of two machines may differ by a little', async () => {
      const gate = await approvedGate(subject);
      gate.at(plus(NOON, 120));
      const { change, digest } = await gate.notice({ feature: 'acme.open' });
      const halfway = await gate.notice({ feature: 'acme.halfway' });
      await gate.certify(halfway.change, halfway.digest);
      gate.at(plus(NOON, 114));
      const behind = { code: 'clock-behind' };
      await expect(gate.certify(change, digest)).rejects.toMatchObject(behind);
      await expect(gate.sign(halfway.change, halfway.digest, { decision: 'refuse' })).rejects.toMatchObject(behind);
      gate.at(NOON);
      await gate.revoke('acme.lpr/1');
      await gate.notice({ kind: 'removal' });
      gate.at(plus(NOON, 61));
      const variant = async (key: string) => (await evaluateKey(gate.ports, key, {})).variant;
      expect(await Promise.all(['acme', 'acme.lpr'].map(variant))).toEqual(['removed', 'revoked']);
      gate.at(plus(NOON, 116));
      await gate.certify(change, digest);
    });

    test('what switches off while it is behind is taken also where it records that something else has lapsed', async () => {
      const gate = await approvedGate(subject);
      await gate.notice({ feature: 'acme.lpr', kind: 'update', title: 'Never decided', optOut: 'yes' });
      // The window of the update is over then.
      gate.at(plus(NOON, 100 * 86_400));
      await gate.notice({ feature: 'acme.other' });
      gate.at(plus(NOON, 120));
      await gate.revoke('acme.lpr/1');
      gate.at(plus(NOON, 100 * 86_400));
      expect(await evaluateKey(gate.ports, 'acme.lpr', {})).toMatchObject({ variant: 'revoked' });
    });

    test('what switches off or ends links while it is far behind is in the log at once, and holds no stream', async () => {
      const gate = await gateOn(subject);
      gate.at(plus(NOON, 9_000));
      const cutOff = () => cutOffLinksOf(gate.ports, { holder: 'mayor', by: null, reissued: true });
      for (const feature of ['acme', 'acme.lpr']) await gate.approve({ feature });
      expect(await cutOff()).toMatchObject({ ok: true });
      // The log signs what it has taken in a moment later, and that commit of its own is the newest of all.
      gate.at(plus(NOON, 9_001));
      await sequence(gate.logPorts);
      gate.at(NOON);
      await gate.revoke('acme.lpr/1');
      await gate.notice({ kind: 'removal' });
      expect(await cutOff()).toMatchObject({ ok: true });
      const before = gate.entries().length;
      await sequence(gate.logPorts);
      // A receipt, a removal, a revocation and the end of links.
      expect(gate.entries()).toHaveLength(before + 4);
      expect(await heldStreams(gate.sideStore)).toEqual([]);
    });

    test('a commit is not earlier than what it names', async () => {
      const gate = await approvedGate(subject);
      const at = async (key: string) => must(await subject.store.head(featureStream(key))).at;
      const soon = plus(NOON, 120);
      gate.at(soon);
      await recordTimeZone({ ...gate.ports, zone: 'America/Denver' });
      gate.at(plus(NOON, 118));
      const { change, digest } = await gate.notice({ feature: 'acme.new' }, randomUUID());
      expect(await at('acme.new')).toBe(soon);
      await gate.certify(change, digest, { meetingDate: NOON.slice(0, 10) });
      expect(await at('acme.new')).toBe(soon);
    });
  });
};

clocks('SQLite', sqliteStoreUnderTest, true);
clocks('DynamoDB', dynamoStoreOn(startDynoxide), false);
