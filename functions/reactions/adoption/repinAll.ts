import { featureStream } from '../../../domain/feature/keys.ts';
import { orderFeature } from '../../gate/feature.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { walkFeed } from '../../platform/feed/sweep.ts';
import { ifReadable } from '../../platform/store/errors.ts';

/**
 * Binds every open change of every feature to the policy in force, which voids decisions made under another. Returns the number of features
 * that changed.
 */
export const repinAll = async (ports: GatePorts): Promise<number> => {
  const { policy } = await readRules(ports);
  let repinned = 0;
  const prefix = featureStream('');
  for (const stream of (await walkFeed(ports.store)).newest.keys()) {
    if (!stream.startsWith(prefix)) continue;
    const key = stream.slice(prefix.length);
    // Twice: one commit holds at most twenty events, and sixteen changes can be open.
    for (const part of [1, 2]) {
      const commandId = `repin/${policy?.number ?? 0}/${key}/${part}`;
      // A feature that cannot be read is off, and stays off.
      const done = await ifReadable(orderFeature(ports, { key, commandId, actor: 'operator', request: { type: 'repin' } }));
      if (done?.ok && done.appended) repinned += 1;
    }
  }
  return repinned;
};
