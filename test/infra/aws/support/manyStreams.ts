import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { openDynamoSideStore } from '../../../../functions/platform/store/dynamo/dynamoSideStore.ts';
import { openDynamoStore } from '../../../../functions/platform/store/dynamo/dynamoStore.ts';
import { StreamQueue } from '../../../../functions/platform/store/queue.ts';
import { createToken } from '../../../../functions/web/http/tokens.ts';
import { clientAt } from '../../../contract/dynamoTables.ts';
import { testGuard, testMacs } from '../../../support/macs.ts';
import type { Played } from './firstDecision.ts';

/** More streams than the sequencer compares in one turn. */
const TOKENS = 101;

/** Tests of a city whose log has more streams than are compared with it at once. */
export const manyStreams = (played: () => Played): void => {
  test('with more streams than one turn compares, the sequencer continues at the next turn where it was', async () => {
    const { gate } = played();
    const client = clientAt(gate.engine);
    const store = openDynamoStore({ client, table: 'CommitsTable', now: Date.now, macs: testMacs });
    const sideStore = openDynamoSideStore({ client, table: 'SideTable', guard: testGuard });
    const clock = () => new Date().toISOString();
    const ports = { store, sideStore, clock, newId: randomUUID, queue: new StreamQueue() };
    const tokens = Array.from({ length: TOKENS }, (_, i) => ({ name: `system-${i}`, scopes: ['state:read'] }));
    await Promise.all(tokens.map((token) => createToken(ports, token)));
    await gate.invoke('sequencer', { task: 'sweep' });
    const compared = () => sideStore.get('log-compared', 'sequencer');
    expect(await compared()).toBeUndefined();
    // A new process compares at once.
    await gate.restart(0);
    await gate.invoke('sequencer', { task: 'sweep' });
    expect(await compared()).toBe(100);
    expect(gate.cloud.denied).toStrictEqual([]);
    client.destroy();
  });
};
