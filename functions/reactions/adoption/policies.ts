import { irrevocableChanges } from '../../../domain/feature/decide/revoke.ts';
import { advanceTo } from '../../../domain/feature/due.ts';
import { changesTouched, type FeatureEvent } from '../../../domain/feature/events.ts';
import {
  CITY,
  changeId,
  changeNamed,
  featureOf,
  featureStream,
  isFeatureStream,
  POLICY_KEY,
} from '../../../domain/feature/keys.ts';
import { DESCRIPTION_CHARS_MAX, type Notice } from '../../../domain/feature/notice.ts';
import { presentChange } from '../../../domain/feature/present.ts';
import { type ChangeStatus, isApprovalOf, isOpen, openChanges } from '../../../domain/feature/state.ts';
import { canonical, digestOf } from '../../../domain/kernel/canonical.ts';
import { type Rejected, reject } from '../../../domain/kernel/decider.ts';
import type { JsonValue } from '../../../domain/kernel/json.ts';
import { latest } from '../../../domain/kernel/order.ts';
import { POLICY_CHANGE } from '../../../domain/policy/check.ts';
import {
  isInForce,
  POLICY_STREAM,
  type PolicyCommand,
  type PolicyContent,
  type PolicyRejection,
  policyDigest,
  readContent,
} from '../../../domain/policy/decide.ts';
import type { PolicyEvent } from '../../../domain/policy/events.ts';
import { recordedAgainst } from '../../../domain/revocation/decide.ts';
import type { RuledBodies } from '../../../domain/roster/bodies.ts';
import { checkRoster } from '../../../domain/roster/check.ts';
import type { RosterCommand } from '../../../domain/roster/decide.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { featureAggregate, policyAggregate, policyEvents, readPolicies, rosterAggregate } from '../../gate/aggregates.ts';
import { applyFollowing, dropProposed, entriesOf, keepProposed } from '../../gate/directory.ts';
import { orderFeature, readRevocations } from '../../gate/feature.ts';
import { type Intake, intake, type Received } from '../../gate/intake.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules, zoneVersion } from '../../gate/rules.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import { walkFeed } from '../../platform/feed/consumers.ts';
import { ifReadable } from '../../platform/store/errors.ts';
import { eventsOf } from '../../platform/store/load.ts';
import { type StoreRejection, submit } from '../../platform/store/submit.ts';
import { allDone } from '../../platform/turns.ts';
import { type ChangeReading, readChange, readFeature } from '../../register/project.ts';
import { latestOf } from '../../register/views/changeJson.ts';

/** The policy is in force as version `number`, or its change `waits` for approval. */
type PolicyOutcome =
  | { readonly ok: true; readonly status: 'in-force'; readonly number: number; readonly sha256: string }
  | { readonly ok: true; readonly status: 'waiting'; readonly waits: Received; readonly sha256: string }
  | Rejected<PolicyRejection | StoreRejection>
  | Extract<Intake, { readonly ok: false }>;

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

/** Stores addresses until the vote; they reach the directory with the roster that follows. */
const keepAddresses = async (
  { sideStore }: GatePorts,
  content: PolicyContent,
  file: SentRoster | undefined,
  zone: string,
): Promise<void> => {
  const { newSeats } = content;
  if (file === undefined || newSeats === undefined) return;
  const checked = checkRoster(file.roster, zone);
  if (!checked.ok) return;
  const holders = checked.roster.holders.filter(({ id }) => Object.hasOwn(newSeats.contacts, id));
  await keepProposed(sideStore, policyDigest(content), entriesOf({ ...checked.roster, holders }, file.salt));
};

