import type * as z from 'zod';
import {
  ACCESS_STATE_VERSION,
  type AccessCommand,
  type AccessRejection,
  AccessState,
  accessDecider,
} from '../../domain/access/decide.ts';
import { AccessEvent } from '../../domain/access/events.ts';
import { DOCUMENT_STATE_VERSION, DocumentState, documentDecider } from '../../domain/documents/decide.ts';
import { DocumentPartKept } from '../../domain/documents/events.ts';
import { featureDecider } from '../../domain/feature/decide.ts';
import { FeatureEvent } from '../../domain/feature/events.ts';
import { FeatureState, STATE_VERSION } from '../../domain/feature/state.ts';
import { accept, type Decider, nothing, reject } from '../../domain/kernel/decider.ts';
import type { JsonObject } from '../../domain/kernel/json.ts';
import {
  LOG_STATE_VERSION,
  LOGBOOK_STATE_VERSION,
  LogbookState,
  LogState,
  logbookDecider,
  logDecider,
} from '../../domain/log/decide.ts';
import { CheckpointSigned, LogKeyAnnounced, logbookStream } from '../../domain/log/events.ts';
import { OBSERVATION_STATE_VERSION, ObservationState, observationDecider } from '../../domain/observation/decide.ts';
import { ObservationEvent } from '../../domain/observation/events.ts';
import { POLICY_STATE_VERSION, POLICY_STREAM, PolicyState, policyDecider } from '../../domain/policy/decide.ts';
import { PolicyEvent } from '../../domain/policy/events.ts';
import { NoticeReceived } from '../../domain/receipt/events.ts';
import { REDACTION_STATE_VERSION, RedactionState, redactionDecider } from '../../domain/redaction/decide.ts';
import { RedactionEvent } from '../../domain/redaction/events.ts';
import { REVOCATION_STATE_VERSION, RevocationState, revocationDecider } from '../../domain/revocation/decide.ts';
import { RevocationRecorded } from '../../domain/revocation/events.ts';
import { underPolicy } from '../../domain/roster/bodies.ts';
import { rosterDecider } from '../../domain/roster/decide.ts';
import { RosterEvent } from '../../domain/roster/events.ts';
import { ROSTER_STATE_VERSION, ROSTER_STREAM, RosterState } from '../../domain/roster/state.ts';
import { SETTINGS_STATE_VERSION, SettingsState, settingsDecider } from '../../domain/settings/decide.ts';
import { SettingsEvent } from '../../domain/settings/events.ts';
import { VENDOR_STATE_VERSION, VendorState, vendorDecider } from '../../domain/vendors/decide.ts';
import { VendorEvent } from '../../domain/vendors/events.ts';
import { StoreUnavailable } from '../platform/store/errors.ts';
import { type Aggregate, aggregate, commitsAbove, eventsOf, load } from '../platform/store/load.ts';
import type { Store } from '../platform/store/port.ts';
import { type SubmitPorts, type Submitted, submit } from '../platform/store/submit.ts';

/** The refusal of another body under a sender's id. */
export const OTHER_BODY = {
  code: 'other-body',
  detail: 'another body was received under this id; send it under a new one',
} as const;

const ReceiptState = NoticeReceived.nullable();
type ReceiptState = z.infer<typeof ReceiptState>;

const receiptDecider: Decider<Omit<NoticeReceived, 'type' | 'v'>, ReceiptState, NoticeReceived, 'other-body'> = {
  initialState: null,
  decide: (command, state) => {
    if (state === null) return accept<NoticeReceived>({ type: 'NoticeReceived', v: 1, ...command });
    return state.bodySha256 === command.bodySha256 ? nothing : reject(OTHER_BODY.code, OTHER_BODY.detail);
  },
  evolve: (_state, event) => event,
};

// The marks let a bundle leave out the aggregates that its function does not use.

export const featureAggregate = /* @__PURE__ */ aggregate(featureDecider, STATE_VERSION, FeatureState, FeatureEvent);

export const receiptAggregate = /* @__PURE__ */ aggregate(receiptDecider, 1, ReceiptState, NoticeReceived);

export const documentAggregate = /* @__PURE__ */ aggregate(
  documentDecider,
  DOCUMENT_STATE_VERSION,
  DocumentState,
  DocumentPartKept,
);

export const policyAggregate = /* @__PURE__ */ aggregate(policyDecider, POLICY_STATE_VERSION, PolicyState, PolicyEvent);

export const rosterAggregate = /* @__PURE__ */ aggregate(rosterDecider, ROSTER_STATE_VERSION, RosterState, RosterEvent);

export const vendorAggregate = /* @__PURE__ */ aggregate(vendorDecider, VENDOR_STATE_VERSION, VendorState, VendorEvent);

