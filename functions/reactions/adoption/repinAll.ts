import { featureStream } from '../../../domain/feature/keys.ts';
import { orderFeature } from '../../gate/feature.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';

const PAGE = 200;

const featureKeys = async ({ store }: GatePorts): Promise<ReadonlySet<string>> => {
  const prefix = featureStream('');
  const keys = new Set<string>();
  for (let cursor: string | undefined; ; ) {
    const page = await store.feed(cursor, PAGE);
    for (const { stream } of page.items) if (stream.startsWith(prefix)) keys.add(stream.slice(prefix.length));
    cursor = page.next;
    if (page.done) return keys;
  }
};

/** Binds every open change of every feature to the policy in force, voiding what was decided under another. Returns how many features changed. */
export const repinAll = async (ports: GatePorts): Promise<number> => {
  const { policy } = await readRules(ports);
  let repinned = 0;
  for (const key of await featureKeys(ports)) {
    // Twice: one commit holds at most twenty events, and sixteen changes can be open.
    for (const part of [1, 2]) {
      const done = await orderFeature(ports, {
        key,
        commandId: `repin/${policy?.number ?? 0}/${key}/${part}`,
        actor: 'operator',
        request: { type: 'repin' },
      });
      if (done.ok && done.appended) repinned += 1;
    }
  }
  return repinned;
};
