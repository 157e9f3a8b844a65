import { randomUUID } from 'node:crypto';
import { accept } from '../../../domain/kernel/decider.ts';
import type { JsonObject } from '../../../domain/kernel/json.ts';
import type { Aggregate } from '../../../functions/platform/store/aggregate.ts';
import type { Store } from '../../../functions/platform/store/port.ts';
import { StreamQueue } from '../../../functions/platform/store/queue.ts';
import { type SubmitPorts, submit } from '../../../functions/platform/store/submit.ts';
import { type Counting, EVENT, expectCount } from './peer.ts';

/** Counts its events; the rules of an aggregate are not measured. */
export const counter: Aggregate<null, number, JsonObject, never> = {
  decider: { initialState: 0, decide: () => accept<JsonObject>(EVENT), evolve: (count) => count + 1 },
  stateVersion: 1,
  parseEvent: (json) => json,
  parseState: (json) => Number(json),
};

/** Returns the ports of an append protocol on a store. */
export const portsOf = (store: Store): SubmitPorts => ({
  store,
  clock: () => new Date().toISOString(),
  newId: randomUUID,
  queue: new StreamQueue(),
});

/** The gate's own store and append protocol. */
export const gateCounting = (store: Store): Counting => {
  const ports = portsOf(store);
  const command = async (stream: string, expected: number): Promise<void> => {
    const request = { stream: `counter/${stream}`, commandId: randomUUID(), actor: 'bench', command: () => null };
    const done = await submit(ports, counter, request);
    if (!done.ok) throw new Error(`refused: ${done.rejection.detail}`);
    expectCount(done.version, expected + 1);
  };
  return {
    fill: async (stream, count) => {
      for (let n = 0; n < count; n += 1) await command(stream, n);
    },
    command,
    close: () => store.close(),
  };
};