export const observationAggregate = /* @__PURE__ */ aggregate(
  observationDecider,
  OBSERVATION_STATE_VERSION,
  ObservationState,
  ObservationEvent,
);

const accessAggregate = /* @__PURE__ */ aggregate(accessDecider, ACCESS_STATE_VERSION, AccessState, AccessEvent);

/** The redactions of one digest, by place: stream `redaction/<hex of the digest>`. */
export const redactionAggregate = /* @__PURE__ */ aggregate(
  redactionDecider,
  REDACTION_STATE_VERSION,
  RedactionState,
  RedactionEvent,
);

/** The revocations that could not enter the stream of their feature: stream `revocation`. */
export const revocationAggregate = /* @__PURE__ */ aggregate(
  revocationDecider,
  REVOCATION_STATE_VERSION,
  RevocationState,
  RevocationRecorded,
);

export const settingsAggregate = /* @__PURE__ */ aggregate(settingsDecider, SETTINGS_STATE_VERSION, SettingsState, SettingsEvent);

export const logAggregate = /* @__PURE__ */ aggregate(logDecider, LOG_STATE_VERSION, LogState, CheckpointSigned);

/** The hand-overs of a log's key: stream `logbook/<origin>`. */
export const logbookAggregate = /* @__PURE__ */ aggregate(logbookDecider, LOGBOOK_STATE_VERSION, LogbookState, LogKeyAnnounced);

interface Reads {
  readonly store: Store;
}

export const readPolicies = async ({ store }: Reads): Promise<PolicyState> =>
  (await load(store, policyAggregate, POLICY_STREAM)).state;

export const policyEvents = async ({ store }: Reads): Promise<readonly PolicyEvent[]> => {
  const events: PolicyEvent[] = [];
  for await (const commit of commitsAbove(store, POLICY_STREAM, 0)) events.push(...eventsOf(policyAggregate, commit));
  return events;
};

/** `rosters`: the one in force has the seats of the policy in force; `stored`: the rosters as in the log. */
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

/** Returns what an operator issued, with one strongly consistent read; null if the stream is empty. */
export const readAccess = async (store: Store, stream: string): Promise<AccessState> =>
  (await load(store, accessAggregate, stream)).state;

export const orderAccess = (
  ports: SubmitPorts,
  stream: string,
  order: { readonly commandId: string; readonly actor: string; readonly command: (at: string) => AccessCommand },
): Promise<Submitted<AccessState, AccessEvent, AccessRejection>> => submit(ports, accessAggregate, { stream, ...order });

/**
 * Revokes what an operator issued; false if it is unknown. Throws StoreUnavailable if the revocation may not have been recorded, and
 * CorruptStore if the stream cannot be read, which is refused anyway until it can.
 */
export const revokeAccess = async (ports: SubmitPorts, stream: string, commandId: string): Promise<boolean> => {
  const done = await orderAccess(ports, stream, { commandId, actor: 'operator', command: (at) => ({ type: 'revoke', at }) });
  if (done.ok) return true;
  if (done.rejection.code === 'no-such-access') return false;
  throw new StoreUnavailable(done.rejection.detail);
};

export const readLogbook = async (store: Store, origin: string): Promise<LogbookState> =>
  (await load(store, logbookAggregate, logbookStream(origin))).state;

/** The aggregate of each kind of stream. A state is passed only to the `evolve` of its own aggregate. */
const BY_KIND = {
  access: accessAggregate,
  feature: featureAggregate,
  receipt: receiptAggregate,
  document: documentAggregate,
  policy: policyAggregate,
  roster: rosterAggregate,
  vendor: vendorAggregate,
  observation: observationAggregate,
  redaction: redactionAggregate,
  revocation: revocationAggregate,
  settings: settingsAggregate,
  log: logAggregate,
  logbook: logbookAggregate,
};

const aggregateOf = (stream: string): Aggregate<unknown, unknown, unknown, string> => {
  const [name = ''] = stream.split('/');
  if (!Object.hasOwn(BY_KIND, name)) throw new Error(`no aggregate has the stream ${stream}`);
  return BY_KIND[name as keyof typeof BY_KIND] as unknown as Aggregate<unknown, unknown, unknown, string>;
};

/** Folds events of a stream onto the state before them, undefined before the first. Throws on another stream's or an unknown event. */
export const foldStream = (stream: string, before: unknown, events: readonly JsonObject[]) => {
  const { decider, parseEvent } = aggregateOf(stream);
  const parsed = events.map(parseEvent);
  return { state: parsed.reduce(decider.evolve, before === undefined ? decider.initialState : before), events: parsed };
};

/** The version of the states that today's code writes. Throws on a stream without an aggregate. */
export const stateVersionOf = (stream: string): number => aggregateOf(stream).stateVersion;
