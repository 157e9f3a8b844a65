import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NO_TERMS } from '../../../domain/feature/terms.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { DOCUMENT_PART_BYTES, hashOf } from '../../../domain/kernel/commit.ts';
import type { JsonObject, JsonValue } from '../../../domain/kernel/json.ts';
import { foldStream } from '../../../functions/gate/aggregates.ts';
import { checkRows } from '../../../functions/gate/checks.ts';
import { attachDocument } from '../../../functions/gate/documents.ts';
import { evaluateKey } from '../../../functions/gate/heads.ts';
import { readRules } from '../../../functions/gate/rules.ts';
import { recordFor } from '../../../functions/log/proofs.ts';
import { SequencerJudge } from '../../../functions/log/sequencer/judge.ts';
import { heldLimits, isInLog, putLogIndex } from '../../../functions/log/sequencer/logIndex.ts';
import { documentPath, noticePath } from '../../../functions/log/sequencer/publicFiles.ts';
import { sequence } from '../../../functions/log/sequencer/sequence.ts';
import { fsck } from '../../../functions/log/verify/fsck.ts';
import { comparedWith, holdContradicted } from '../../../functions/log/verify/history.ts';
import { readLog } from '../../../functions/log/verify/readLog.ts';
import { verifyRecord } from '../../../functions/log/verify/recordFile.ts';
import { Replay } from '../../../functions/log/verify/replay.ts';
import { runConsumers } from '../../../functions/platform/feed/consumers.ts';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../functions/platform/store/record.ts';
import { policyAdopter } from '../../../functions/reactions/adoption/policies.ts';
import { readChange } from '../../../functions/register/project.ts';
import { rebuild } from '../../../functions/register/rebuild.ts';
import { latestOf } from '../../../functions/register/views/changeJson.ts';
import { approvedLike, forgery, gateOn } from '../../contract/forgery.ts';
import { sqliteStoreUnderTest } from '../../contract/sqliteUnderTest.ts';
import { must, readFeed, type StoreUnderTest } from '../../contract/underTest.ts';
import { believed } from '../../support/believed.ts';
import { council, mayor, policy, rule } from '../../support/fixtures/city.ts';
import { acceptAll, NO_MEMORY } from './sequencer/ports.ts';
import { recordText, trusted } from './verify/recordStory.ts';

// A gate with its sequencer, on a store that somebody writes to behind its back.

let subject: StoreUnderTest;
beforeEach(async () => {
  subject = await sqliteStoreUnderTest();
});
afterEach(() => subject.close());

