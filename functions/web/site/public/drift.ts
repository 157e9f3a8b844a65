import { driftsIn, keysSeenOn } from '../../../../domain/observation/drift.ts';
import { type ObservationState, observationStream } from '../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../gate/aggregates.ts';
import { evaluateKeys } from '../../../gate/heads.ts';
import { CorruptStore } from '../../../platform/store/errors.ts';
import { load } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';

/** Returns what was observed at a vendor; undefined if it cannot be read. */
export const observationOf = async ({ ports }: SiteDeps, vendor: string): Promise<ObservationState | undefined> => {
  try {
    return (await load(ports.store, observationAggregate, observationStream(vendor))).state;
  } catch (error) {
    if (error instanceof CorruptStore) return undefined;
    throw error;
  }
};

/** Returns what was seen on at the vendors and may not be on for any agency, judged on the heads, with when it was seen last. */
export const driftOf = async (deps: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const observed = (await Promise.all(vendors.map((vendor) => observationOf(deps, vendor)))).flatMap((state) => state ?? []);
  const evaluations = await evaluateKeys(deps.ports, observed.flatMap(keysSeenOn), {});
  const drifts = observed.flatMap((state) => driftsIn(state, (key) => evaluations.get(key)?.variant));
  return new Map(drifts.map(({ key, observedAt }) => [key, observedAt]));
};
