import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StoredCommit } from '../../../functions/platform/store/port.ts';
import { commitOf, newRecord } from '../../../functions/platform/store/record.ts';
import type { actorsOf } from '../../infra/aws/support/actors.ts';
import { streamRecord } from '../../infra/aws/support/events.ts';
import { type GateOnAws, openTables } from '../../infra/aws/support/gateOnAws.ts';
import { beginStage, published, withGateOnAws } from '../../infra/aws/support/opened.ts';
import { type Subscriber, startSubscriber } from '../../infra/aws/support/subscriber.ts';

let gate: GateOnAws;
let actors: ReturnType<typeof actorsOf>;
let tables: ReturnType<typeof openTables>;
let one: Subscriber;
let other: Subscriber;

/** Longer than the pauses between tries of one commit, all together. */
const later = () => gate.restart(2 * 60_000);

const idsOnBus = () => published(gate).map(({ id }) => id);
const idsOf = ({ heard }: Subscriber): readonly string[] => heard.map(({ id }) => id);

withGateOnAws((opened) => {
  ({ gate, actors } = opened);
});
beforeAll(async () => {
  tables = openTables(gate.engine);
  [one, other] = [await startSubscriber(tables), await startSubscriber(tables)];
});
afterAll(async () => {
  for (const subscriber of [one, other]) await subscriber.close();
  tables.client.destroy();
});

/** Returns a notice that a vendor sent for one feature as a commit of another: every key fits, and the judge refuses it. */
const planted = async (): Promise<StoredCommit> => {
  const { store } = tables;
  const head = (await store.head('feature/acme.honest')) ?? expect.fail('no such feature');
  const stream = 'feature/acme.planted';
  const commit = { ...commitOf(head), stream, version: 1, prev: null, id: randomUUID(), commandId: randomUUID() };
  const record = newRecord(commit, { state: head.state, stateVersion: head.stateVersion, attachments: head.attachments });
  expect(await store.append([record])).toMatchObject({ appended: 1 });
  return record;
};

test('an honest commit makes its mail, event and webhook once it was judged, each once; one that may not stand makes none', async () => {
  const sent = () => [gate.cloud.mails.length, gate.cloud.published.length, one.heard.length, other.heard.length];
  await beginStage(gate, actors);
  await gate.invoke('clock', { task: 'sweep' });
  await gate.pump();

  const before = sent();
  expect((await actors.vendor('acme.honest')).status).toBe(202);
  for (const name of ['notify', 'webhooks', 'clock'] as const) await gate.invoke(name, { task: 'sweep' });
  expect(sent()).toStrictEqual(before);
  await gate.pump();
  const after = sent();
  expect(after.map((count, index) => count > (before[index] ?? 0))).toStrictEqual([true, true, true, true]);
  for (const ids of [idsOnBus(), idsOf(one), idsOf(other)]) expect(new Set(ids).size).toBe(ids.length);
  const types = published(gate).flatMap(({ subject, type }) => (subject === 'acme.honest' ? [type] : []));
  expect(types.filter((type) => !type.startsWith('aldergate.derived.'))).toHaveLength(1);
  expect(types.filter((type) => type === 'aldergate.derived.AnswerChanged.v1')).toHaveLength(1);
  await gate.sweep();
  expect(sent()).toStrictEqual(after);

  const { length: known } = await gate.cloud.inbox();
  const { stream, version } = await planted();
  await gate.deliver([streamRecord({ stream, version }, 7_000)]);
  await gate.pump();
  const mailed = async () => {
    await gate.sweep();
    return (await gate.cloud.inbox()).slice(known).map(({ subject, destination }) => [subject, destination.to]);
  };
  // The one mail is about the fault. What a function has found is kept for a moment, so that the next sweep may not know of it yet.
  const aboutFault = [['Aldergate found something that is not right', ['hc@city.example']]];
  await expect.poll(mailed).toStrictEqual(aboutFault);
  expect(await mailed()).toStrictEqual(aboutFault);
  expect(sent().slice(1)).toStrictEqual(after.slice(1));
  const kept = '"event":"stream is kept out of the public log","stream":"feature/acme.planted","version":1';
  expect(gate.log.join('')).toContain(kept);
  expect(await actors.isOn('acme.planted')).toBe(false);
});

test('one who fails, or sends the caller elsewhere, holds up nobody, and hears all of it later, in order', async () => {
  const before = other.heard.length;
  for (const mood of ['failing', 'moved'] as const) {
    other.mood = mood;
    await actors.vendor(`acme.${mood}`);
    await gate.pump();
    await gate.invoke('webhooks', { task: 'sweep' });
    expect([...idsOf(one)].sort()).toStrictEqual([...idsOnBus()].sort());
    expect(other.heard).toHaveLength(before);
  }
  other.mood = 'well';
  await later();
  await gate.invoke('webhooks', { task: 'sweep' });
  expect([...idsOf(other)].sort()).toStrictEqual([...idsOnBus()].sort());
  const numbers = (family: string) =>
    other.heard
      .map(({ body }) => JSON.parse(body) as { readonly type: string; readonly subject: string; readonly sequence: number })
      .filter(({ type, subject }) => type.startsWith(`aldergate.${family}.`) && subject === 'acme.failing')
      .map(({ sequence }) => sequence);
  for (const family of ['feature', 'derived']) {
    expect(numbers(family)).not.toHaveLength(0);
    expect(numbers(family)).toStrictEqual(numbers(family).toSorted((a, b) => a - b));
  }
});