describe('a commit that may not stand', () => {
  test('forged with the key of the MACs, and said to be in the log: it stays out, its feature is off, and it is named', async () => {
    const gate = await gateOn(subject);
    await gate.approve();
    await gate.notice({ feature: 'acme.undecided' });
    await sequence(gate.logPorts);
    const on = must(await subject.store.head('feature/acme'));
    const undecided = must(await subject.store.head('feature/acme.undecided'));
    expect(await gate.answer('acme')).toMatchObject({ enabled: true });
    const events = [approvedLike(on)];
    const { state } = foldStream(undecided.stream, JSON.parse(undecided.state), events);
    const forged = forgery(undecided, events, { state: canonical(state as JsonValue) });
    expect(await subject.store.append([forged])).toMatchObject({ appended: 1 });
    await putLogIndex(gate.sideStore, forged.stream, forged.version, { index: 0, hash: hashOf(forged.bytes) });
    await gate.notice({ feature: 'acme.other' });
    await sequence(gate.logPorts);
    expect(gate.entries()).not.toContain('feature/acme.undecided@2');
    expect(gate.entries()).toContain('feature/acme.other@1');
    await expect
      .poll(() => gate.answer('acme.undecided'))
      .toMatchObject({ enabled: false, because: 'what is stored cannot be relied on' });
    expect(await gate.answer('acme')).toMatchObject({ enabled: true });
    expect(await heldLimits(gate.sideStore)).toMatchObject([
      { code: 'judge-failed', detail: expect.stringContaining('Version 2 of feature/acme.undecided may not stand') },
    ]);
    // A new process judges the same.
    await sequence({ ...gate.logPorts, judge: new SequencerJudge(NO_MEMORY) });
    expect(gate.entries()).not.toContain('feature/acme.undecided@2');
    // In the log all the same, it ends what its stream says.
    await sequence({ ...gate.logPorts, judge: acceptAll() });
    expect(gate.entries()).toContain('feature/acme.undecided@2');
    const lacking = comparedWith(subject.store, new SequencerJudge(NO_MEMORY));
    expect(await lacking('feature/acme.undecided', forged)).toBe('a commit of the log may not stand');
  });

  test('a notice whose event differs from its raw message', async () => {
    const gate = await gateOn(subject);
    const { digest } = await gate.notice({ feature: 'acme.raw', optOut: 'no' });
    await sequence(gate.logPorts);
    expect(await gate.logPorts.blobs.get(noticePath(digest))).toBeDefined();
    const head = must(await subject.store.head('feature/acme.raw'));
    const [event = {}] = commitOf(head).events;
    const altered = { ...event, key: 'acme.altered', notice: { ...(event['notice'] as JsonObject), optOut: 'yes' } };
    const place = { stream: 'feature/acme.altered', id: randomUUID(), commandId: randomUUID() };
    const { state, stateVersion, attachments } = head;
    const record = newRecord({ ...commitOf(head), ...place, events: [altered] }, { state, stateVersion, attachments });
    expect(await subject.store.append([record])).toMatchObject({ appended: 1 });
    await sequence(gate.logPorts);
    expect(gate.entries()).not.toContain('feature/acme.altered@1');
    const detail = expect.stringContaining('feature/acme.altered may not stand: raw-notice');
    expect(await heldLimits(gate.sideStore)).toContainEqual(expect.objectContaining({ code: 'judge-failed', detail }));
  });

  test('a forged approval of a policy adopts nothing', async () => {
    const gate = await gateOn(subject);
    await gate.approve({ feature: 'acme.real' });
    await sequence(gate.logPorts);
    const like = must(await subject.store.head('feature/acme.real'));
    const first = { stream: 'feature/aldergate.policy', version: 1, prev: null, id: randomUUID(), commandId: randomUUID() };
    const forged = newRecord(
      { ...commitOf(like), ...first, events: [approvedLike(like)] },
      { state: like.state, stateVersion: like.stateVersion, attachments: [] },
    );
    expect(await subject.store.append([forged])).toMatchObject({ appended: 1 });
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
    expect(gate.entries()).not.toContain('feature/acme.ahead@1');
    expect(await heldLimits(gate.sideStore)).toMatchObject([
      { code: 'clock-behind', detail: expect.stringMatching(/ may not stand yet: .*12:06/) },
      {},
    ]);
    gate.at('2026-03-02T12:01:00.000Z');
    await sequence(gate.logPorts);
    expect(gate.entries()).toContain('feature/acme.ahead@1');
  });

  test('roster, policy and time zone of a clock that ran ahead wait outside, and are shown meanwhile', async () => {
    const gate = await gateOn(subject);
    gate.at('2026-03-01T12:00:00.000Z');
    await sequence(gate.logPorts);
    expect(gate.entries()).toEqual([]);
    const held = (await heldLimits(gate.sideStore)).map(({ stream }) => stream);
    expect(held).toEqual(['vendor/acme']);
    expect(await readRules({ store: believed(subject.store, gate.sideStore) })).toMatchObject({ policy: { number: 1 } });
  });
});

