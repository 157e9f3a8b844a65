import { advanceTo } from '../../../domain/feature/due.ts';
import { CITY, changeId, featureStream, POLICY_KEY } from '../../../domain/feature/keys.ts';
import { DESCRIPTION_CHARS_MAX, type Notice } from '../../../domain/feature/notice.ts';
import { type ChangeStatus, openChanges } from '../../../domain/feature/state.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { Rejection } from '../../../domain/kernel/decider.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { checkPolicy, POLICY_CHANGE } from '../../../domain/policy/check.ts';
import { type PolicyCommand, type PolicyRejection, policyDigest } from '../../../domain/policy/decide.ts';
import type { Policy } from '../../../domain/policy/schema.ts';
import { POLICY_STREAM } from '../../../domain/policy/state.ts';
import { policyAggregate, readPolicies } from '../../gate/aggregates.ts';
import { orderFeature } from '../../gate/feature.ts';
import { type IntakeRejection, intake, type Received } from '../../gate/intake.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { walkFeed } from '../../platform/feed/sweep.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type StoreRejection, submit } from '../../platform/store/submit.ts';
import { readChange, readFeature } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';

/** The result of filing a policy: it is in force as version `number`, or it is a change that `waits` for approval. */
type PolicyOutcome =
  | { readonly ok: true; readonly status: 'in-force'; readonly number: number; readonly sha256: string }
  | { readonly ok: true; readonly status: 'waiting'; readonly waits: Received; readonly sha256: string }
  | { readonly ok: false; readonly rejection: Rejection<PolicyRejection | StoreRejection> | IntakeRejection };

/** Returns the notice that puts a policy to the vote under the one in force. The document's hash is the policy's digest. */
const policyNotice = (policy: Policy, sha256: string, url: string): Notice => {
  const text = JSON.stringify(policy, null, 2);
  return {
    feature: POLICY_KEY,
    kind: POLICY_CHANGE.kind,
    title: `Policy: ${policy.name}`,
    summary: `Version ${policy.version} of the rules by which the city decides on its vendors' changes.`,
    ...(text.length <= DESCRIPTION_CHARS_MAX && { description: text }),
    version: policy.version,
    optOut: 'yes',
    impact: { ...POLICY_CHANGE.impact },
    documents: [{ title: 'The policy', kind: 'policy', url: `${url}/rules`, sha256 }],
  };
};

const propose = async (ports: GatePorts, policy: JsonValue): Promise<PolicyOutcome> => {
  const { roster } = await readRules(ports);
  const proposed = await submit(ports, policyAggregate, {
    stream: POLICY_STREAM,
    commandId: `policy-propose/${digestOf(canonical(policy))}`,
    actor: 'operator',
    notBefore: roster?.since,
    command: (at): PolicyCommand => ({ type: 'proposePolicy', at, policy, roster: roster?.roster ?? null }),
  });
  if (!proposed.ok) return proposed;
  const checked = roster === null ? undefined : checkPolicy(policy, roster.roster);
  if (!checked?.ok) throw new Error('broken invariant: a policy was proposed that is none');
  const digest = policyDigest(checked.policy);
  if (proposed.state.inForce?.sha256 === digest)
    return { ok: true, status: 'in-force', number: proposed.state.inForce.number, sha256: digest };
  const notice = policyNotice(checked.policy, digest.slice('sha256:'.length), ports.url);
  const taken = await intake(ports, {
    vendor: CITY,
    deliveryId: `policy-${digest.slice('sha256:'.length)}-${proposed.state.inForce?.number ?? 0}`,
    actor: 'operator',
    body: new TextEncoder().encode(canonical(notice as JsonValue)),
    notice,
    provenance: {
      channel: 'operator',
      by: 'operator',
      person: null,
      key: null,
      scheme: null,
      message: null,
      heardAt: null,
      evidence: null,
    },
    attachments: [],
    counted: null,
  });
  return taken.ok ? { ok: true, status: 'waiting', waits: taken.received, sha256: digest } : taken;
};

/**
 * Files the operator's policy. The first comes into force immediately; every later one becomes a change of `aldergate.policy`, to be
 * approved under the policy in force, and the result names that change.
 */
export const adoptPolicy = async (ports: GatePorts, policy: JsonValue): Promise<PolicyOutcome> => {
  const state = await readPolicies(ports);
  if (state.inForce !== null) return propose(ports, policy);
  const { roster } = await readRules(ports);
  const done = await submit(ports, policyAggregate, {
    stream: POLICY_STREAM,
    commandId: `policy-adopt/${digestOf(canonical(policy))}`,
    actor: 'operator',
    notBefore: roster?.since,
    command: (at): PolicyCommand => ({ type: 'adoptPolicy', at, policy, roster: roster?.roster ?? null, by: { operator: true } }),
  });
  if (!done.ok) return done;
  if (done.state.inForce === null) throw new Error('broken invariant: a policy was adopted and none is in force');
  return { ok: true, status: 'in-force', number: done.state.inForce.number, sha256: done.state.inForce.sha256 };
};

/** A policy that waits for approval: its change and its digest. */
export interface WaitingPolicy {
  readonly change: string;
  readonly revision: number;
  readonly digest: string;
  readonly status: ChangeStatus;
  readonly sha256: string | null;
}

/** Returns the policy that waits for approval, the newest if several do; undefined if none waits. */
export const waitingPolicy = async (ports: GatePorts): Promise<WaitingPolicy | undefined> => {
  const feature = await ifReadable(readFeature(ports, POLICY_KEY));
  if (feature === undefined) return undefined;
  const open = openChanges(advanceTo(feature.state, ports.clock())).at(-1);
  const reading = open === undefined ? undefined : await ifReadable(readChange(ports, POLICY_KEY, open.number));
  if (open === undefined || reading === undefined) return undefined;
  const document = latestOf(reading.view).notice.documents.find(({ kind }) => kind === 'policy');
  return {
    change: changeId(POLICY_KEY, open.number),
    revision: open.revision,
    digest: open.digest,
    status: open.status,
    sha256: document?.sha256 === undefined ? null : `sha256:${document.sha256}`,
  };
};

/**
 * Binds every open change of every feature to the policy in force, which voids decisions made under another. Returns the number of features
 * that changed.
 */
export const repinAll = async (ports: GatePorts): Promise<number> => {
  const { policy } = await readRules(ports);
  let repinned = 0;
  const prefix = featureStream('');
  for (const stream of (await walkFeed(ports.store)).newest.keys()) {
    if (!stream.startsWith(prefix)) continue;
    const key = stream.slice(prefix.length);
    // Twice: one commit holds at most twenty events, and sixteen changes can be open.
    for (const part of [1, 2]) {
      const commandId = `repin/${policy?.number ?? 0}/${key}/${part}`;
      // A feature that cannot be read is off, and stays off.
      const done = await ifReadable(orderFeature(ports, { key, commandId, actor: 'operator', request: { type: 'repin' } }));
      if (done?.ok && done.appended) repinned += 1;
    }
  }
  return repinned;
};
