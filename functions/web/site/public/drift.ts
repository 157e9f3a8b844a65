import { mayBeOn } from '../../../../domain/feature/evaluate.ts';
import { type ObservationState, observationStream } from '../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../gate/aggregates.ts';
import { evaluateKeys } from '../../../gate/heads.ts';
import { CorruptStore } from '../../../platform/store/errors.ts';
import { load } from '../../../platform/store/load.ts';
import type { SiteDeps } from '../deps.ts';

/** What was observed at a vendor. An observation that cannot be read tells nothing. */
export const observationOf = async ({ ports }: SiteDeps, vendor: string): Promise<ObservationState | undefined> => {
  try {
    return (await load(ports.store, observationAggregate, observationStream(vendor))).state;
  } catch (error) {
    if (error instanceof CorruptStore) return undefined;
    throw error;
  }
};

/** The keys that were on when a vendor was last looked at, with when that was. */
export const seenOn = async (deps: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const states = await Promise.all(vendors.map((vendor) => observationOf(deps, vendor)));
  const on = states.flatMap((state) => Object.entries(state?.features ?? {}).filter(([, seen]) => seen.on));
  return new Map(on.map(([key, { observedAt }]) => [key, observedAt]));
};

/** What was seen on at the vendors and is not allowed to be, judged on the heads, with when it was seen last. */
export const driftOf = async (deps: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const seen = await seenOn(deps, vendors);
  const evaluations = await evaluateKeys(deps.ports, [...seen.keys()], {});
  return new Map([...seen].filter(([key]) => !mayBeOn(evaluations.get(key)?.variant ?? 'unknown')));
};