test('a row written behind the gate’s back, with a state, an audience or a MAC that it did not write, gives no answer and no entry of the log', async () => {
  const gate = await gateOn(subject);
  const logPorts = { ...gate.logPorts, store: subject.other, recordMacs: { altered: async () => [] } };
  const held = () => gate.logged.filter(({ event }) => event === 'stream is kept out of the public log');
  const refused = async (key: string, row: string, agency?: string) => {
    const asked = { agencies: agency === undefined ? [] : [agency] };
    for (const store of [subject.store, subject.other])
      expect(await evaluateKey({ ...gate.ports, store }, key, asked)).toMatchObject({ enabled: false });
    expect((await checkRows(subject.other)).problems.map(({ stream, version }) => `${stream}@${version}`)).toEqual([row]);
    expect((await rebuild({ ...gate.ports, store: subject.other })).rows).toEqual([expect.stringContaining(row)]);
    await sequence(logPorts);
    await expect(fsck(logPorts)).rejects.toThrow(row);
  };
  await gate.approve();
  await gate.approve({ feature: 'acme.shared' }, { terms: { ...NO_TERMS, audience: ['town-pd'] } });
  await gate.notice({ feature: 'acme.undecided' });
  await sequence(gate.logPorts);
  await fsck(logPorts);
  const headOf = async (key: string) => must(await subject.store.head(`feature/${key}`));
  const [on, shared, undecided] = [await headOf('acme'), await headOf('acme.shared'), await headOf('acme.undecided')];
  const told = (agency: string) => evaluateKey(gate.ports, 'acme.shared', { agencies: [agency] });
  expect([await told('town-pd'), await told('town-qd')]).toMatchObject([{ enabled: true }, { enabled: false }]);

  await subject.tamper(undecided.stream, 1, { state: on.state });
  await refused('acme.undecided', 'feature/acme.undecided@1');
  await subject.tamper(undecided.stream, 1, { state: undecided.state });

  await subject.tamper(shared.stream, shared.version, { state: shared.state.replaceAll('town-pd', 'town-qd') });
  await refused('acme.shared', `feature/acme.shared@${shared.version}`, 'town-qd');
  await subject.tamper(shared.stream, shared.version, { state: shared.state });
  expect((await checkRows(subject.other)).problems).toEqual([]);
  expect(held()).toEqual([]);

  const forged = forgery(undecided, commitOf(on).events, { state: on.state });
  expect(await subject.forger.append([forged])).toMatchObject({ appended: 1 });
  for (const mac of ['of a stranger', 'none'] as const) {
    await subject.tamper(forged.stream, forged.version, { mac });
    await refused('acme.undecided', `feature/acme.undecided@${forged.version}`);
  }
  expect(held()).toMatchObject([{ stream: 'feature/acme.undecided', version: 2, level: 'error' }]);
  // With the key the same row is accepted, so above it is refused for its MAC alone.
  await subject.tamper(forged.stream, forged.version, { mac: 'valid' });
  expect(await evaluateKey({ ...gate.ports, store: subject.other }, 'acme.undecided', {})).toMatchObject({ enabled: true });
});

test('of a store restored to before revocations, beside the newer public log, what the log has revoked is off, and nothing is signed; the rest stays', async () => {
  const gate = await gateOn(subject);
  const keys = ['acme', 'acme.lpr', 'acme.audio', 'acme.video'];
  for (const feature of keys) await gate.approve({ feature });
  await sequence(gate.logPorts);
  const { items: older } = await readFeed(subject.store, undefined, 100);
  await gate.revoke('acme.lpr/1');
  for (const key of ['acme.audio', 'acme.video']) await gate.revokeBeside(`${key}/1`, `beside/${key}`);
  await sequence(gate.logPorts);

  const earlier = await sqliteStoreUnderTest();
  for (const record of older) await earlier.store.append([record]);
  const restored = { ...gate.logPorts, store: earlier.store };
  const answers = () => Promise.all(keys.map(async (key) => (await gate.answer(key, earlier.store)).enabled));
  expect(await answers()).toEqual([true, true, true, true]);
  await expect(sequence(restored)).rejects.toMatchObject({ code: 'log-conflict' });
  // Where the public files cannot be read, nothing shows what else is lacking.
  const { blobs } = restored;
  const lost = { ...blobs, get: async (path: string) => (path.includes('entries') ? undefined : blobs.get(path)) };
  await holdContradicted({ ...restored, blobs: lost });
  expect(await answers()).toEqual([false, false, false, false]);
  for (const { id } of await gate.logPorts.sideStore.list('log-held')) await gate.logPorts.sideStore.remove('log-held', id);
  const read = new Map<string, number>();
  const history: StoreUnderTest['store']['history'] = (stream, range) => {
    read.set(stream, (read.get(stream) ?? 0) + 1);
    return earlier.store.history(stream, range);
  };
  await holdContradicted({ ...restored, store: { ...earlier.store, history } });
  expect(await gate.logPorts.sideStore.list('log-held')).toHaveLength(4);
  expect(await answers()).toEqual([true, false, false, false]);
  // A log of years is compared within a run: each stream at its end.
  for (const key of keys) expect(read.get(`feature/${key}`), key).toBe(1);
  await earlier.close();
});

