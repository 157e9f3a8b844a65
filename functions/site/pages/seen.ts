import { observationStream } from '../../../domain/observation/state.ts';
import { observationAggregate } from '../../gate/aggregates.ts';
import { CorruptStore } from '../../store/errors.ts';
import { load } from '../../store/load.ts';
import type { SiteDeps } from '../deps.ts';

/** The keys that were on when a vendor was last looked at, with when that was. An observation that cannot be read tells nothing. */
export const seenOn = async ({ ports }: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const found = await Promise.all(
    vendors.map(async (vendor) => {
      try {
        const { state } = await load(ports.store, observationAggregate, observationStream(vendor));
        return Object.entries(state.features).flatMap(([key, { on, observedAt }]) => (on ? [[key, observedAt] as const] : []));
      } catch (error) {
        if (error instanceof CorruptStore) return [];
        throw error;
      }
    }),
  );
  return new Map(found.flat());
};
