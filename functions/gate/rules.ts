import type { DecisionContext } from '../../domain/feature/commands.ts';
import { load } from '../platform/store/load.ts';
import { policyAggregate, rosterAggregate } from './aggregates.ts';
import type { GatePorts, Rules } from './ports.ts';
import { zoneInForce } from './settings.ts';

/** Reads the policy and the roster in force. */
export const readRules = async ({ store }: Pick<GatePorts, 'store'>): Promise<Rules> => {
  const [policy, roster] = await Promise.all([load(store, policyAggregate, 'policy'), load(store, rosterAggregate, 'roster')]);
  return { policy: policy.state.inForce, roster: roster.state.inForce };
};

/** Returns the rules for commands, at most as old as the setting allows; see {@link GatePorts}. */
export const rulesInForce = (ports: GatePorts): Promise<Rules> => (ports.rules ?? (() => readRules(ports)))();

/** Returns the context that {@link submit} decides a command against: reads the rules once, takes the instant at each try. */
export const decisionContext = async (ports: GatePorts): Promise<(at: string) => DecisionContext> => {
  const [rules, zone] = await Promise.all([rulesInForce(ports), zoneInForce(ports)]);
  return (at) => ({ at, zone, ...rules });
};
