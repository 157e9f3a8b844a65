import type { EventOf } from '../../../domain/feature/events.ts';
import { changeId, featureStream, POLICY_KEY } from '../../../domain/feature/keys.ts';
import type { Rejected } from '../../../domain/kernel/decider.ts';
import { latest } from '../../../domain/kernel/order.ts';
import type { PolicyCommand } from '../../../domain/policy/decide.ts';
import type { PolicyEvent } from '../../../domain/policy/events.ts';
import { POLICY_STREAM } from '../../../domain/policy/state.ts';
import type { RosterCommand } from '../../../domain/roster/decide.ts';
import { ROSTER_STREAM } from '../../../domain/roster/state.ts';
import { featureAggregate, policyAggregate, readPolicies, rosterAggregate } from '../../gate/aggregates.ts';
import { applyFollowing } from '../../gate/directory.ts';
import type { GatePorts } from '../../gate/ports.ts';
import { readRules } from '../../gate/rules.ts';
import { zoneVersion } from '../../gate/settings.ts';
import { type Consumer, Unavailable } from '../../platform/feed/consumer.ts';
import { eventsOf } from '../../platform/store/load.ts';
import { submit } from '../../platform/store/submit.ts';
import { presentChange, readChange } from '../../register/read.ts';
import { latestOf } from '../../register/views/changeJson.ts';

type Adopted = Extract<PolicyEvent, { type: 'PolicyAdopted' }>;
type Outcome = { readonly ok: true } | Rejected<string>;

const DOCUMENT_KIND = 'policy';

type Begins = EventOf<'ChangeApproved'> | EventOf<'ApprovalBegan'>;

interface ApprovedPolicy {
  readonly revision: number;
  readonly sha256: string;
}

/** Undefined unless the approval is in force. */
const approvedPolicy = async (ports: GatePorts, change: number): Promise<ApprovedPolicy | undefined> => {
  const reading = await readChange(ports, POLICY_KEY, change);
  if (reading === undefined) throw new Error(`${changeId(POLICY_KEY, change)} cannot be read`);
  const view = presentChange(reading.view, reading.state, ports.clock());
  if (view.status !== 'approved' || view.approved?.began == null) return undefined;
  const { revision, notice } = latestOf(view);
  const [document, ...more] = notice.documents.filter(({ kind }) => kind === DOCUMENT_KIND);
  if (document?.sha256 === undefined || more.length > 0)
    throw new Error(`${changeId(POLICY_KEY, change)} does not name exactly one policy by its hash`);
  return { revision, sha256: `sha256:${document.sha256}` };
};

const adopt = async (ports: GatePorts, event: Begins): Promise<void> => {
  const approved = await approvedPolicy(ports, event.change);
  if (approved === undefined) return;
  const { sha256, revision } = approved;
  const state = await readPolicies(ports);
  const change = changeId(POLICY_KEY, event.change);
  if (state.inForce?.sha256 === sha256 || state.spent.includes(change)) return;
  const [{ roster }, { zone, since }] = await Promise.all([readRules(ports), zoneVersion(ports)]);
  const adopted = await submit(ports, policyAggregate, {
    stream: POLICY_STREAM,
    commandId: `policy-change/${change}`,
    actor: 'clock',
    notBefore: latest(event.at, since, roster?.since),
    command: (at): PolicyCommand => ({ type: 'adoptPolicy', at, zone, sha256, roster, by: { change, revision } }),
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
 * Brings the roster into force that follows from an adopted policy, with the addresses of its new holders. A crash between the two
 * commits heals here: until then the seats of the policy count and the new ones are vacant.
 */
const follow = async (ports: GatePorts, { number, sha256, at, bodies, newSeats }: Adopted): Promise<void> => {
  const { zone, since } = await zoneVersion(ports);
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
      bodies,
      ...(newSeats !== undefined && { newSeats }),
    }),
  });
  mustBeTaken(followed, `policy ${number}`);
  await applyFollowing(ports, sha256);
};

/**
 * Brings a policy into force once its change is approved, then the roster that follows from it. A consumer of the feed, so that a crash
 * after either commit heals. An approval that waits adopts once it begins; one that was replaced or revoked adopts nothing.
 */
export const policyAdopter = (ports: GatePorts): Consumer => ({
  name: 'policy-adoption',
  wants: (stream) => stream === featureStream(POLICY_KEY) || stream === POLICY_STREAM,
  handle: async (commit) => {
    if (commit.stream === POLICY_STREAM) {
      for (const event of eventsOf(policyAggregate, commit)) if (event.type === 'PolicyAdopted') await follow(ports, event);
      return;
    }
    for (const event of eventsOf(featureAggregate, commit))
      if (event.type === 'ChangeApproved' || event.type === 'ApprovalBegan') await adopt(ports, event);
  },
});
