import type { FeatureCommand, FeatureRejection } from '../../domain/feature/commands.ts';
import { featureDecider } from '../../domain/feature/decide.ts';
import { FeatureEvent } from '../../domain/feature/events.ts';
import { FeatureState, STATE_VERSION } from '../../domain/feature/state.ts';
import { LOG_STATE_VERSION, type LogRejection, LogState, logDecider, type SignCheckpoint } from '../../domain/log/decide.ts';
import { CheckpointSigned } from '../../domain/log/events.ts';
import { type ObservationRejection, observationDecider, type RecordObservation } from '../../domain/observation/decide.ts';
import { ObservationEvent } from '../../domain/observation/events.ts';
import { OBSERVATION_STATE_VERSION, ObservationState } from '../../domain/observation/state.ts';
import { type PolicyCommand, type PolicyRejection, policyDecider } from '../../domain/policy/decide.ts';
import { PolicyEvent } from '../../domain/policy/events.ts';
import { POLICY_STATE_VERSION, POLICY_STREAM, PolicyState } from '../../domain/policy/state.ts';
import { type RosterCommand, type RosterRejection, rosterDecider } from '../../domain/roster/decide.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { ROSTER_STATE_VERSION, ROSTER_STREAM, RosterState } from '../../domain/roster/state.ts';
import { type VendorCommand, type VendorRejection, vendorDecider } from '../../domain/vendors/decide.ts';
import { VendorEvent } from '../../domain/vendors/events.ts';
import { VENDOR_STATE_VERSION, VendorState } from '../../domain/vendors/state.ts';
import { type Aggregate, parsedBy } from '../platform/store/aggregate.ts';
import { load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';

/** The life cycle of one feature: stream `feature/<key>`. */
export const featureAggregate: Aggregate<FeatureCommand, FeatureState, FeatureEvent, FeatureRejection> = {
  decider: featureDecider,
  stateVersion: STATE_VERSION,
  ...parsedBy(FeatureState, FeatureEvent),
};

/** The city's policies: stream `policy`. */
export const policyAggregate: Aggregate<PolicyCommand, PolicyState, PolicyEvent, PolicyRejection> = {
  decider: policyDecider,
  stateVersion: POLICY_STATE_VERSION,
  ...parsedBy(PolicyState, PolicyEvent),
};

/** The city's rosters: stream `roster`. */
export const rosterAggregate: Aggregate<RosterCommand, RosterState, RosterEvent, RosterRejection> = {
  decider: rosterDecider,
  stateVersion: ROSTER_STATE_VERSION,
  ...parsedBy(RosterState, RosterEvent),
};

/** One vendor and its keys: stream `vendor/<id>`. */
export const vendorAggregate: Aggregate<VendorCommand, VendorState, VendorEvent, VendorRejection> = {
  decider: vendorDecider,
  stateVersion: VENDOR_STATE_VERSION,
  ...parsedBy(VendorState, VendorEvent),
};

/** The features observed to be on at one vendor: stream `observation/<vendor>`. */
export const observationAggregate: Aggregate<RecordObservation, ObservationState, ObservationEvent, ObservationRejection> = {
  decider: observationDecider,
  stateVersion: OBSERVATION_STATE_VERSION,
  ...parsedBy(ObservationState, ObservationEvent),
};

/** The public log: stream `log`. */
export const logAggregate: Aggregate<SignCheckpoint, LogState, CheckpointSigned, LogRejection> = {
  decider: logDecider,
  stateVersion: LOG_STATE_VERSION,
  ...parsedBy(LogState, CheckpointSigned),
};

interface Reads {
  readonly store: Store;
}

/** Reads the policy in force and those that are proposed: one strongly consistent read. */
export const readPolicies = async ({ store }: Reads): Promise<PolicyState> =>
  (await load(store, policyAggregate, POLICY_STREAM)).state;

/** Reads the roster in force and the one that is proposed: one strongly consistent read. */
export const readRosters = async ({ store }: Reads): Promise<RosterState> =>
  (await load(store, rosterAggregate, ROSTER_STREAM)).state;
