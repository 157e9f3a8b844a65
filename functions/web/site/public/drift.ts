import { mayBeOn, VARIANTS } from '../../../../domain/feature/evaluate.ts';
import { vendorOf } from '../../../../domain/feature/keys.ts';
import { driftsIn, isDrift, keysSeenOn } from '../../../../domain/observation/drift.ts';
import { type ObservationState, observationStream } from '../../../../domain/observation/state.ts';
import { observationAggregate } from '../../../gate/aggregates.ts';
import { evaluateKey, evaluateKeys } from '../../../gate/heads.ts';
import { ifReadable } from '../../../platform/store/errors.ts';
import { load } from '../../../platform/store/load.ts';
import { hasKey } from '../../../register/lists.ts';
import { BY_STATUS } from '../../../register/rows.ts';
import type { SiteDeps } from '../deps.ts';

/** Returns what was observed at a vendor; undefined if it cannot be read. */
export const observationOf = async ({ ports }: SiteDeps, vendor: string): Promise<ObservationState | undefined> =>
  (await ifReadable(load(ports.store, observationAggregate, observationStream(vendor))))?.state;

/**
 * Returns what was seen on at the vendors and may not be on for any agency, with when it was seen last. What may be on by the register is
 * left out; the rest is judged on the heads.
 */
export const driftOf = async (deps: SiteDeps, vendors: readonly string[]): Promise<ReadonlyMap<string, string>> => {
  const { ports } = deps;
  const byStatus = await ports.register.facet(BY_STATUS, { now: ports.clock() });
  const onByRegister = VARIANTS.filter(mayBeOn).map((status) => byStatus.get(status) ?? []);
  const observed = (await Promise.all(vendors.map((vendor) => observationOf(deps, vendor)))).flatMap((state) => state ?? []);
  const doubted = new Set(observed.flatMap(keysSeenOn).filter((key) => onByRegister.every((rows) => !hasKey(rows, key))));
  const evaluations = await evaluateKeys(ports, [...doubted], {});
  const drifts = observed.flatMap((state) => driftsIn(state, (key) => evaluations.get(key)?.variant));
  return new Map(drifts.filter(({ key }) => doubted.has(key)).map(({ key, observedAt }) => [key, observedAt]));
};

/** Returns when a key was seen on last, if it may not be on for any agency by its heads; undefined otherwise. */
export const driftAt = async (deps: SiteDeps, key: string): Promise<string | undefined> => {
  const { features = {} } = (await observationOf(deps, vendorOf(key))) ?? {};
  const seen = Object.hasOwn(features, key) ? features[key] : undefined;
  if (seen?.on !== true) return undefined;
  const { variant } = await evaluateKey(deps.ports, key, {});
  return isDrift(true, variant) ? seen.observedAt : undefined;
};
