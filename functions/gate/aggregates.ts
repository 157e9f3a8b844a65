import { featureDecider } from '../../domain/feature/decide.ts';
import { FeatureEvent } from '../../domain/feature/events.ts';
import { FeatureState, STATE_VERSION } from '../../domain/feature/state.ts';
import { LOG_STATE_VERSION, LogState, logDecider } from '../../domain/log/decide.ts';
import { CheckpointSigned } from '../../domain/log/events.ts';
import { observationDecider } from '../../domain/observation/decide.ts';
import { ObservationEvent } from '../../domain/observation/events.ts';
import { OBSERVATION_STATE_VERSION, ObservationState } from '../../domain/observation/state.ts';
import { policyDecider } from '../../domain/policy/decide.ts';
import { PolicyEvent } from '../../domain/policy/events.ts';
import { POLICY_STATE_VERSION, POLICY_STREAM, PolicyState } from '../../domain/policy/state.ts';
import { underPolicy } from '../../domain/roster/bodies.ts';
import { rosterDecider } from '../../domain/roster/decide.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { ROSTER_STATE_VERSION, ROSTER_STREAM, RosterState } from '../../domain/roster/state.ts';
import { vendorDecider } from '../../domain/vendors/decide.ts';
import { VendorEvent } from '../../domain/vendors/events.ts';
import { VENDOR_STATE_VERSION, VendorState } from '../../domain/vendors/state.ts';
import { aggregate } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';

// The marks let a bundle leave out the aggregates that its function does not use.

/** Stream `feature/<key>`. */
export const featureAggregate = /* @__PURE__ */ aggregate(featureDecider, STATE_VERSION, FeatureState, FeatureEvent);

/** Stream `policy`. */
export const policyAggregate = /* @__PURE__ */ aggregate(policyDecider, POLICY_STATE_VERSION, PolicyState, PolicyEvent);

/** Stream `roster`. */
export const rosterAggregate = /* @__PURE__ */ aggregate(rosterDecider, ROSTER_STATE_VERSION, RosterState, RosterEvent);

/** Stream `vendor/<id>`. */
export const vendorAggregate = /* @__PURE__ */ aggregate(vendorDecider, VENDOR_STATE_VERSION, VendorState, VendorEvent);

/** Stream `observation/<vendor>/<source>`. */
export const observationAggregate = /* @__PURE__ */ aggregate(
  observationDecider,
  OBSERVATION_STATE_VERSION,
  ObservationState,
  ObservationEvent,
);

/** Stream `log`. */
export const logAggregate = /* @__PURE__ */ aggregate(logDecider, LOG_STATE_VERSION, LogState, CheckpointSigned);

interface Reads {
  readonly store: Store;
}

export const readPolicies = async ({ store }: Reads): Promise<PolicyState> =>
  (await load(store, policyAggregate, POLICY_STREAM)).state;

/** In `rosters` the one in force has the seats of the policy in force; `stored`: as it stands in the log. */
export interface InForce {
  readonly policies: PolicyState;
  readonly rosters: RosterState;
  readonly stored: RosterState;
}

export const readInForce = async ({ store }: Reads): Promise<InForce> => {
  const [{ state: policies }, { state: stored }] = await Promise.all([
    load(store, policyAggregate, POLICY_STREAM),
    load(store, rosterAggregate, ROSTER_STREAM),
  ]);
  return { policies, rosters: underPolicy(stored, policies.inForce?.bodies), stored };
};

/** The rosters with the seats of the policy in force: a term in a seat that the policy lacks counts nowhere. */
export const readRosters = async (reads: Reads): Promise<RosterState> => (await readInForce(reads)).rosters;
