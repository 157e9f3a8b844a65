import { openChanges } from '../../../domain/feature/state.ts';
import { driftsIn, keysSeenOn } from '../../../domain/observation/drift.ts';
import { observationStream } from '../../../domain/observation/state.ts';
import { observationAggregate } from '../../gate/aggregates.ts';
import { evaluateKeys } from '../../gate/heads.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { load } from '../../platform/store/load.ts';
import type { RegisterPorts } from '../../register/rows.ts';

const DAY_MS = 86_400_000;

/** From the register, which may lag. */
export interface Gauges {
  /** 0 if none is open. */
  readonly oldestPendingDays: number;
  /** Features that were last seen on and may not be on for any agency. */
  readonly openDrifts: number;
}

const driftsOf = async (ports: GatePorts, vendor: string): Promise<number> => {
  const { state } = await load(ports.store, observationAggregate, observationStream(vendor));
  const evaluations = await evaluateKeys(ports, keysSeenOn(state), {});
  return driftsIn(state, (key) => evaluations.get(key)?.variant).length;
};

export const readGauges = async (ports: GatePorts & RegisterPorts, now: string): Promise<Gauges> => {
  const since: string[] = [];
  for await (const { state } of ports.register.documents({ after: '', open: true }))
    since.push(...openChanges(state).map((change) => change.since));
  const oldest = since.toSorted()[0];
  let openDrifts = 0;
  for (const vendor of await ports.register.vendors()) openDrifts += await driftsOf(ports, vendor);
  return {
    oldestPendingDays: oldest === undefined ? 0 : Math.max(0, (Date.parse(now) - Date.parse(oldest)) / DAY_MS),
    openDrifts,
  };
};
