import { advanceTo } from '../../../domain/feature/due.ts';
import { CITY, changeId, featureStream, POLICY_KEY } from '../../../domain/feature/keys.ts';
import { DESCRIPTION_CHARS_MAX, type Notice } from '../../../domain/feature/notice.ts';
import { type ChangeStatus, openChanges } from '../../../domain/feature/state.ts';
import { canonical } from '../../../domain/kernel/canonical.ts';
import type { Rejection } from '../../../domain/kernel/decider.ts';
import { digestOf } from '../../../domain/kernel/digest.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { POLICY_CHANGE } from '../../../domain/policy/check.ts';
import { type PolicyContent, policyDigest } from '../../../domain/policy/content.ts';
import { isInForce, type PolicyCommand, type PolicyRejection, readContent } from '../../../domain/policy/decide.ts';
import { POLICY_STREAM } from '../../../domain/policy/state.ts';
import { checkRoster } from '../../../domain/roster/check.ts';
import { policyAggregate, readPolicies } from '../../gate/aggregates.ts';
import { entriesOf, keepProposed } from '../../gate/directory.ts';
import { orderFeature } from '../../gate/feature.ts';
import { type IntakeRejection, intake, type Received } from '../../gate/intake.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { zoneVersion } from '../../gate/settings.ts';
import { walkFeed } from '../../platform/feed/sweep.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { type StoreRejection, submit } from '../../platform/store/submit.ts';
import { readChange, readFeature } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';

/** In force as version `number`, or a change that `waits` for approval. */
type PolicyOutcome =
  | { readonly ok: true; readonly status: 'in-force'; readonly number: number; readonly sha256: string }
  | { readonly ok: true; readonly status: 'waiting'; readonly waits: Received; readonly sha256: string }
  | { readonly ok: false; readonly rejection: Rejection<PolicyRejection | StoreRejection> | IntakeRejection };

/** A file that goes with a policy that changes bodies. `salt`: see `contactsOf`. */
interface SentRoster {
  readonly roster: JsonValue;
  readonly salt: Uint8Array;
}

/** Puts a policy to the vote. The document's hash is the policy's digest. */
const policyNotice = ({ policy, bodies, newSeats }: PolicyContent, sha256: string, url: string): Notice => {
  const text = JSON.stringify({ policy, bodies, ...(newSeats !== undefined && { newSeats }) }, null, 2);
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

/** Until the vote; they reach the directory with the roster that follows. */
const keepAddresses = async (
  { sideStore }: GatePorts,
  content: PolicyContent,
  file: SentRoster | undefined,
  zone: string,
): Promise<void> => {
  const { newSeats } = content;
  const checked = file === undefined || newSeats === undefined ? undefined : checkRoster(file.roster, zone);
  if (file === undefined || newSeats === undefined || !checked?.ok) return;
  const holders = checked.roster.holders.filter(({ id }) => Object.hasOwn(newSeats.contacts, id));
  await keepProposed(sideStore, policyDigest(content), entriesOf({ ...checked.roster, holders }, file.salt));
};

const putToVote = async (ports: GatePorts, content: PolicyContent, number: number): Promise<PolicyOutcome> => {
  const sha256 = policyDigest(content);
  const digest = sha256.slice('sha256:'.length);
  const notice = policyNotice(content, digest, ports.url);
  const taken = await intake(ports, {
    vendor: CITY,
    deliveryId: `policy-${digest}-${number}`,
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
  return taken.ok ? { ok: true, status: 'waiting', waits: taken.received, sha256 } : taken;
};

/**
 * Files the operator's policy. The first comes into force at once, with the bodies of the roster in force; every later one becomes a
 * change of `aldergate.policy`. With a roster file it changes the bodies and their seats too, and names the holders of new seats.
 */
export const adoptPolicy = async (ports: GatePorts, policy: JsonValue, file?: SentRoster): Promise<PolicyOutcome> => {
  const [before, { roster }, { zone, since }] = await Promise.all([readPolicies(ports), readRules(ports), zoneVersion(ports)]);
  const type = before.inForce === null ? 'adoptFirstPolicy' : 'proposePolicy';
  const command = (at: string) => ({ type, at, zone, policy, roster, file }) as const;
  const done = await submit(ports, policyAggregate, {
    stream: POLICY_STREAM,
    commandId: `policy-${type}/${digestOf(canonical({ policy, roster: file?.roster ?? null }))}`,
    actor: 'operator',
    notBefore: latest(since, roster?.since),
    command: (at): PolicyCommand => command(at),
  });
  if (!done.ok) return done;
  const { inForce } = done.state;
  if (inForce === null) throw new Error('broken invariant: a policy was filed and none is in force');
  const content = type === 'proposePolicy' ? readContent(command(ports.clock()), done.state) : undefined;
  if (content === undefined) return { ok: true, status: 'in-force', number: inForce.number, sha256: inForce.sha256 };
  if (!content.ok) return content;
  const { ok: _, ...proposed } = content;
  if (isInForce(proposed, inForce)) return { ok: true, status: 'in-force', number: inForce.number, sha256: inForce.sha256 };
  await keepAddresses(ports, proposed, file, zone);
  return putToVote(ports, proposed, inForce.number);
};

export interface WaitingPolicy {
  readonly change: string;
  readonly revision: number;
  readonly digest: string;
  readonly status: ChangeStatus;
  readonly sha256: string | null;
}

/** The newest if several wait; undefined if none does. */
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

/** Binds every open change to the policy in force, which voids decisions made under another. Returns how many features changed. */
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
