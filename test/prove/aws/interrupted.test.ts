import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { rotateVendor } from '../../../functions/gate/vendors.ts';
import { heldStreams } from '../../../functions/log/sequencer/logIndex.ts';
import { commitOf, newRecord } from '../../../functions/platform/store/record.ts';
import type { Fault, Seen } from '../../contract/faultProxy.ts';
import { must } from '../../contract/underTest.ts';
import { logged, relayed } from '../../infra/aws/faults/checks.ts';
import { beginCity, gatePortsOf } from '../../infra/aws/faults/city.ts';
import { coldStart } from '../../infra/aws/faults/coldStart.ts';
import { type Lane, type Lanes, openLanes, type Snapshot } from '../../infra/aws/faults/lanes.ts';

// The sequencer with DynamoDB and S3: its process ends between judging, signing and saving what its judge has learned.

let lanes: Lanes;
let begun: Snapshot;
beforeAll(async () => {
  lanes = await openLanes();
  begun = await beginCity(lanes);
});
beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  vi.spyOn(performance, 'now').mockReturnValue(0);
});
afterAll(() => lanes.close());

const PLANTED = 'vendor/planted';
const JUDGED = 'log/judged';

const sweep = async (lane: Lane): Promise<unknown> =>
  (await coldStart('sequencer', lanes.proxy, lane))({ task: 'sweep' }, { awsRequestId: randomUUID() });

/** Plants the second commit of one vendor as the first of another: every key fits, and the judge refuses it. */
const plant = async ({ truth }: Lane): Promise<void> => {
  const head = must(await truth.store.head('vendor/acme'));
  const commit = { ...commitOf(head), stream: PLANTED, version: 1, prev: null, id: randomUUID(), commandId: randomUUID() };
  const { state, stateVersion } = head;
  expect(await truth.store.append(newRecord(commit, { state, stateVersion, attachments: [] }))).toEqual({ outcome: 'appended' });
};

const signs = ({ operation, table = '', key }: Seen): boolean =>
  operation === 'PutItem' && table.endsWith('commits') && key === 'log';
const saves = ({ operation, key }: Seen): boolean => operation === 'PutObject' && key === JUDGED;

test.each([
  ['before it signs', signs, 'request-lost'],
  ['right after it signed', signs, 'response-lost'],
  ['before it saves what it has learned', saves, 'request-lost'],
  ['right after it saved what it has learned', saves, 'response-lost'],
] as const)('%s: the log continues, nothing is judged differently, nothing planted enters', async (_, isPoint, fault) => {
  const lane = await lanes.open(begun);
  await sweep(lane);
  expect(await rotateVendor(gatePortsOf(lane), 'acme')).toMatchObject({ ok: true });
  await plant(lane);

  let isDead = false;
  lanes.proxy.plan((seen): Fault | undefined => {
    if (isDead) return 'request-lost';
    isDead = isPoint(seen);
    return isDead ? fault : undefined;
  }, lane.name);
  await sweep(lane).catch(() => undefined);
  expect(isDead).toBe(true);
  lanes.proxy.plan(() => undefined, lane.name);

  await sweep(lane);
  const except = [PLANTED];
  await logged(lane, { except });
  await relayed(lane, { except, raced: true });
  const held = await heldStreams(lane.truth.sideStore);
  expect(held).toMatchObject([{ stream: PLANTED, version: 1 }]);

  // A sequencer that reads the whole log again comes to the same, and the log goes on.
  lanes.forget(lane, JUDGED);
  expect(await rotateVendor(gatePortsOf(lane), 'acme')).toMatchObject({ ok: true });
  await sweep(lane);
  await logged(lane, { except });
  expect(await heldStreams(lane.truth.sideStore)).toEqual(held);
  await lane.drop();
});