test('a commit that enters the log late counts from when it could have been known, in answers, in files and in the list of verify', async () => {
  const [backdated, before, newest] = [
    '2026-03-05T12:00:00.000Z',
    '2026-03-19T00:00:00.000Z',
    '2026-03-20T12:00:00.000Z',
  ] as const;
  // A store that does not know its newest instant, so that a clock that is wrong is not noticed.
  const gate = await gateOn({ store: { ...subject.store, newestAt: async () => undefined } });
  gate.at(newest);
  await gate.notice({ feature: 'acme.other' });
  await sequence(gate.logPorts);
  // Every rule is kept, only the clock was set back by a fortnight.
  gate.at(backdated);
  await gate.notice({ feature: 'acme' });
  gate.at(newest);
  const checkpoint = must(await sequence(gate.logPorts));
  const answer = (at: string) => evaluateKey(gate.ports, 'acme', {}, at);
  expect(await answer(before)).toMatchObject({ enabled: false, variant: 'unknown', change: null });
  expect(await answer(newest)).toMatchObject({ variant: 'pending' });
  for (const at of [before, newest]) {
    const file = new TextEncoder().encode(await recordText(gate.logPorts, at, 'acme'));
    expect(verifyRecord(file, trusted).standing.evaluation).toEqual(await answer(at));
  }
  const { blobs } = gate.logPorts;
  const recordWith = (entries: (path: string) => Promise<Uint8Array | undefined>) => {
    const get = (path: string) => (path.includes('entries') ? entries(path) : blobs.get(path));
    return recordFor({ ...gate.logPorts, blobs: { ...blobs, get } }, 'acme', newest);
  };
  const damaged = { name: 'CorruptStore', cause: { code: 'tile-missing' } };
  await expect(recordWith(async () => undefined)).rejects.toMatchObject(damaged);
  // As if the entry of that instant were further back than is read.
  const without = async (path: string) => {
    const bundle = Buffer.from(must(await blobs.get(path))).toString('latin1');
    return Buffer.from(bundle.replaceAll(newest, before), 'latin1');
  };
  expect(await recordWith(without)).toEqual({ ok: false, because: 'too-long' });
  const replay = new Replay(trusted.origin);
  for await (const entry of readLog(blobs, checkpoint)) replay.take(entry);
  const found = replay.late.filter(({ stream }) => stream === 'feature/acme');
  expect(found).toMatchObject([{ stream: 'feature/acme', version: 1, at: backdated, from: newest }]);
});

test('a document is kept in parts, enters the log before what names it, and is published whole', async () => {
  const both = [council(), mayor()];
  const asking = rule(both, { id: 'report', when: { key: ['acme.**'] }, documents: ['report'], notice: 'P0D' });
  const rules = policy(asking, rule(both, { notice: 'P0D' }));
  const content = Buffer.alloc(DOCUMENT_PART_BYTES + 7, 'a');
  const gate = await gateOn(subject, rules);
  await gate.notice({ feature: 'acme.report' });
  const { view } = must(await readChange(gate.ports, 'acme.report', 1));
  const sent = { kind: 'report', title: 'Report', mediaType: 'text/plain', content, actor: 'operator', counted: null };
  const to = { key: 'acme.report', n: 1, revision: latestOf(view) };
  expect(await attachDocument(gate.ports, to, sent)).toMatchObject({ ok: true });
  await sequence(gate.logPorts);
  const sha256 = digestOf(content);
  const stream = `document/${sha256.slice(7)}`;
  const entries = gate.entries().filter((entry) => entry.startsWith(stream) || entry === 'feature/acme.report@2');
  expect(entries).toEqual([`${stream}@1`, `${stream}@2`, 'feature/acme.report@2']);
  expect(await gate.logPorts.blobs.get(documentPath(sha256))).toEqual(new Uint8Array(content));
});