const deliver = (ports: GatePorts, notice: Notice, deliveryId: string): ReturnType<typeof intake> =>
  intake(ports, {
    vendor: CITY,
    deliveryId,
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

/** Returns the changes that are open, approved to begin later, or in force. */
const standing = async (ports: GatePorts): Promise<readonly number[]> => {
  const feature = await readFeature(ports, POLICY_KEY);
  if (feature === undefined) throw new Error(`${POLICY_KEY} cannot be read`);
  const state = advanceTo(feature.state, ports.clock());
  return state.changes.filter((change) => isOpen(change) || isApprovalOf(state, change.number)).map(({ number }) => number);
};

/** Proposes a policy. While it waits, proposing it again is the same change; afterwards another one. `after`: the last closed one. */
const putToVote = async (ports: GatePorts, content: PolicyContent, number: number, after = 0): Promise<PolicyOutcome> => {
  const sha256 = policyDigest(content);
  const notice = policyNotice(content, sha256.slice('sha256:'.length), ports.url);
  // A gate that moved names another address in it.
  const name = `policy-${digestOf(canonical(notice as JsonValue)).slice('sha256:'.length)}-${number}`;
  const taken = await deliver(ports, notice, after === 0 ? name : `${name}-after-${after}`);
  if (!taken.ok) return taken;
  const n = changeNamed(taken.received.change)?.number ?? 0;
  if (n > after && !(await standing(ports)).includes(n)) return putToVote(ports, content, number, n);
  return { ok: true, status: 'waiting', waits: taken.received, sha256 };
};

/** Features read concurrently, so that a city of thousands is checked within a request. */
const ASKED_AT_ONCE = 20;

const ofEachFeature = async <T>({ store }: GatePorts, ask: (key: string) => Promise<T>): Promise<readonly T[]> => {
  const keys = [...(await walkFeed(store)).newest.keys()].filter(isFeatureStream).map(featureOf);
  const answers: T[] = [];
  for (let from = 0; from < keys.length; from += ASKED_AT_ONCE)
    answers.push(...(await allDone(keys.slice(from, from + ASKED_AT_ONCE).map(ask))));
  return answers;
};

/**
 * Returns why these bodies may not follow those in force: approvals that no one could then switch off. Without the city's own policy, which
 * stays in force even if its approval ends.
 */
const stuckUnder = async (
  ports: GatePorts,
  inForce: RuledBodies,
  bodies: RuledBodies,
): Promise<Rejected<'policy-refused'> | undefined> => {
  if (canonical(inForce) === canonical(bodies)) return undefined;
  const ofOne = async (key: string): Promise<readonly string[]> => {
    const feature = key === POLICY_KEY ? undefined : await ifReadable(readFeature(ports, key));
    return feature === undefined
      ? []
      : irrevocableChanges(advanceTo(feature.state, ports.clock()), bodies).map((number) => changeId(key, number));
  };
  const stuck = (await ofEachFeature(ports, ofOne)).flat();
  if (stuck.length === 0) return undefined;
  const named = stuck.slice(0, 5).join(', ');
  return reject('policy-refused', `No one could switch off ${named}: keep a body that approved it until that ends.`);
};

/**
 * Files the operator's policy. The first comes into force at once, with the bodies of the roster in force; every later one becomes a
 * change of `aldergate.policy`. With a roster file it changes the bodies and their seats too, and names the holders of new seats.
 */
export const adoptPolicy = async (ports: GatePorts, policy: JsonValue, file?: SentRoster): Promise<PolicyOutcome> => {
  const [before, { roster }, { zone, since }] = await Promise.all([readPolicies(ports), readRules(ports), zoneVersion(ports)]);
  const type = before.inForce === null ? 'adoptFirstPolicy' : 'proposePolicy';
  const command = (at: string) => ({ type, at, zone, policy, roster, file }) as const;
  const next = file === undefined ? undefined : readContent(command(ports.clock()), before);
  const stuck = before.inForce !== null && next?.ok === true && (await stuckUnder(ports, before.inForce.bodies, next.bodies));
  if (stuck) return stuck;
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
  const keep = () => keepAddresses(ports, proposed, file, zone);
  await keep();
  const outcome = await putToVote(ports, proposed, inForce.number);
  // Until it stood they could be deleted with those of an earlier vote on it.
  await keep();
  return outcome;
};

export interface WaitingPolicy {
  readonly change: string;
  readonly revision: number;
  readonly digest: string;
  readonly status: ChangeStatus;
  readonly sha256: string | null;
}

/** Returns the newest waiting policy; undefined if none waits. */
export const waitingPolicy = async (ports: GatePorts): Promise<WaitingPolicy | undefined> => {
  const feature = await ifReadable(readFeature(ports, POLICY_KEY));
  if (feature === undefined) return undefined;
  const open = openChanges(advanceTo(feature.state, ports.clock())).at(-1);
  const reading = open === undefined ? undefined : await ifReadable(readChange(ports, POLICY_KEY, open.number));
  if (open === undefined || reading === undefined) return undefined;
  return {
    change: changeId(POLICY_KEY, open.number),
    revision: open.revision,
    digest: open.digest,
    status: open.status,
    sha256: policyIn(reading) ?? null,
  };
};

const DOCUMENT_KIND = 'policy';

/** Returns the digest of the policy that a change names; undefined if it names none, or several. */
const policyIn = ({ view }: ChangeReading): string | undefined => {
  const [document, ...more] = latestOf(view).notice.documents.filter(({ kind }) => kind === DOCUMENT_KIND);
  return document?.sha256 === undefined || more.length > 0 ? undefined : `sha256:${document.sha256}`;
};

const repin = async (ports: GatePorts, key: string, policy: number): Promise<boolean> => {
  let isRepinned = false;
  // Twice: one commit holds at most twenty events, and sixteen changes can be open.
  for (const part of [1, 2]) {
    const commandId = `repin/${policy}/${key}/${part}`;
    // A feature that cannot be read is off, and stays off.
    const done = await ifReadable(orderFeature(ports, { key, commandId, actor: 'operator', request: { type: 'repin' } }));
    isRepinned ||= done?.ok === true && done.appended;
  }
  return isRepinned;
};

/** Binds every open change to the policy in force, which voids decisions made under another. Returns how many features changed. */
export const repinAll = async (ports: GatePorts): Promise<number> => {
  const { policy } = await readRules(ports);
  const repinned = await ofEachFeature(ports, (key) => repin(ports, key, policy?.number ?? 0));
  return repinned.filter((isRepinned) => isRepinned).length;
};

type Adopted = Extract<PolicyEvent, { type: 'PolicyAdopted' }>;
type Outcome = { readonly ok: true } | Rejected<string>;

/** Reports whether a waiting approval begins. That must be recorded, not only due: it precedes the adoption in the log. */
const isBeginning = (event: FeatureEvent): boolean =>
  event.type === 'ApprovalBegan' || (event.type === 'ChangeApproved' && event.becomes === 'in-force');

/** Returns the approved policy; undefined unless the approval is in force and no revocation is recorded against it. */
const approvedPolicy = async (ports: GatePorts, change: number) => {
  const reading = await readChange(ports, POLICY_KEY, change);
  if (reading === undefined) throw new Error(`${changeId(POLICY_KEY, change)} cannot be read`);
  const revoked = recordedAgainst(await readRevocations(ports.store), advanceTo(reading.state, ports.clock()));
  if (revoked?.startsWith(`${changeId(POLICY_KEY, change)}/`) === true) return undefined;
  const view = presentChange(reading, ports.clock());
  if (view.status !== 'approved' || view.approved?.began == null) return undefined;
  const sha256 = policyIn(reading);
  if (sha256 === undefined) throw new Error(`${changeId(POLICY_KEY, change)} does not name exactly one policy by its hash`);
  return { revision: latestOf(view).revision, sha256 };
};

const adopt = async (ports: GatePorts, event: FeatureEvent): Promise<void> => {
  const approved = await approvedPolicy(ports, event.change);
  if (approved === undefined) return;
  const { sha256, revision } = approved;
  const state = await readPolicies(ports);
  const change = changeId(POLICY_KEY, event.change);
  if (state.inForce?.sha256 === sha256 || state.spent.includes(change)) return;
  const [events, { roster }, { zone, since }] = await Promise.all([policyEvents(ports), readRules(ports), zoneVersion(ports)]);
  const proposal = events.find((each) => each.sha256 === sha256);
  // Approved during the vote. Once such an approval has ended, the parked commit can be replayed.
  const stuck = proposal && state.inForce && (await stuckUnder(ports, state.inForce.bodies, proposal.bodies));
  if (stuck) mustBeTaken(stuck, change);
  const adopted = await submit(ports, policyAggregate, {
    stream: POLICY_STREAM,
    commandId: `policy-change/${change}`,
    actor: 'clock',
    notBefore: latest(event.at, since, roster?.since),
    command: (at): PolicyCommand => ({ type: 'adoptPolicy', at, zone, sha256, proposal, roster, by: { change, revision } }),
  });
  mustBeTaken(adopted, change);
};

/** Throws Unavailable if a repeat can help. */
const mustBeTaken = (outcome: Outcome, what: string): void => {
  if (outcome.ok) return;
  const { code, detail } = outcome.rejection;
  throw code === 'contended' ? new Unavailable(detail) : new Error(`${what}: ${code}: ${detail}`);
};

/**
 * Brings the roster into force that follows from an adopted policy, with the addresses of its new holders. Completes a crash between the two
 * commits; until then the seats of the policy count and the new ones are vacant.
 */
const follow = async (ports: GatePorts, { number, sha256, at, bodies, newSeats }: Adopted): Promise<void> => {
  const [{ zone, since }, { inForce }] = await Promise.all([zoneVersion(ports), readPolicies(ports)]);
  const followed = await submit(ports, rosterAggregate, {
    stream: ROSTER_STREAM,
    commandId: `roster-follows/${number}`,
    actor: 'clock',
    notBefore: latest(at, since),
    command: (now): RosterCommand => ({
      type: 'followPolicy',
      at: now,
      zone,
      policy: number,
      since: at,
      rules: inForce?.bodies ?? bodies,
      bodies,
      ...(newSeats !== undefined && { newSeats }),
    }),
  });
  mustBeTaken(followed, `policy ${number}`);
  await applyFollowing(ports, sha256);
};

/**
 * Deletes the addresses that came with a change's policy, if no change can bring it into force any more. Those of an adopted policy are
 * handled with the roster that follows.
 */
const forgetAddresses = async (ports: GatePorts, change: number): Promise<void> => {
  const [may, { spent }] = await Promise.all([standing(ports), readPolicies(ports)]);
  if (may.includes(change) || spent.includes(changeId(POLICY_KEY, change))) return;
  const [policy, ...others] = (await Promise.all([change, ...may].map((n) => readChange(ports, POLICY_KEY, n)))).map(
    (reading) => reading && policyIn(reading),
  );
  if (policy !== undefined && !others.includes(policy)) await dropProposed(ports.sideStore, policy);
};

/**
 * Brings a policy into force once its change is approved, then the roster that follows from it. A consumer of the feed, which repeats after a
 * crash. A waiting approval adopts once it begins; a replaced or revoked one adopts nothing. The addresses of a policy that was not adopted
 * are deleted.
 */
export const policyAdopter = (ports: GatePorts): Consumer => ({
  name: 'policy-adoption',
  wants: (stream) => stream === featureStream(POLICY_KEY) || stream === POLICY_STREAM,
  handle: async (commit) => {
    if (commit.stream === POLICY_STREAM) {
      for (const event of eventsOf(policyAggregate, commit)) if (event.type === 'PolicyAdopted') await follow(ports, event);
      return;
    }
    const events = eventsOf(featureAggregate, commit);
    for (const change of new Set(events.flatMap(changesTouched))) await forgetAddresses(ports, change);
    for (const event of events) if (isBeginning(event)) await adopt(ports, event);
  },
});
