import type { DecisionContext } from '../../domain/feature/commands.ts';
import { featureStream } from '../../domain/feature/keys.ts';
import { latest } from '../../domain/kernel/order.ts';
import { ifReadable } from '../platform/store/errors.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { featureAggregate, readInForce } from './aggregates.ts';
import type { GatePorts, Rules } from './ports.ts';
import { zoneVersion } from './settings.ts';

export const readRules = async (ports: Pick<GatePorts, 'store'>): Promise<Rules> => {
  const { policies, rosters } = await readInForce(ports);
  return { policy: policies.inForce, roster: rosters.inForce };
};

/** For a setting in which a read costs little. */
export const directReads = (store: Store): Pick<GatePorts, 'rules' | 'glance'> => ({
  rules: () => readRules({ store }),
  glance: (keys) =>
    Promise.all(keys.map(async (key) => (await ifReadable(load(store, featureAggregate, featureStream(key))))?.state ?? null)),
});

/** `notBefore`: since when all versions that a command names are in force. */
export interface RulesInForce extends Rules {
  readonly zone: string;
  readonly notBefore: string;
  readonly at: (instant: string) => DecisionContext;
}

/** The instant is taken at each try. */
export const rulesInForce = async (ports: GatePorts): Promise<RulesInForce> => {
  const [rules, { zone, since }] = await Promise.all([ports.rules(), zoneVersion(ports)]);
  const notBefore = latest(since, rules.policy?.since, rules.roster?.since);
  return { ...rules, zone, notBefore, at: (at) => ({ at, zone, ...rules }) };
};
